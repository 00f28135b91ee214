"""`Waterfall`: the attribution of a run, a bar from NAV to NAV for each part, then the whole, with numbers below."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ithtel.plain_text import count, number
from ithtel.viewer.figure import DPI, Drawn, plain_style
from ithtel.viewer.labels import SIZE, SMALL, fit, write
from ithtel.viewer.theme import theme_of
from ithtel.viewer.timeline.composition import MAX_PANELS, NOTE, note_omitted
from ithtel.viewer.timeline.panels import GLYPHS, LEFT
from ithtel.viewer.timeline.scales import compact, round_values

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.axes import Axes

    from ithtel.viewer.theme import Theme

_RIGHT, _HEAD, _ROW, _FOOT = 0.16, 0.4, 0.18, 0.14
_TITLE_SIZE = 10.5
_BAR = 0.62  # width of a bar as a share of its part
_WIDEST = 1.3  # inches per part
_LABELLED = 0.42  # inches per part from which there is room for a gain
_ROOMY = 0.6  # inches per part from which it may be as large as other text
_THOUSANDS = 10
_LOG_FROM = 2.5
_MIDNIGHT = "T00:00:00"


class Part(NamedTuple):
    """A bar of the waterfall; shares and drawdowns are ratios, NaN if there is none."""

    name: str
    is_open: bool
    until: str
    nav_from: float
    nav_to: float
    gain: float
    share: float
    worst: float
    decision: str
    is_later: bool = False
    """Whether its decision is the same as that of the part before it."""


class Run(NamedTuple):
    """The parts of one run, and their total."""

    title: str
    side: str | None
    parts: list[Part]
    whole: Part


class Waterfall(Drawn):
    """The attribution of a log as a notebook shows it: as a picture, or its numbers as text."""

    def __init__(self, parts: pd.DataFrame, *, theme: str = "auto", width: float = 800) -> None:
        self.runs = runs_of(parts)
        self.theme = theme
        self.width = width

    def figure(self) -> Figure:
        """Return a new matplotlib figure: the last few runs, one below the other."""
        theme, width, shown = theme_of(self.theme), self.width / DPI, self.runs[-MAX_PANELS:]
        n_more = len(self.runs) - len(shown)
        with plain_style():
            heights = [_height(run, width) for run in shown]
            total = sum(heights) + NOTE * bool(n_more)
            figure = Figure(figsize=(width, total), dpi=DPI, facecolor=theme.background or "none")
            FigureCanvasAgg(figure)
            if n_more:
                note_omitted(figure, n_more, theme)
                total -= NOTE
            for run, height in zip(shown, heights, strict=True):
                _Panel(figure, run, theme, top=total).draw()
                total -= height
        return figure

    def __repr__(self) -> str:
        return "\n".join(line for run in self.runs for line in _lines(run))


def runs_of(parts: pd.DataFrame) -> list[Run]:
    """Return the runs of an attribution table, in its order."""
    keys = [name for name in ("session_id", "pid", "run_id", "position_type") if name in parts.columns]
    return [_run(rows) for _, rows in parts.groupby(keys, sort=False, dropna=False)]


def _run(rows: pd.DataFrame) -> Run:
    parts = [_part(row) for row in rows.to_dict("records")]
    later = [after.decision == before.decision for before, after in pairwise(parts)]
    parts = [part._replace(is_later=is_later) for part, is_later in zip(parts, [False, *later], strict=True)]
    side = rows["position_type"].iloc[0]
    first, last = parts[0].nav_from, parts[-1].nav_to
    high, low = (first, last) if side == "bear" else (last, first)
    gain = high / low - 1 if low else math.nan
    whole = Part("whole", False, parts[-1].until, first, last, gain, 1.0, math.nan, "")  # noqa: FBT003 - a row
    n_epochs = sum(not part.is_open for part in parts)
    name = rows["series"].iloc[0] or "series"
    title = f"{name} · {GLYPHS[side]} {side or 'ITH'} · {count(n_epochs, 'epoch')}"
    return Run(title, side, parts, whole)


def _part(row: dict[Any, Any]) -> Part:
    is_open = row["part"] == "open"
    time, bar = row["time_to"], row["bar_to"]
    until = str(time).removesuffix(_MIDNIGHT)[:10] if isinstance(time, str) else f"bar {number(int(bar))}"
    return Part(
        name="open" if is_open else str(row["epoch_index"]),
        is_open=is_open,
        until=until,
        nav_from=row["nav_from"],
        nav_to=row["nav_to"],
        gain=row["gain"],
        share=row["share"],
        worst=row["worst_drawdown"],
        decision=row["decision_id"] if isinstance(row["decision_id"], str) else "",
    )


def percent(value: float, *, sign: bool = False) -> str:
    """Return a ratio in percent with three significant digits; empty for NaN.

    >>> percent(0.71846), percent(-0.0123, sign=True), percent(float("nan"))
    ('71.8 %', '−1.23 %', '')
    >>> percent(566.4)
    '56,640 %'
    """
    if not math.isfinite(value):
        return ""
    digits = ",.0f" if abs(value) >= _THOUSANDS else ".3g"
    text = f"{100 * value:{'+' if sign else ''}{digits}}"
    return text.replace("-", "−") + " %"


_ROWS: dict[str, tuple[float, Callable[[Part], str]]] = {
    "until": (0.64, lambda part: part.until),
    "share": (0.42, lambda part: percent(part.share)),
    "worst": (0.42, lambda part: percent(part.worst)),
    "decision": (0.42, lambda part: "″" if part.is_later and part.decision else part.decision),
}
"""The rows below the bars: the inches per part that a row needs, and its text."""


def _lines(run: Run) -> list[str]:
    lines = [run.title]
    for part in (*run.parts, run.whole):
        words = [f"{part.name:>6}", f"until {part.until}", f"NAV {number(part.nav_from)} → {number(part.nav_to)}"]
        words += [percent(part.gain, sign=True)] + ([f"share {percent(part.share)}"] if percent(part.share) else [])
        words += [f"worst {percent(part.worst)}"] if percent(part.worst) else []
        lines.append(" · ".join(words + ([f"decision {part.decision}"] if part.decision else [])))
    return lines


def _slot(run: Run, width: float) -> float:
    return min(_WIDEST, (width - LEFT - _RIGHT) / (len(run.parts) + 1))


def _rows_of(run: Run, width: float) -> list[str]:
    """Return the rows of numbers that have content and fit."""
    slot = _slot(run, width)
    return [name for name, (need, text) in _ROWS.items() if slot >= need and any(text(part) for part in run.parts)]


def _plot_height(width: float) -> float:
    return min(3.0, max(1.5, 0.28 * width))


def _height(run: Run, width: float) -> float:
    return _HEAD + _plot_height(width) + _ROW * (1 + len(_rows_of(run, width))) + _FOOT


class _Panel:
    """One run on its axes, on which a part has a width of 1."""

    def __init__(self, figure: Figure, run: Run, theme: Theme, top: float) -> None:
        width, total = figure.get_size_inches()
        self.run, self.theme = run, theme
        self.slot, self.rows = _slot(run, width), _rows_of(run, width)
        self.height, self.width = _plot_height(width), width - LEFT - _RIGHT
        box = (LEFT / width, (top - _HEAD - self.height) / total, 1 - (LEFT + _RIGHT) / width, self.height / total)
        self.axes: Axes = figure.add_axes(box, facecolor="none")
        self.axes.set_xlim(-0.5, self.width / self.slot - 0.5)

    def draw(self) -> None:
        """Draw axes, bars and words."""
        self._dress()
        for x, part in enumerate((*self.run.parts, self.run.whole)):
            self._bar(x, part)
        for x, part in enumerate(self.run.parts):
            following = x + 1 + _BAR / 2
            self.axes.plot([x - _BAR / 2, following], [part.nav_to] * 2, color=self.theme.muted, lw=0.7, zorder=2)
        self._words()

    def _bar(self, x: int, part: Part) -> None:
        """Draw a part: filled if it is an epoch, hatched if it is open, grey if it is the whole."""
        low, high = sorted((part.nav_from, part.nav_to))
        if not (math.isfinite(low) and math.isfinite(high)):
            return
        is_whole = part is self.run.whole
        colour = self.theme.price if is_whole else self.theme.side(self.run.side)
        if part.gain < 0 and not is_whole:
            colour = self.theme.failed
        face = "none" if part.is_open else colour
        corner = (x - _BAR / 2, low)
        hatch = "////" if part.is_open else None
        bar = Rectangle(corner, _BAR, high - low, fc=face, ec=colour, hatch=hatch, lw=0.9, zorder=3)
        bar.set_alpha(0.45 if is_whole else 0.8 if not part.is_open else None)
        self.axes.add_patch(bar)
        if self.slot >= _LABELLED:
            size = SIZE if self.slot >= _ROOMY else SMALL - 0.5
            text = fit(percent(part.gain, sign=True), self.slot + 0.1, size)
            place: dict[str, Any] = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center", "va": "bottom"}
            ink = self.theme.ink if is_whole else colour
            self.axes.annotate(text, (x, high), fontsize=size, color=ink, parse_math=False, **place)

    def _words(self) -> None:
        """Write the title, and below the bars their names and numbers."""
        place, head = self.axes.transAxes, 1 + 0.22 / self.height
        title = fit(self.run.title, self.width, _TITLE_SIZE)
        style = {"fontsize": _TITLE_SIZE, "weight": "bold", "color": self.theme.ink}
        write(self.axes, 0, head, title, transform=place, ha="left", **style)
        parts = (*self.run.parts, self.run.whole)
        self._row("epoch", -0.14, [part.name for part in parts], weight="bold")
        for i, name in enumerate(self.rows, start=1):
            self._row(name, -0.14 - _ROW * i, [_ROWS[name][1](part) for part in parts])

    def _row(self, name: str, inches: float, texts: list[str], **style: Any) -> None:  # noqa: ANN401 - matplotlib's
        y, place = inches / self.height, self.axes.get_xaxis_transform()
        muted = {"color": self.theme.muted, "ha": "right", "transform": self.axes.transAxes}
        write(self.axes, -0.12 / self.width, y, name, **muted)
        every, last = max(1, math.ceil(0.42 / self.slot)), len(texts) - 1
        for x, text in enumerate(texts):
            if x == last or (x % every == 0 and x + every <= last):
                label = fit(text, self.slot * every, SMALL)
                write(self.axes, x, y, label, transform=place, ha="center", color=self.theme.ink, **style)

    def _dress(self) -> None:
        """Set and mark the axis of the NAV, which is logarithmic if the NAV grows more than 2.5-fold."""
        levels = [level for part in self.run.parts for level in (part.nav_from, part.nav_to) if math.isfinite(level)]
        low, high = (min(levels), max(levels)) if levels else (0.9, 1.1)
        is_log = low > 0 and high / low > _LOG_FROM
        if is_log:
            room = (high / low) ** 0.14
            low, high = low / room, high * room
        else:
            room = 0.14 * (high - low) or 0.1 * abs(high) or 1.0
            low, high = low - room, high + room
        axes, theme = self.axes, self.theme
        axes.set_yscale("log" if is_log else "linear")
        axes.yaxis.set_major_locator(FixedLocator(round_values(low, high, is_log=is_log)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
        axes.set_ylim(low, high)
        axes.xaxis.set_major_locator(NullLocator())
        axes.tick_params(colors=theme.muted, labelsize=SMALL, length=3, width=0.6)
        axes.grid(visible=True, axis="y", color=theme.faint, lw=0.6, zorder=0)
        axes.set_axisbelow(True)
        for place, spine in axes.spines.items():
            spine.set_visible(place == "bottom")
            spine.set_color(theme.muted)
            spine.set_linewidth(0.6)
        axes.set_ylabel("NAV (log scale)" if is_log else "NAV", color=theme.ink, fontsize=SIZE)
        axes.yaxis.set_label_coords(-0.6 / self.width, 0.5)
