"""`Profile`: what was sampled and how, as text and as a notebook shows it."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ithtel.profiling import svg

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
        samples = "1 sample" if self.n_samples == 1 else f"{self.n_samples} samples"
        return f"profile of {self.target}: {samples} at {self.rate_hz} Hz by {self.sampler}"

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
        rows = [(percent(hot.own), percent(hot.total), hot.function, hot.where) for hot in self.hottest()]
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
        return svg.render(self.stacks, title=self.title(), facts=facts, is_titled=is_titled)

    def html(self) -> str:
        """Return the flamegraph for where scripts may run, above a table for everywhere."""
        parts = [f"<p><b>{html.escape(self.title())}</b></p>"]
        parts += [f"<p>{html.escape(remark)}</p>" for remark in self.remarks()]
        if self.n_samples:
            parts += [*([] if self.is_short else [_frame(self.svg(is_titled=False))]), self._table()]
        return "\n".join(parts)

    def _table(self) -> str:
        head = "<tr><th>own</th><th>total</th><th>function</th><th>hottest line</th></tr>"
        rows = [
            f"<tr><td>{percent(hot.own)}</td><td>{percent(hot.total)}</td><td>{html.escape(hot.function)}</td>"
            f"<td><code>{html.escape(hot.where)}</code></td></tr>"
            for hot in self.hottest()
        ]
        return f"<table>{head}{''.join(rows)}</table>"

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}


def percent(part: float) -> str:
    """Return a part of the whole as displays show it.

    >>> percent(0.8765), percent(0.001), percent(0.0)
    ('88 %', '<1 %', '-')
    """
    if part == 0:
        return "-"
    return f"{round(100 * part)} %" if round(100 * part) else "<1 %"


def _frame(drawing: str) -> str:
    """Return the drawing in a document of its own: its script and ids meet nobody else's."""
    height = min(svg.height_of(drawing), svg.TALLEST) + 4
    document = f'<!doctype html><meta charset="utf-8"><style>body{{margin:0}}</style>{drawing}'
    return (
        f'<iframe title="flamegraph" srcdoc="{html.escape(document)}" '
        f'style="width:100%;height:{height}px;border:0"></iframe>'
    )
