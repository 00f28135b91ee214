"""Where lines come from: files, or memory. Looked up anew at each reading, because a live log grows and rotates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ithtel.reading.files import FileGroup, find_files
from ithtel.reading.lines import blocks
from ithtel.reading.live import unfolded
from ithtel.reading.parse import envelopes, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ithtel.events import Envelope
    from ithtel.reading.record import Problems, Record

MEMORY = "<memory>"


class Stream(NamedTuple):
    """The lines of one session name, over all its files, in order."""

    name: str
    paths: tuple[Path, ...]
    lines: tuple[bytes, ...] = ()

    def records(self, problems: Problems, session_id: str | None) -> Iterator[Record]:
        """Yield a record a line, of one session or (None) of all."""
        for path, parts in self._parts(problems):
            yield from records(parts, path, problems, session_id)

    def envelopes(self, problems: Problems) -> Iterator[tuple[Envelope, bytes]]:
        """Yield envelopes and their lines."""
        for path, parts in self._parts(problems):
            yield from envelopes(parts, path, problems)

    def _parts(self, problems: Problems) -> Iterator[tuple[str, Iterator[tuple[int, list[bytes]]]]]:
        if self.lines:
            yield MEMORY, iter([(1, list(self.lines))])
        for path, stream in unfolded(self.paths):
            yield str(path), blocks(path, problems, stream=stream)


class FileSource:
    """The files that a path, a folder or a glob names."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self._groups: list[FileGroup] = find_files(path)

    def streams(self) -> list[Stream]:
        """Return one stream a session name."""
        self._groups = find_files(self._path)
        return [Stream(group.name, group.paths) for group in self._groups]

    def state(self) -> object:
        """Return names, sizes and times: what differs when a line was added."""
        return [_state(path) for group in self._groups for path in group.paths]


def _state(path: Path) -> tuple[Path, int, int]:
    try:
        status = path.stat()
    except OSError:  # rotated, compressed or deleted meanwhile
        return path, -1, -1
    return path, status.st_size, status.st_mtime_ns


class MemorySource:
    """Lines that somebody holds in memory, and may be adding to."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.name = MEMORY
        self._lines = lines

    def streams(self) -> list[Stream]:
        """Return one stream of the lines as they are now."""
        return [Stream(MEMORY, (), tuple(line.removesuffix(b"\n") for line in self._lines))]

    def state(self) -> object:
        """Return a value that never equals another: the lines may have changed."""
        return object()
