"""The files of a log while somebody writes and rotates it: each line once, whenever the reading begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.events.files import LogFile, parse_path, parts_of
from ithtel.reading.files import in_order
from ithtel.reading.lines import open_stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ithtel.reading.lines import Readable


def unfolded(paths: tuple[Path, ...]) -> Iterator[tuple[Path, Readable | None]]:
    """Yield the files in order; the one being written already open, since its name may be another's a moment later.

    It is opened first and then its folder looked at: parts that appeared since the files were listed hold what the
    open file may have held, so they are read before it, and it is opened anew.
    """
    read: set[tuple[str, int]] = set()
    for path in paths:
        file = parse_path(path)
        if file is None or file.rotated is not None or file.compression is not None:
            yield path, None
        else:
            yield from _live(file, read)
        if file is not None:
            read.add(file.place)


def _live(file: LogFile, read: set[tuple[str, int]]) -> Iterator[tuple[Path, Readable | None]]:
    while True:
        try:
            stream = open_stream(file.path)
        except OSError:
            stream = None
        fresh = _fresh(file, read)
        if not fresh:
            yield file.path, stream
            return
        if stream is not None:
            stream.close()
        for part in fresh:
            read.add(part.place)
            yield part.path, None


def _fresh(file: LogFile, read: set[tuple[str, int]]) -> list[LogFile]:
    """Return the parts that have not been read, one form of each: the plain one as long as it exists."""
    return in_order(part for part in parts_of(file.path.parent, file.name) if part.place not in read)
