"""`find_inputs`: find the files that a session read, by path or by content, and verify them before anything runs."""

from __future__ import annotations

import os
import posixpath
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from ithtel.provenance.files import digest_or_none
from ithtel.replay.copying.placing import is_absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.object_store import Contents

Role = Literal["input", "code"]
Place = Literal["path", "data", "store", "nowhere"]
MAX_SEARCHED = 20_000
"""How many files of a data folder are searched by content."""
MAX_DIGESTED = 10_000_000_000
"""How many bytes are digested for one plan, which takes about 10 s."""
MAX_CODE_BYTES = 100_000_000
"""The size of a module is not recorded; a larger file is not one."""


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded file, and where it is now; `found` is None if it is missing.

    `path` is relative to the session's folder; it begins with `../` if the file lay above of that, and is absolute if
    it lay elsewhere. `overwritten_by` is the cell that wrote the file after it was read.
    """

    path: str
    sha256: str
    role: Role
    label: str
    found: Path | None
    place: Place
    is_verified: bool
    overwritten_by: str | None = None

    @property
    def is_outside(self) -> bool:
        """Whether the file is used at its own place, because no copy of the session's folder can hold it."""
        return is_absolute(self.path)


def find_inputs(history: History, folder: Path, data: Path | None, contents: Contents) -> list[InputFile]:
    """Return, in order, the files and modules that the session read and had not written itself."""
    digests = _Digests()
    search = _Search(data, digests)
    overwritten = _overwritten(history)
    folders = [folder, Path(history.cwd)] if history.cwd else [folder]  # the session's folder may have moved alone
    return [_find(each, folders, search, contents, overwritten.get(each.path)) for each in _recorded(history)]


def session_made(history: History) -> set[str]:
    """Return the files that the session wrote and that were not there before: a replay must start without them."""
    found: dict[str, bool] = {}
    for execution in history.executions:
        for path in (*execution.files, *execution.data, *execution.code):
            found.setdefault(path, False)
        for path, file in execution.written.items():
            found.setdefault(path, file.existed is False)
    return {path for path, is_made in found.items() if is_made}


def folders_before(history: History) -> list[str]:
    """Return the folders that were there before the session and that it wrote files into."""
    found: dict[str, None] = {}
    for execution in history.executions:
        for path, file in execution.written.items():
            if file.existed is not None:  # else an older record, which does not know
                found[posixpath.dirname(file.made_folder or path)] = None
    return [folder for folder in found if folder]


def lost_inputs(history: History) -> Iterator[tuple[str, str]]:
    """Yield the files, with their cells, that a cell read and then changed without a record of what they held."""
    written: set[str] = set()
    for execution in history.executions:
        for path, sha256 in execution.files.items():
            file = execution.written.get(path)
            if sha256 is None and path not in written and file is not None and file.existed:
                yield path, execution.label
        written |= execution.written.keys()


class _Recorded(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    sha256: str
    role: Role
    label: str
    size_bytes: int | None


def _recorded(history: History) -> Iterator[_Recorded]:
    known: set[str] = set()
    for execution in history.executions:
        given: tuple[tuple[Role, dict[str, str | None]], ...] = (
            ("input", execution.files), ("input", execution.data), ("code", execution.code),
        )  # fmt: skip
        for role, files in given:
            for path, sha256 in files.items():
                if path not in known and sha256 is not None and _is_file_name(path, sha256):
                    known.add(path)
                    size = execution.sizes.get(path)
                    yield _Recorded(path=path, sha256=sha256, role=role, label=execution.label, size_bytes=size)
        known |= execution.written.keys()


def _overwritten(history: History) -> dict[str, str]:
    """Return the cell that first wrote each file after it was read."""
    read: set[str] = set()
    found: dict[str, str] = {}
    for execution in history.executions:
        read |= execution.files.keys() | execution.data.keys()
        for path in execution.written.keys() & read:
            found.setdefault(path, execution.label)
    return found


def _is_file_name(path: str, sha256: str) -> bool:
    """Return whether a source is a file with a file's digest, and not a name such as `synthetic:walk`."""
    return not sha256.startswith("sha256:") and (":" not in path or path[1:3] in {":/", ":\\"})


def _find(
    recorded: _Recorded, folders: list[Path], search: _Search, contents: Contents, overwritten_by: str | None
) -> InputFile:
    path, sha256, size = recorded.path, recorded.sha256, recorded.size_bytes
    above = folders if path.startswith("../") else folders[:1]
    here = next((file for file in (_present(folder, path) for folder in above) if file is not None), None)
    digest = None if here is None else search.digests.of(here, size, is_code=recorded.role == "code")
    found: Path | None = here
    place: Place = "path" if here is not None else "nowhere"
    if digest != sha256:
        elsewhere: tuple[tuple[Path | None, Place], ...] = (
            (search.find(sha256, Path(path).name, size), "data"), (contents.path(sha256), "store"),
        )  # fmt: skip
        for other, where in elsewhere:
            if other is not None and search.digests.of(other, size) == sha256:
                found, digest, place = other, sha256, where
                break
    return InputFile(
        path=path, sha256=sha256, role=recorded.role, label=recorded.label, found=found, place=place,
        is_verified=digest == sha256, overwritten_by=overwritten_by,
    )  # fmt: skip


def _present(folder: Path, path: str) -> Path | None:
    """Return the ordinary file at a recorded path; None if there is none, or a folder, device or pipe."""
    try:
        here = folder.expanduser() / Path(path).expanduser()
        return here if here.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


class _Digests:
    """Digests ordinary files that can be the recorded ones, and only so many that a plan ends in time."""

    def __init__(self) -> None:
        self._left = MAX_DIGESTED

    def of(self, path: Path, size_bytes: int | None, *, is_code: bool = False) -> str | None:
        """Return the digest of a file; None if it has another size than the recorded one, or cannot be read."""
        try:
            status = path.stat()
        except (OSError, ValueError):
            return None
        limit = MAX_CODE_BYTES if is_code else self._left
        if not stat.S_ISREG(status.st_mode) or status.st_size > min(limit, self._left):
            return None
        if size_bytes is not None and status.st_size != size_bytes:
            return None
        self._left -= status.st_size
        return digest_or_none(path)


class _Search:
    """Finds files of a folder by their content, files of the same name first."""

    def __init__(self, folder: Path | None, digests: _Digests) -> None:
        self.digests = digests
        self._folder = folder
        self._files: list[Path] | None = None
        self._known: dict[Path, str | None] = {}

    def find(self, sha256: str, name: str, size_bytes: int | None) -> Path | None:
        if self._folder is None:
            return None
        if self._files is None:
            self._files = [path for path, _ in zip(_walk(self._folder), range(MAX_SEARCHED), strict=False)]
        for path in sorted(self._files, key=lambda path: path.name != name):
            if self._digest(path, size_bytes) == sha256:
                return path
        return None

    def _digest(self, path: Path, size_bytes: int | None) -> str | None:
        if path not in self._known:
            digest = self.digests.of(path, size_bytes)
            if digest is None:
                return None  # of another size; the next file that is looked for may have this one
            self._known[path] = digest
        return self._known[path]


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(root) / name for name in sorted(names))
