"""`find_inputs`: find the files that a session read, by path or by content, and verify them before anything runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from ithtel.provenance.files import digest_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.object_store import Contents

MAX_SEARCHED = 20_000
"""How many files of a data folder are searched by content."""


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded file, and where it is now; `found` is None if it is missing.

    `path` is relative to the session's folder, or absolute if the file lay outside of it.
    """

    path: str
    sha256: str
    role: Literal["input", "code"]
    label: str
    found: Path | None
    place: Literal["path", "data", "store", "nowhere"]
    is_verified: bool

    @property
    def is_outside(self) -> bool:
        """Whether the file lay outside of the session's folder."""
        return Path(self.path).expanduser().is_absolute() or self.path.startswith("..")


def find_inputs(history: History, folder: Path, data: Path | None, contents: Contents) -> list[InputFile]:
    """Return, in order, the files and modules that the session read and had not written itself."""
    search = _Search(data)
    return [
        _find(path, sha256, role, label, folder, search, contents)
        for path, sha256, role, label in _recorded(history)
    ]  # fmt: skip


def _recorded(history: History) -> Iterator[tuple[str, str, Literal["input", "code"], str]]:
    known: set[str] = set()
    for execution in history.executions:
        for role, files in (("input", execution.files), ("input", execution.data), ("code", execution.code)):
            for path, sha256 in files.items():
                if path not in known and sha256 is not None and _is_file_name(path, sha256):
                    known.add(path)
                    yield path, sha256, role, execution.label  # type: ignore[misc]
        known |= execution.written.keys()


def _is_file_name(path: str, sha256: str) -> bool:
    """Return whether a source is a file with a file's digest, and not a name such as `synthetic:walk`."""
    return not sha256.startswith("sha256:") and (":" not in path or path[1:3] in {":/", ":\\"})


def _find(  # noqa: PLR0917
    path: str, sha256: str, role: Literal["input", "code"], label: str, folder: Path, search: _Search,
    contents: Contents,
) -> InputFile:  # fmt: skip
    here = folder / Path(path).expanduser()
    digest = digest_or_none(here)
    found: Path | None = here if digest is not None else None
    place: Literal["path", "data", "store", "nowhere"] = "path" if found else "nowhere"
    if digest != sha256:
        for elsewhere, where in ((search.find(sha256, here.name), "data"), (contents.path(sha256), "store")):
            if elsewhere is not None and digest_or_none(elsewhere) == sha256:
                found, digest, place = elsewhere, sha256, where  # type: ignore[assignment]
                break
    return InputFile(
        path=path, sha256=sha256, role=role, label=label, found=found, place=place, is_verified=digest == sha256
    )


class _Search:
    """Finds files of a folder by their content, files of the same name first."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: list[Path] | None = None
        self._digests: dict[str, Path] = {}

    def find(self, sha256: str, name: str) -> Path | None:
        if self._folder is None:
            return None
        if sha256 in self._digests:
            return self._digests[sha256]
        if self._files is None:
            self._files = list(_walk(self._folder))[:MAX_SEARCHED]
        self._files.sort(key=lambda path: path.name != name)
        while self._files:
            path = self._files.pop(0)
            digest = digest_or_none(path)
            if digest is not None:
                self._digests.setdefault(digest, path)
            if digest == sha256:
                return path
        return None


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(root) / name for name in sorted(names))
