"""`Gaps`: numbers that are missing before a line, until later lines fill them or `recording.loss` explains them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.verify.finding import Place


@dataclass(kw_only=True, slots=True)
class Gap:
    """The numbers from `first` up to but without `stop`, which are missing before the line at `place`."""

    place: Place
    first: int
    stop: int
    n_filled: int = 0
    is_lost: bool = False

    @property
    def n_missing(self) -> int:
        """How many lines neither came later nor were reported as lost."""
        return 0 if self.is_lost else max(0, self.stop - self.first - self.n_filled)


@dataclass(kw_only=True, slots=True)
class Gaps:
    """The gaps of one chain, in ascending order; each operation looks only at the gaps that it concerns."""

    _all: list[Gap] = field(default_factory=list)
    _firsts: list[int] = field(default_factory=list)
    _unexplained: list[int] = field(default_factory=list)

    def __iter__(self) -> Iterator[Gap]:
        return iter(self._all)

    def add(self, gap: Gap) -> None:
        """Add a gap that lies after all others."""
        self._unexplained.append(len(self._all))
        self._all.append(gap)
        self._firsts.append(gap.first)

    def holding(self, seq: int) -> Gap | None:
        """Return the gap that the number `seq` belongs to, None if it is not missing."""
        at = bisect_right(self._firsts, seq) - 1
        return self._all[at] if at >= 0 and seq < self._all[at].stop else None

    def explain(self, first: int, last: int) -> None:
        """Note that the lines from `first` to `last` could not be written."""
        start = bisect_left(self._unexplained, first, key=self._firsts.__getitem__)
        end = bisect_right(self._unexplained, last, key=lambda at: self._all[at].stop - 1)
        for at in self._unexplained[start:end]:
            self._all[at].is_lost = True
        if start < end:
            del self._unexplained[start:end]

    def is_open_since(self, seq: int) -> bool:
        """Return whether lines after the number `seq` are missing and nothing explains that."""
        return bool(self._unexplained) and self._firsts[self._unexplained[-1]] >= seq
