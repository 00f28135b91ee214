"""`blocks`: the lines of a file, block by block, in constant memory."""

from __future__ import annotations

import errno
import gzip
import zlib
from typing import TYPE_CHECKING, Protocol, cast

from ithtel.errors import MissingPackageError
from ithtel.events.format.files import parse_path
from ithtel.events.format.zstandard import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ithtel.reading.lines.record import Problems

BLOCK_BYTES = 1 << 20
MAX_LINE_BYTES = 64 << 20
"""A longer line is skipped and reported, so that a broken file cannot fill the memory."""


class Readable(Protocol):
    """An open file."""

    def read1(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""

    def close(self) -> None:
        """Close it."""


def blocks(
    path: Path, problems: Problems, *, stream: Readable | None = None, max_line_bytes: int = MAX_LINE_BYTES
) -> Iterator[tuple[int, list[bytes]]]:
    """Yield (number of the first line, lines without their line feeds) until the file ends.

    What cannot be read (a missing or broken file, a line that is too long) is added to `problems`. If a `stream` is
    given, it is read and closed, and `path` is not opened.
    """
    try:
        stream = stream or open_stream(path)
    except (OSError, MissingPackageError) as error:
        problems.add(str(path), 0, f"cannot be opened: {_reason(error)}")
        return
    splitter = _Splitter(str(path), problems, max_line_bytes)
    try:
        while chunk := stream.read1(BLOCK_BYTES):
            if lines := splitter.feed(chunk):
                if splitter.next_number == len(lines) + 1 and lines[0].endswith(b"\r"):
                    problems.add(str(path), 1, "lines end in CR LF instead of LF")
                yield splitter.next_number - len(lines), lines
    except _damages() as error:
        line = splitter.next_number - 1
        problems.add(str(path), 0, f"damaged or truncated after line {line}: {_reason(error)}")
    finally:
        stream.close()
    if rest := splitter.rest():
        yield splitter.next_number - len(rest), rest


class _Splitter:
    """Cuts chunks into lines; a line may span many chunks."""

    def __init__(self, path: str, problems: Problems, max_line_bytes: int) -> None:
        self.next_number = 1
        self._path = path
        self._problems = problems
        self._max = max_line_bytes
        self._parts: list[bytes] = []
        self._n_bytes = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that `chunk` completes."""
        head, feed, _ = chunk.partition(b"\n")
        if not feed:
            self._keep(chunk)
            return []
        self._keep(head)
        lines = chunk.split(b"\n")
        lines[0] = self._take()
        self._keep(lines.pop())
        self.next_number += len(lines)
        return lines

    def rest(self) -> list[bytes]:
        """Return what follows the last line feed, if anything."""
        if not self._n_bytes:
            return []
        self.next_number += 1
        return [self._take(offset=1)]

    def _keep(self, part: bytes) -> None:
        self._n_bytes += len(part)
        if self._n_bytes <= self._max:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _take(self, offset: int = 0) -> bytes:
        """Return the line kept so far; `OVERLONG`, which the reader skips, if it was too long."""
        line = b"".join(self._parts)
        if self._n_bytes > self._max:
            message = f"skipped a line of {self._n_bytes:,} bytes: at most {self._max:,} are read"
            self._problems.add(self._path, self.next_number - offset, message)
            line = OVERLONG
        self._parts, self._n_bytes = [], 0
        return line


OVERLONG = b"\x00 too long"


def open_stream(path: Path) -> Readable:
    """Open a file; under its new name if it was compressed after it was listed."""
    if path.suffix != ".jsonl":
        return _open(path)
    try:
        return _open(path)
    except FileNotFoundError:
        compressed = [path.with_name(path.name + suffix) for suffix in (".gz", ".zst")]
        return _open(next((other for other in compressed if other.exists()), path))


def _open(path: Path) -> Readable:
    if parse_path(path) is not None and path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file")  # a pipe would be waited for
    if path.suffix == ".gz":
        return cast("Readable", gzip.open(path, "rb"))
    if path.suffix == ".zst":
        return _open_zstd(path)
    return cast("Readable", path.open("rb", buffering=BLOCK_BYTES))


def _open_zstd(path: Path) -> Readable:
    zstd = zstandard()
    if zstd is None:
        raise MissingPackageError("Python before 3.14 needs the package 'backports.zstd' to read .zst files")
    return cast("Readable", zstd.ZstdFile(path))


def _damages() -> tuple[type[Exception], ...]:
    """Return the exceptions that reading a damaged file raises, compressed or not."""
    zstd = zstandard()
    return (OSError, EOFError, zlib.error, gzip.BadGzipFile, *(() if zstd is None else (zstd.ZstdError,)))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
