"""`PValue`, `draw_p_values`: sorted p-values against the line of Benjamini and Hochberg, for ledgers and reports."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ithtel.plain_text import number
from ithtel.viewer.figure import DPI, plain_style
from ithtel.viewer.labels import SANS, SIZE, SMALL, fit, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ithtel.viewer.theme import Theme

FLOOR = 1e-6
"""Smaller p-values are drawn here."""
WIDTH, HEIGHT = 8.0, 4.1
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.68, 0.24, 0.5125, 0.7175
_TITLE_SIZE = 10.5
_N_NAMED = 6
_N_LARGE = 60
Outcome = Literal["kept", "lost", "not"]
_LEGEND: dict[Outcome, tuple[str, str]] = {
    "kept": ("●", "below the level, adjusted too"),
    "lost": ("◆", "below it only before adjustment"),
    "not": ("○", "not below it"),
}


class PValue(NamedTuple):
    """A p-value, the same adjusted by Benjamini and Hochberg, and what was tested at which level."""

    value: float
    adjusted: float
    alpha: float
    name: str

    @property
    def outcome(self) -> Outcome:
        """Whether it stays below its level when adjusted, was below it only before, or is not below it."""
        if self.adjusted < self.alpha:
            return "kept"
        return "lost" if self.value < self.alpha else "not"


def draw_p_values(
    p_values: Sequence[PValue], theme: Theme, *, title: str, width: float = WIDTH, height: float = HEIGHT
) -> Figure:
    """Draw p-values, given in ascending order, one mark each; `width` and `height` are in inches."""
    with plain_style():
        drawn = Figure(figsize=(width, height), dpi=DPI, facecolor=theme.background or "none")
        FigureCanvasAgg(drawn)
        across, up = width - _LEFT - _RIGHT, height - _BOTTOM - _TOP
        axes = drawn.add_axes((_LEFT / width, _BOTTOM / height, across / width, up / height), facecolor="none")
        _dress(axes, theme, len(p_values), _floor(p_values))
        _write_title(axes, p_values, theme, title, (across, up))
        if p_values:
            _draw_lines(axes, p_values, theme)
            _draw_points(axes, p_values, theme)
    return drawn


def _floor(p_values: Sequence[PValue]) -> float:
    """Return the lower end of the axis: if all p-values are large, the axis is shorter."""
    if not p_values:
        return FLOOR
    least = min(p.value for p in p_values)
    return 1e-4 if min(least, _level(p_values) / len(p_values)) > 2e-4 else FLOOR  # noqa: PLR2004


def _level(p_values: Sequence[PValue]) -> float:
    """Return the level that most tests have."""
    return Counter(p.alpha for p in p_values).most_common(1)[0][0]


def _write_title(axes: Axes, p_values: Sequence[PValue], theme: Theme, title: str, size: tuple[float, float]) -> None:
    across, up = size
    style: dict[str, Any] = {"transform": axes.transAxes, "ha": "left"}
    text = fit(title, across - 0.08, _TITLE_SIZE)
    write(axes, 0, 1 + 0.5453 / up, text, fontsize=_TITLE_SIZE, weight="bold", color=theme.ink, **style)
    if not p_values:
        write(axes, 0.5, 0.5, "no test with a p-value", transform=axes.transAxes, ha="center", color=theme.muted)
        return
    outcomes = Counter(p.outcome for p in p_values)
    x = 0.0
    for outcome, (glyph, meaning) in _LEGEND.items():
        text = f"{glyph} {outcomes[outcome]} {meaning}"
        write(axes, x / across, 1 + 0.244 / up, text, fontsize=SIZE, color=_colour(outcome, theme), **style)
        x += 0.2478 + len(text) * 0.06514


def _colour(outcome: Outcome, theme: Theme) -> str:
    return {"kept": theme.bull, "lost": theme.bear, "not": theme.muted}[outcome]


def _draw_lines(axes: Axes, p_values: Sequence[PValue], theme: Theme) -> None:
    n, level = len(p_values), _level(p_values)
    ranks = np.linspace(0.5, n + 0.5, 400)
    line = level * ranks / n
    axes.plot(ranks, line, color=theme.ink, lw=1.1, zorder=2)
    axes.fill_between(ranks, FLOOR / 2, line, color=theme.bull, alpha=theme.fill_alpha, lw=0, zorder=1)
    for value, dashes in ((level, "--"), (level / n, ":")):
        axes.plot(ranks[[0, -1]], [value, value], ls=dashes, color=theme.muted, lw=1.1, zorder=2)
    # named where the three are far apart: the level on the left, the other two on the right
    write(axes, 0.5 + 0.012 * n, level * 1.45, f"level {number(level)}", color=theme.muted, ha="left")
    write(axes, n + 0.5 - 0.008 * n, level / n / 1.5, "Bonferroni", color=theme.muted, ha="right")
    x = 0.5 + 0.6 * n
    write(axes, x, level * x / n / 1.6, "Benjamini-Hochberg", color=theme.ink, ha="left")


def _draw_points(axes: Axes, p_values: Sequence[PValue], theme: Theme) -> None:
    ranks = np.arange(1, len(p_values) + 1)
    values = np.array([max(p.value, FLOOR) for p in p_values])
    outcomes = np.array([p.outcome for p in p_values])
    size = 5.5 if len(p_values) <= _N_LARGE else 3.4  # so that neighbours stay apart
    is_tiny = values <= FLOOR
    markers: tuple[tuple[Outcome, str], ...] = (("not", "o"), ("kept", "o"), ("lost", "D"), ("kept", "v"))
    for outcome, marker in markers:
        at = (outcomes == outcome) & (is_tiny == (marker == "v"))
        colour = _colour(outcome, theme)
        fill = "none" if outcome == "not" else colour
        axes.plot(ranks[at], values[at], marker, ms=size, color=colour, mfc=fill, mew=1.0, zorder=4)
    lost = [i for i, p in enumerate(p_values) if p.outcome == "lost"]
    if len(lost) <= _N_NAMED:
        for i in lost:
            axes.annotate(fit(p_values[i].name, 2.4, SMALL), (ranks[i], values[i]), xytext=(7, -8),
                          textcoords="offset points", fontsize=SMALL, color=theme.bear, family=SANS,
                          parse_math=False)  # fmt: skip


def _dress(axes: Axes, theme: Theme, n: int, floor: float) -> None:
    axes.set_yscale("log")
    axes.set_ylim(floor / 2, 1.6)
    axes.set_xlim(0.5, max(n, 1) + 0.5)
    names = {1e-6: "≤ 1e-6", 1e-5: "1e-5", 1e-4: "0.0001", 1e-3: "0.001", 1e-2: "0.01", 1e-1: "0.1", 1.0: "1"}
    kept = {value: name for value, name in names.items() if value >= floor}
    axes.set_yticks([*kept], [*kept.values()])
    axes.set_yticks([], minor=True)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(colors=theme.muted, labelsize=SMALL, color=theme.faint, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(theme.faint)
    axes.set_xlabel("rank of the p-value", fontsize=SMALL, color=theme.muted, family=SANS)
    axes.grid(visible=True, axis="y", color=theme.faint, lw=0.6, zorder=0)
    axes.set_axisbelow(True)
