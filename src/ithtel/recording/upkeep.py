"""`Schedule`, `Upkeep`: when a log file is rotated, and which parts are kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec

from ithtel.errors import SettingError
from ithtel.recording.quantities import bytes_of, seconds_of

_OFTEN = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0}

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")

_FILES = re.compile(r"\s*(\d+)(?:\s*files?)?\s*")


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When a file is rotated: at a size, at an age, or at a time of day (UTC)."""

    max_bytes: int | None = None
    max_age_s: float | None = None
    at: tuple[int, int] | None = None

    def due_at(self, began: float) -> float:
        """Return the time at which a file begun at `began` is due; infinite if only its size counts."""
        if self.max_age_s is not None:
            return began + self.max_age_s
        if self.at is None:
            return float("inf")
        day = datetime.fromtimestamp(began, UTC).replace(hour=self.at[0], minute=self.at[1], second=0, microsecond=0)
        return (day if day.timestamp() > began else day + timedelta(days=1)).timestamp()


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to rotated parts: `compression` is none, gz or zst; they are kept for a time or up to a number."""

    compression: str = "gz"
    max_age_s: float | None = None
    max_files: int | None = None


def parse_rotation(text: str) -> Schedule | None:
    """Return when to rotate, None for never.

    Raises:
        SettingError: `text` is not a size, a duration or a time of day.

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
        f"setting 'rotation' does not take {text!r}: expected '10 MB', '1 day', 'daily' or a time such as '00:00' (UTC)"
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
        raise SettingError(f"setting 'retention' does not take {retention!r}: expected '30 days' or '10 files'")
    return Upkeep(compression=compression, max_age_s=age)
