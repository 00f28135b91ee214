"""`rotate`, `compress`, `keep_up`: turn the live file into a part, compress it, and delete old parts.

Every step leaves each line readable exactly once: first a rename; then a compressed copy under a name that no reader
recognises, renamed once it is complete; then the plain part is removed. While both forms exist, the plain one counts
(`ithtel.events.format.files.parts_of`). A writer holds a shared lock on the file that it appends to for as long as the
file is open, so a part is compressed only when nobody can append to it any more.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from ithtel.events.format.files import LogFile, parts_of, rotated_path
from ithtel.events.format.zstandard import zstandard
from ithtel.recording.file import locks

if TYPE_CHECKING:
    from pathlib import Path

    from ithtel.recording.upkeep import Upkeep

_BLOCK = 1 << 20


def rotate(path: Path, name: str, now: float) -> Path:
    """Rename `path` to the next part of the session `name`; the caller holds the folder's lock."""
    stamp, number = f"{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}", 0
    latest = max((part.place for part in parts_of(path.parent, name)), default=None)
    if latest is not None and latest[0] >= stamp:  # within a second, or the clock was set back
        stamp, number = latest[0], latest[1] + 1
    part = rotated_path(path, name, stamp, number)
    path.rename(part)
    return part


def keep_up(folder: Path, name: str, upkeep: Upkeep, now: float | None = None) -> None:
    """Compress and delete the parts of the session `name` as configured; leave what fails for the next time."""
    parts = sorted(parts_of(folder, name), key=lambda part: part.place)
    places = sorted({part.place for part in parts})
    gone = set(places[: -upkeep.max_files or None]) if upkeep.max_files is not None else set()
    if upkeep.max_age_s is not None:
        limit = (time.time() if now is None else now) - upkeep.max_age_s
        gone |= {place for place in places if _moment(place[0]) < limit}
    for part in sorted(parts, key=lambda part: part.compression is None):  # of two forms the plain one last
        with contextlib.suppress(OSError):
            if part.place in gone:
                part.path.unlink()
            elif part.compression is None and upkeep.compression != "none":
                compress(part, upkeep.compression)


def compress(part: LogFile, kind: str) -> Path | None:
    """Replace a part by its compressed form; return None if it is still open or is being compressed elsewhere."""
    with part.path.open("rb") as source:
        if not locks.claim(source.fileno()):
            return None
        try:
            if not _is_at(source, part.path):  # another process was faster
                return None
            return _replace(source, part.path, kind)
        finally:
            locks.release(source.fileno())


def _replace(source: BinaryIO, path: Path, kind: str) -> Path:
    suffix, opened = _compressor(kind)
    target = path.with_name(path.name + suffix)
    draft = path.with_name(f".{target.name}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.fstat(source.fileno()).st_mode & 0o777)
    with open(descriptor, "wb") as raw:  # noqa: PTH123 - a descriptor, for its mode
        with opened(raw) as packed:
            shutil.copyfileobj(source, packed, _BLOCK)
        raw.flush()
        os.fsync(raw.fileno())
    draft.rename(target)
    path.unlink()
    return target


def _compressor(kind: str) -> tuple[str, Any]:
    """Return the suffix and a function that opens a compressed stream; gzip if zstd is unavailable."""
    zstd = zstandard() if kind == "zst" else None
    if zstd is not None:
        return ".zst", partial(zstd.ZstdFile, mode="wb")
    return ".gz", lambda raw: cast("BinaryIO", gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6))


def _is_at(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _moment(stamp: str) -> float:
    return datetime.strptime(stamp, "%Y%m%d-%H%M%S").replace(tzinfo=UTC).timestamp()
