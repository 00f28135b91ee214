"""Rotation: the file being written becomes a part, is compressed in the background, and deleted if that was asked for.

Every step leaves each line readable exactly once: a rename; a compressed copy under a name that no reader knows,
renamed when it is whole; then the plain part is removed. While both forms exist, the plain one counts
(`ithtel.events.files.parts_of`). A writer holds a shared lock on the file it appends to, for as long as it has it
open: a part is compressed only once nobody can append to it any more.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import msgspec

from ithtel.errors import SettingError
from ithtel.events.files import LogFile, parts_of, rotated_path
from ithtel.events.zstandard import zstandard
from ithtel.recording import locks
from ithtel.recording.quantities import bytes_of, seconds_of

if TYPE_CHECKING:
    from pathlib import Path

_OFTEN = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_FILES = re.compile(r"\s*(\d+)(?:\s*files?)?\s*")
_BLOCK = 1 << 20


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When a file is rotated: at a size, at an age, or at a time of day (UTC)."""

    max_bytes: int | None = None
    max_age_s: float | None = None
    at: tuple[int, int] | None = None

    def due_at(self, began: float) -> float:
        """Return the moment at which a file begun at `began` has its time; infinite where only its size counts."""
        if self.max_age_s is not None:
            return began + self.max_age_s
        if self.at is None:
            return float("inf")
        day = datetime.fromtimestamp(began, UTC).replace(hour=self.at[0], minute=self.at[1], second=0, microsecond=0)
        return (day if day.timestamp() > began else day + timedelta(days=1)).timestamp()


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with rotated parts: `compression` none, gz or zst; how long, or how many, are kept."""

    compression: str = "gz"
    max_age_s: float | None = None
    max_files: int | None = None


def parse_rotation(text: str) -> Schedule | None:
    """Return when to rotate; None for never.

    Raises:
        SettingError: It is neither a size, nor a duration, nor a time of day.

    >>> parse_rotation("10 MB").max_bytes, parse_rotation("1 day").max_age_s, parse_rotation("00:00").at
    (10000000, 86400.0, (0, 0))
    """
    wanted = text.strip().lower()
    if not wanted:
        return None
    if size := bytes_of(wanted):
        return Schedule(max_bytes=size)
    if age := _OFTEN.get(wanted) or seconds_of(wanted):
        return Schedule(max_age_s=age)
    if match := _CLOCK.fullmatch(wanted):
        return Schedule(at=(int(match[1]), int(match[2])))
    raise SettingError(
        f"setting 'rotation' does not take {text!r}: '10 MB', '1 day', 'daily' or a time such as '00:00' (UTC) are"
        " possible"
    )


def parse_upkeep(compression: str, retention: str) -> Upkeep:
    """Return what to do with rotated parts.

    Raises:
        SettingError: `retention` is neither a duration nor a number of files.
    """
    if not retention.strip():
        return Upkeep(compression=compression)
    if match := _FILES.fullmatch(retention):
        return Upkeep(compression=compression, max_files=int(match[1]))
    age = seconds_of(retention)
    if age is None:
        raise SettingError(f"setting 'retention' does not take {retention!r}: '30 days' or '10 files' are possible")
    return Upkeep(compression=compression, max_age_s=age)


def rotate(path: Path, name: str, now: float) -> Path:
    """Rename `path` to the next part of the session `name`; call it under the folder's lock."""
    stamp, number = f"{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}", 0
    latest = max((part.place for part in parts_of(path.parent, name)), default=None)
    if latest is not None and latest[0] >= stamp:  # within a second, or the clock was set back
        stamp, number = latest[0], latest[1] + 1
    part = rotated_path(path, name, stamp, number)
    path.rename(part)
    return part


def keep_up(folder: Path, name: str, upkeep: Upkeep, now: float | None = None) -> None:
    """Compress and delete the parts of the session `name` as asked; what fails is left for the next time."""
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
    """Replace a part by its compressed form; None where somebody still has it open, or is compressing it."""
    with part.path.open("rb") as source:
        if not locks.claim(source.fileno()):
            return None
        try:
            if not _is_at(source, part.path):  # somebody was faster
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
    """Return the suffix and what opens a compressed stream; gzip where zstd is not to be had."""
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
