"""`ObjectStore`, `Keeper`: content kept on request by its digest, so that the log is enough when the files are gone."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.errors import SettingError, did_you_mean
from ithtel.events import Event, FileRead, GitState, ModuleLoaded
from ithtel.events.format.files import object_path
from ithtel.provenance.git import git_diff
from ithtel.provenance.network.cassette import require_network
from ithtel.recording.quantities import needed_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ithtel.recording.settings import Settings

KEEPABLE = ("inputs", "code", "outputs", "network")
KEPT_EVENTS = (FileRead, ModuleLoaded, GitState)
BLOCK = 1 << 20


class ObjectStore:
    """Files named after the digest of their content, in the log folder. Each is written once, whole or not at all.

    Args:
        log_dir: The folder of the logs.
        limit_bytes: Larger content is not kept.
        file_mode: Permissions of the files.
        folder_mode: Permissions of the folders.
    """

    def __init__(
        self, log_dir: Path, *, limit_bytes: int = 50_000_000, file_mode: int = 0o600, folder_mode: int = 0o700
    ) -> None:
        self._log_dir = log_dir
        self._file_mode, self._folder_mode = file_mode, folder_mode
        self.limit_bytes = limit_bytes

    def put(self, content: bytes | memoryview, sha256: str | None = None) -> bool:
        """Keep content and return whether it is kept; it is not if its digest differs from `sha256`.

        >>> import tempfile
        >>> ObjectStore(Path(tempfile.mkdtemp())).put(b"abc")
        True
        """
        if memoryview(content).nbytes > self.limit_bytes:
            return False
        digest = hashlib.sha256(content).hexdigest()
        return (sha256 is None or digest == sha256) and self._write(digest, lambda: iter([bytes(content)]))

    def put_new(self, content: bytes) -> str | None:
        """Keep content and return its digest; None if it is not kept."""
        digest = hashlib.sha256(content).hexdigest()
        return digest if self.put(content, digest) else None

    def put_file(self, path: Path, sha256: str) -> bool:
        """Keep the content of a file, unless it has changed."""
        try:
            if path.stat().st_size > self.limit_bytes:
                return False
            return self._write(sha256, lambda: _blocks(path))
        except OSError:
            return False

    def _write(self, sha256: str, content: Callable[[], Iterator[bytes]]) -> bool:
        target = object_path(self._log_dir, sha256)
        if target.exists():
            return True
        folder = target.parent
        folder.mkdir(parents=True, exist_ok=True, mode=self._folder_mode)
        partial = folder / f".{target.name}.{secrets.token_hex(4)}"
        digest = hashlib.sha256()
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self._file_mode)
            with os.fdopen(descriptor, "wb") as file:
                for block in content():
                    digest.update(block)
                    file.write(block)
            if digest.hexdigest() == sha256:
                partial.replace(target)
                return True
            return False
        finally:
            partial.unlink(missing_ok=True)


class Keeper:
    """Keeps the content that the setting `keep` names, as events report it."""

    def __init__(self, store: ObjectStore, kinds: frozenset[str], folder: Path) -> None:
        self.store = store
        self.kinds = kinds
        self._folder = folder

    @classmethod
    def of(cls, settings: Settings, log_path: Path | None) -> Keeper | None:
        """Return a keeper for the folder of a log, None if nothing is to be kept.

        Raises:
            SettingError: `keep` or `keep_limit` is invalid.
            MissingPackageError: The network is to be kept, and vcrpy is not installed.
        """
        kinds = parse_keep(settings.keep)
        if "network" in kinds:
            require_network()
        limit = needed_bytes("keep_limit", settings.keep_limit)
        if not kinds or log_path is None or settings.private:
            return None
        store = ObjectStore(
            log_path.absolute().parent.parent,
            limit_bytes=limit if limit is not None else 50_000_000,
            file_mode=int(settings.file_mode, 8),
            folder_mode=int(settings.folder_mode, 8),
        )
        return cls(store, kinds, Path.cwd())

    def see(self, event: Event) -> None:
        """Keep the content that an event is about; ignore content that cannot be kept."""
        try:
            match event:
                case FileRead(path=path, sha256=str() as digest) if "inputs" in self.kinds:
                    self.store.put_file(Path(path).expanduser(), digest)
                case ModuleLoaded(path=path, sha256=digest) if "code" in self.kinds:
                    self.store.put_file(Path(path).expanduser(), digest)
                case GitState(diff_sha256=str() as digest) if "code" in self.kinds:
                    diff = git_diff(self._folder)
                    if diff is not None:
                        self.store.put(diff, digest)
                case _:
                    return
        except (OSError, RuntimeError):
            return


def parse_keep(text: str) -> frozenset[str]:
    """Return the kinds of content that the setting `keep` names.

    Raises:
        SettingError: A word is not a kind of content.

    >>> sorted(parse_keep("inputs,code"))
    ['code', 'inputs']
    """
    words = [word for word in text.replace(",", " ").split() if word != "none"]
    for word in words:
        if word not in KEEPABLE:
            raise SettingError(f"setting 'keep' does not take {word!r}{did_you_mean(word, KEEPABLE)}")
    return frozenset(words)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
