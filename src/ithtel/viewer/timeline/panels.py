"""`draw_panel`: one series with its NAV, the base and target of each episode, and the epochs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ithtel.plain_text import count, number
from ithtel.viewer.labels import SIZE, SMALL, fit, write
from ithtel.viewer.timeline.levels import Levels, levels_of, numbers
from ithtel.viewer.timeline.scales import compact, dress, set_limits

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ithtel.reading.timeline.values import AlgorithmRun, SeriesPanel
    from ithtel.viewer.theme import Theme

LEFT, RIGHT = 0.95, 1.12
GLYPHS = {"bull": "▲", "bear": "▼", None: "◆"}
_TITLE, _LINE, _BELOW = 0.26, 0.19, 0.52
_TITLE_SIZE = 10.5
_MARKER_PX, _ALL_MARKERS = 6.0, 100
_MARKERS = {"bull": "^", "bear": "v", None: "D"}
_LEVEL_NAMES = {"bull": "crest", "bear": "trough", None: "level"}
_DASHES = {"bull": ("-", (0, (5, 2))), "bear": ((0, (7, 1.5, 1.2, 1.5)), (0, (1.2, 1.6))), None: ("-", (0, (5, 2)))}


def panel_height(panel: SeriesPanel, width: float) -> float:
    """Return the height in inches that a panel needs in a figure `width` inches wide."""
    return _head_height(panel) + _plot_height(width) + _BELOW


def _head_height(panel: SeriesPanel) -> float:
    return _TITLE + _LINE * max(1, len(panel.runs)) + 0.06


def _plot_height(width: float) -> float:
    return min(3.4, max(1.6, 0.3 * width))


def draw_panel(figure: Figure, panel: SeriesPanel, theme: Theme, *, top: float) -> None:
    """Draw `panel` into the strip of `figure` whose upper edge is `top` inches above the bottom."""
    drawing = _Drawing(figure, panel, theme, top)
    drawing.price()
    shown = [drawing.run(run, levels) for run, levels in drawing.runs]
    drawing.name_ends()
    drawing.title(shown)
    dress(drawing.axes, panel, theme)


class _Drawing:
    """A panel on its axes."""

    def __init__(self, figure: Figure, panel: SeriesPanel, theme: Theme, top: float) -> None:
        width, total = figure.get_size_inches()
        self.panel = panel
        self.theme = theme
        self.width, self.height = width - LEFT - RIGHT, _plot_height(width)
        self.dpi = figure.dpi
        bottom = top - _head_height(panel) - self.height
        box = (LEFT / width, bottom / total, self.width / width, self.height / total)
        self.axes = figure.add_axes(box, facecolor="none")
        self.runs = [(run, levels_of(panel, run)) for run in panel.runs]
        set_limits(self.axes, panel, [levels for _, levels in self.runs])

    def price(self) -> None:
        """Draw the line through the last value of each bucket, and the band from its minimum to its maximum."""
        panel, colour = self.panel, self.theme.price
        if not panel.last:
            return
        size = panel.bars_per_bucket
        bars = np.minimum(np.arange(1, len(panel.last) + 1) * size, panel.n_bars) - 1.0
        if size > 1:
            low, high = numbers(panel.min), numbers(panel.max)
            self.axes.fill_between(bars, low, high, step="pre", color=colour, alpha=0.3, lw=0, zorder=2)
        marker = "o" if len(panel.last) == 1 else None
        self.axes.plot(bars, numbers(panel.last), color=colour, lw=1.0, zorder=3, marker=marker, ms=4)

    def run(self, run: AlgorithmRun, levels: Levels) -> int:
        """Draw the levels and epochs of one run; return how many epochs have a marker."""
        colour = self.theme.side(run.side)
        bars, base, target = levels
        for values, line, width in zip((base, target), _DASHES[run.side], (1.2, 1.0), strict=True):
            self.axes.plot(bars, values, drawstyle="steps-post", color=colour, ls=line, lw=width, zorder=4)
        alpha = self.theme.fill_alpha
        self.axes.fill_between(bars, base, target, step="post", color=colour, alpha=alpha, lw=0, zorder=1)
        at = np.asarray([epoch.bar_index for epoch in run.epochs], dtype=float)
        keep = self._apart(at)
        navs = numbers([epoch.nav for epoch in run.epochs])[keep]
        edge = self.theme.background or "none"
        (marks,) = self.axes.plot(at[keep], navs, _MARKERS[run.side], color=colour, ms=7.5, mec=edge, mew=0.7, zorder=6)
        marks.set_clip_on(False)
        return len(keep)

    def _apart(self, bars: NDArray[np.float64]) -> list[int]:
        """Return the epochs that get a marker: all, or, of very many, the first within each few pixels."""
        if len(bars) <= _ALL_MARKERS:
            return list(range(len(bars)))
        least = _MARKER_PX * max(self.panel.n_bars - 1, 1) / (self.width * self.dpi)
        kept: list[int] = []
        for i, bar in enumerate(bars):
            if not kept or bar - bars[kept[-1]] >= least:
                kept.append(i)
        return kept

    def name_ends(self) -> None:
        """Write the name and final level of each line at its right end, moved apart so that they do not overlap."""
        labels: list[tuple[float, str, str]] = []
        for run, levels in self.runs:
            sign = "<" if run.side == "bear" else ">"
            names = (_LEVEL_NAMES[run.side], f"next {GLYPHS[run.side]} {sign}")
            for name, value in zip(names, (float(levels.base[-1]), float(levels.target[-1])), strict=True):
                y = self._place(value)
                arrow = " ↑" if y > 1 else " ↓" if y < 0 else ""
                if math.isfinite(y):
                    text = f"{name} {compact(value)}{arrow}"
                    labels.append((min(1.0, max(0.0, y)), text, self.theme.side(run.side)))
        labels.sort()
        ys = spread([y for y, _, _ in labels], 0.15 / self.height)
        for y, (_, text, colour) in zip(ys, labels, strict=True):
            label = fit(text, RIGHT - 0.06, SMALL)
            write(self.axes, 1.008, y, label, transform=self.axes.transAxes, ha="left", color=colour)

    def _place(self, value: float) -> float:
        """Return the height of a NAV, 0 to 1 within the axes; NaN if it cannot be placed."""
        low, high = self.axes.get_ylim()
        if self.axes.get_yscale() == "log":
            if value <= 0:
                return math.nan
            low, high, value = math.log(low), math.log(high), math.log(value)
        return (value - low) / (high - low)

    def title(self, shown: list[int]) -> None:
        """Write the name of the series above, and one line per run with its marker."""
        place, n_lines = self.axes.transAxes, max(1, len(self.runs))
        name = fit(self.panel.name, self.width - 1.2, _TITLE_SIZE) + f" · {count(self.panel.n_bars, 'bar')}"
        y = 1 + (0.1 + _LINE * n_lines) / self.height
        style = {"fontsize": _TITLE_SIZE, "weight": "bold", "color": self.theme.ink}
        write(self.axes, 0, y, name, transform=place, ha="left", **style)
        for i, ((run, _), n_shown) in enumerate(zip(self.runs, shown, strict=True)):
            text = fit(_summary(run, n_shown), self.width + RIGHT - 0.1, SIZE)
            y = 1 + (0.08 + _LINE * (n_lines - 1 - i)) / self.height
            colour = self.theme.side(run.side)
            write(self.axes, 0, y, text, transform=place, ha="left", fontsize=SIZE, color=colour)


def spread(ys: list[float], least: float) -> list[float]:
    """Return positions in the same order, at least `least` apart, near where they were, none above 1.

    >>> spread([0.5, 0.5, 1.0], 0.25)
    [0.5, 0.75, 1.0]
    """
    placed: list[float] = []
    for y in ys:
        placed.append(max(y, placed[-1] + least) if placed else y)
    limit = 1.0
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - least
    return placed


def _summary(run: AlgorithmRun, n_shown: int) -> str:
    parts = [f"{GLYPHS[run.side]} {run.side or run.name} · {count(len(run.epochs), 'epoch')}"]
    if n_shown < len(run.epochs):
        parts[0] += f" ({number(n_shown)} drawn)"
    if run.hurdle is not None:
        parts.append(f"hurdle (TMAE{'R' if run.side == 'bear' else 'G'}) {number(run.hurdle, 5)}")
    if run.intervals_cv is not None:
        parts.append(f"interval CV {number(run.intervals_cv, 4)}")
    if not run.is_finished:
        parts.append("did not finish")
    return " · ".join(parts)
