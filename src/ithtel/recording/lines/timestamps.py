"""`Clock`, `timestamp`, `in_ns`: the time of a line, as the contract writes it."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from ithtel.events import utc_timestamp
from ithtel.provenance.wall_clock import wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable

_MILLISECOND = 1_000_000
"""In nanoseconds."""
_MICROSECONDS = tuple(f"{micro:03}Z" for micro in range(1000))
"""The end of a timestamp, after its milliseconds."""


class Clock:
    """Gives the timestamps of lines; those of one millisecond share the text of their beginning.

    Args:
        seconds: Returns the seconds since 1970.
    """

    __slots__ = ("_millisecond", "_now_ns", "has_turned")

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.has_turned = True
        """Whether a millisecond has begun since somebody reset this."""
        self._now_ns = wall_clock.time_ns if seconds is time.time else lambda: in_ns(seconds())
        self._millisecond: tuple[int, str] = -_MILLISECOND, ""
        """The start of the latest millisecond, and the beginning of the timestamps in it."""

    def now(self) -> str:
        """Return the present moment.

        >>> Clock(lambda: 1_769_351_452.123_456).now()
        '2026-01-25T14:30:52.123456Z'
        """
        now_ns = self._now_ns  # a function in an attribute is called faster as a local
        now = now_ns()
        start, beginning = self._millisecond
        if not 0 <= now - start < _MILLISECOND:
            self._millisecond = start, beginning = now - now % _MILLISECOND, _to_the_millisecond(now)
            self.has_turned = True
        return beginning + _MICROSECONDS[(now - start) // 1000]


def in_ns(seconds: float) -> int:
    """Return a time in nanoseconds, to the microsecond: a float of today's seconds since 1970 has no more digits."""
    return round(seconds * 1e6) * 1000


def timestamp(now_ns: int) -> str:
    """Return a moment, in nanoseconds since 1970, as the contract writes it.

    >>> timestamp(1_769_351_452_123_456_789)
    '2026-01-25T14:30:52.123456Z'
    """
    return _to_the_millisecond(now_ns) + _MICROSECONDS[now_ns // 1000 % 1000]


def _to_the_millisecond(now_ns: int) -> str:
    """Return the beginning of a timestamp, up to its milliseconds."""
    second, rest = divmod(now_ns, 1000 * _MILLISECOND)
    return f"{_second(second)}{rest // _MILLISECOND:03}"


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    return utc_timestamp(second)[:20]
