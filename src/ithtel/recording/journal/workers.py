"""`workers_of`, `last_line`: what the files of a session hold that other processes wrote."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from ithtel.events.format.files import parse_path, parts_of
from ithtel.events.format.zstandard import zstandard
from ithtel.events.session import WorkerLines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TAIL_BYTES = (1 << 14, 1 << 20)
_SEAL = b'"context":{"event_type":"log.seal"'
_BEGIN = b'{"ts":"'


class _Origin(msgspec.Struct):
    session_id: str


class _Head(msgspec.Struct):
    pid: int
    provenance: _Origin


_decode = msgspec.json.Decoder(_Head).decode


class _Worker:
    """The lines of one process."""

    def __init__(self) -> None:
        self.n_lines = 0
        self.digest = hashlib.sha256()
        self.checks: list[str] = []

    def add(self, line: bytes) -> None:
        """Take in the next line."""
        self.n_lines += 1
        self.digest.update(line)
        if _SEAL in line:
            self.checks.clear()
        self.checks.append(f"{zlib.crc32(line):08x}")


def workers_of(path: Path, session_id: str, own_pid: int, since: float) -> dict[str, WorkerLines]:
    """Return what forked processes have written to the files of a session: process id → its lines.

    Args:
        path: The file that is being written.
        session_id: The session.
        own_pid: The process that started it.
        since: When it began, in seconds since 1970; older files are not read.

    Raises:
        OSError: A file cannot be read.
    """
    found: dict[int, _Worker] = {}
    needle = session_id.encode()
    for line in _lines(path, since):
        if needle not in line:
            continue
        whole = line
        head = _head(whole)
        if head is None:  # it follows the torn beginning of another line
            whole = line[max(0, line.rfind(_BEGIN)) :]
            head = _head(whole)
        if head is not None and head.provenance.session_id == session_id and head.pid != own_pid:
            found.setdefault(head.pid, _Worker()).add(whole)
    return {
        str(pid): WorkerLines(
            n_lines=each.n_lines, lines_sha256=each.digest.hexdigest(), crc32="".join(each.checks)
        )
        for pid, each in found.items()
    }  # fmt: skip


def last_line(path: Path) -> bytes | None:
    """Return the last complete line of a file without its line feed, None if there is none, or it is very long."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            for n_bytes in _TAIL_BYTES:
                file.seek(max(0, size - n_bytes))
                whole, feed, _ = file.read(n_bytes).rpartition(b"\n")
                _, inner, line = whole.rpartition(b"\n")
                if feed and (inner or size <= n_bytes):
                    return line
    except OSError:
        return None
    return None


def _head(line: bytes) -> _Head | None:
    try:
        return _decode(line)
    except (ValueError, RecursionError):
        return None


def _lines(path: Path, since: float) -> Iterator[bytes]:
    file = parse_path(path)
    parts = parts_of(path.parent, file.name) if file is not None else []
    plain = {part.place: part for part in sorted(parts, key=lambda part: part.compression is None)}
    for part in (plain[place].path for place in sorted(plain)):
        if part.stat().st_mtime >= since:
            with _open(part) as opened:
                yield from opened
    with path.open("rb") as opened:
        yield from opened


def _open(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    if path.suffix == ".zst":
        zstd = zstandard()
        if zstd is None:
            raise OSError("zstd is unavailable")
        return cast("BinaryIO", zstd.ZstdFile(path))
    return path.open("rb")
