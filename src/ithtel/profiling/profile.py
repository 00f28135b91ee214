"""`Profile`: what was sampled and how, as text and as a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ithtel.plain_text import MISSING, count
from ithtel.profiling.flamegraph import boxes
from ithtel.viewer.flamegraph import flamegraph, profile_html

if TYPE_CHECKING:
    from ithtel.profiling.profiler import Sampler
    from ithtel.profiling.stacks import Hot, Stacks

FEW = 10
"""With fewer samples a profile says next to nothing."""
SHOWN = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """Where the time of a cell or a program went."""

    stacks: Stacks
    target: str
    """What was profiled: `cell`, `process 123`, `python script.py`."""
    rate_hz: int
    duration_s: float
    sampler: Sampler
    reason: str | None = None
    """Why the sampler is not py-spy."""

    @property
    def n_samples(self) -> int:
        """How many samples saw code of the cell or program."""
        return self.stacks.n_samples

    @property
    def is_short(self) -> bool:
        """Whether there are too few samples to say much."""
        return self.n_samples < FEW

    def hottest(self, n: int = SHOWN) -> list[Hot]:
        """Return the functions of the user's own code that took the most time, the hottest first."""
        return self.stacks.hottest(n)

    def title(self) -> str:
        """Return a title: the target, the number of samples and the sampler."""
        return f"profile of {self.target}: {count(self.n_samples, 'sample')} at {self.rate_hz} Hz by {self.sampler}"

    def remarks(self) -> list[str]:
        """Return notes on how far the profile can be trusted."""
        remarks = []
        if self.is_short:
            remarks.append("too short to profile: repeat the work in a loop, or raise --rate")
        if self.reason is not None:
            remarks.append(f"{self.reason}. Sampled from within instead: waiting counts as work")
        return remarks

    def text(self) -> str:
        """Return the hottest functions of the user's own code as a table."""
        rows = self._rows()
        lines = [self.title(), *(f"  {remark}" for remark in self.remarks())]
        if not rows:
            return "\n".join(lines)
        widths = [max(map(len, column)) for column in zip(*rows, ("own", "total", "function", ""), strict=True)]
        for own, total, function, where in [("own", "total", "function", "hottest line"), *rows]:
            line = f"  {own:>{widths[0]}}  {total:>{widths[1]}}  {function:<{widths[2]}}  {where}"
            lines.append(line.rstrip())
        return "\n".join(lines)

    def svg(self, facts: str = "{}", *, is_titled: bool = True) -> str:
        """Return the flamegraph as an SVG file that carries `facts` (JSON) along."""
        return flamegraph(boxes(self.stacks), self.n_samples, title=self.title(), facts=facts, is_titled=is_titled)

    def html(self) -> str:
        """Return the flamegraph for where scripts may run, above a table for everywhere."""
        drawing = None if self.is_short else self.svg(is_titled=False)
        return profile_html(self.title(), self.remarks(), self._rows(), drawing)

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [(percent(hot.own), percent(hot.total), hot.function, hot.where) for hot in self.hottest()]

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}


def percent(part: float) -> str:
    """Return a part of the whole as displays show it.

    >>> percent(0.8765), percent(0.001), percent(0.0)
    ('88 %', '<1 %', '–')
    """
    if part == 0:
        return MISSING
    return f"{round(100 * part)} %" if round(100 * part) else "<1 %"
