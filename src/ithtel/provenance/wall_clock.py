"""`wall_clock`: the clock that ithtel's own records use, also in a replay whose cells see an earlier time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class WallClock:
    """The present time in nanoseconds since 1970.

    >>> wall_clock.time_ns() > 1_700_000_000_000_000_000
    True
    """

    def __init__(self) -> None:
        self.time_ns: Callable[[], int] = time.time_ns
        """A replay with a moved clock puts the clock of the machine here."""


wall_clock = WallClock()
