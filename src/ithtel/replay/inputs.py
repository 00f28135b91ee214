"""The files that a session started from: found by path, else by content, and checked before anything runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from ithtel.errors import IthtelError
from ithtel.provenance.files import fingerprint_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.object_store import Contents

MAX_SEARCHED = 20_000
"""Files of a data folder that are looked into by content."""


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the record, and where it is now. `found` is None where it is nowhere.

    `path` is relative to the session's folder, or absolute where it lay outside.
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
        """Whether it lay outside the session's folder."""
        return Path(self.path).expanduser().is_absolute() or self.path.startswith("..")


def find_inputs(history: History, folder: Path, data: Path | None, contents: Contents) -> list[InputFile]:
    """Return the files that the session read and did not write itself, its own modules among them, in order."""
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
    """Say whether a source is a file, not a name such as `synthetic:walk`, and its digest that of a file."""
    return not sha256.startswith("sha256:") and (":" not in path or path[1:3] in {":/", ":\\"})


def _find(  # noqa: PLR0917
    path: str, sha256: str, role: Literal["input", "code"], label: str, folder: Path, search: _Search,
    contents: Contents,
) -> InputFile:  # fmt: skip
    here = folder / Path(path).expanduser()
    digest = _digest(here)
    found: Path | None = here if digest is not None else None
    place: Literal["path", "data", "store", "nowhere"] = "path" if found else "nowhere"
    if digest != sha256:
        for elsewhere, where in ((search.find(sha256, here.name), "data"), (contents.path(sha256), "store")):
            if elsewhere is not None and _digest(elsewhere) == sha256:
                found, digest, place = elsewhere, sha256, where  # type: ignore[assignment]
                break
    return InputFile(
        path=path, sha256=sha256, role=role, label=label, found=found, place=place, is_verified=digest == sha256
    )


class _Search:
    """Finds files of a folder by their content, those of the same name first."""

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
            digest = _digest(path)
            if digest is not None:
                self._digests.setdefault(digest, path)
            if digest == sha256:
                return path
        return None


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(root) / name for name in sorted(names))


def _digest(path: Path) -> str | None:
    try:
        return fingerprint_file(path).sha256
    except (IthtelError, OSError):
        return None
