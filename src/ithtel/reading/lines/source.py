"""`FileSource`, `MemorySource`: the lines of a log, listed at each reading because a live log grows and rotates."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from ithtel.reading.lines.blocks import blocks
from ithtel.reading.lines.files import FileGroup, find_files, unfolded
from ithtel.reading.lines.parse import envelopes, records
from ithtel.reading.lines.record import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ithtel.events import Envelope
    from ithtel.reading.lines.record import Record

MEMORY = "<memory>"


_Moment = tuple[str, int, int]


class Stream(NamedTuple):
    """The lines of one session name, over all its files, in order."""

    name: str
    paths: tuple[Path, ...]
    lines: tuple[bytes, ...] = ()

    def records(self, problems: Problems, session_id: str | None) -> Iterator[Record]:
        """Yield one record per line, of one session or (None) of all."""
        for path, parts in self._parts(problems):
            yield from records(parts, path, problems, session_id)

    def envelopes(self, problems: Problems) -> Iterator[tuple[Envelope, bytes]]:
        """Yield the envelopes and their raw lines."""
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
        """Return one stream per session name."""
        self._groups = find_files(self._path)
        return [Stream(group.name, group.paths) for group in self._groups]

    def state(self) -> object:
        """Return a value that changes when a line is added: names, sizes and times of the files."""
        return [_state(path) for group in self._groups for path in group.paths]


def _state(path: Path) -> tuple[Path, int, int]:
    try:
        status = path.stat()
    except OSError:  # rotated, compressed or deleted meanwhile
        return path, -1, -1
    return path, status.st_size, status.st_mtime_ns


class MemorySource:
    """Lines in memory, which their owner may be adding to."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.name = MEMORY
        self._lines = lines

    def streams(self) -> list[Stream]:
        """Return one stream of the current lines."""
        return [Stream(MEMORY, (), tuple(line.removesuffix(b"\n") for line in self._lines))]

    def state(self) -> object:
        """Return a value that equals no other, because the lines may have changed."""
        return object()


def merged(streams: list[Stream], problems: Problems, session_id: str | None) -> Iterator[Record]:
    """Yield the records of all streams by `ts`, `pid`, `seq`; within a stream the order of lines is kept."""
    if len(streams) == 1:
        yield from streams[0].records(problems, session_id)
        return
    waiting = sorted(((_start(stream), n) for n, stream in enumerate(streams)), reverse=True)
    heads: list[tuple[_Moment, int, Record, Iterator[Record]]] = []
    while waiting or heads:
        while waiting and (not heads or waiting[-1][0] <= heads[0][0][0]):
            n = waiting.pop()[1]
            records = streams[n].records(problems, session_id)
            first = next(records, None)
            if first is not None:
                heapq.heappush(heads, (_moment(first), n, first, records))
        if heads:
            _, n, record, records = heads[0]
            yield record
            following = next(records, None)
            if following is None:
                heapq.heappop(heads)
            else:
                heapq.heapreplace(heads, (_moment(following), n, following, records))


def _start(stream: Stream) -> str:
    """Return the time of the first line that can be read."""
    first = next(stream.envelopes(Problems()), None)
    return "" if first is None else first[0].ts


def _moment(record: Record) -> _Moment:
    return record.envelope.ts, record.envelope.pid, record.envelope.seq
