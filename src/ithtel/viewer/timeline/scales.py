"""`set_limits`, `dress`, `compact`, `round_values`: the axes of a panel, bars and dates below, NAV on the left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from ithtel.plain_text import number
from ithtel.viewer.labels import SIZE, SMALL, legible, write
from ithtel.viewer.timeline.levels import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ithtel.reading.timeline.values import SeriesPanel
    from ithtel.viewer.theme import Theme
    from ithtel.viewer.timeline.levels import Levels

_LOG_FROM = 2.5
_ENOUGH_TICKS = 4


def set_limits(axes: Axes, panel: SeriesPanel, levels: list[Levels]) -> None:
    """Set both axes: logarithmic if the NAV grows more than 2.5-fold, with room for targets that are near."""
    seen = np.concatenate([numbers(panel.min), numbers(panel.max), *(level.base for level in levels), [np.nan]])
    targets = np.concatenate([*(level.target for level in levels), [np.nan]])
    seen, targets = seen[np.isfinite(seen)], targets[np.isfinite(targets)]
    if not len(seen):
        seen = np.asarray([0.9, 1.1])
    low, high = float(seen.min()), float(seen.max())
    is_log = low > 0 and high / low > _LOG_FROM
    to, back = (math.log, _exp) if is_log else (float, float)
    span = to(high) - to(low) or abs(to(high)) * 0.02 or 1.0
    near = [to(target) for target in targets if not is_log or target > 0]
    near = [target for target in near if to(low) - 0.3 * span <= target <= to(high) + 0.3 * span]
    axes.set_yscale("log" if is_log else "linear")
    axes.set_ylim(back(min([to(low), *near]) - 0.05 * span), back(max([to(high), *near]) + 0.05 * span))
    pad = max(panel.n_bars - 1, 1) * 0.008
    axes.set_xlim(-pad, max(panel.n_bars - 1, 1) + pad)


def compact(value: float) -> str:
    """Return a level in few characters: five digits, or three if it needs an exponent.

    >>> compact(1022.62), compact(8.4891e7), compact(1.5e-9)
    ('1022.6', '8.49e7', '1.5e-9')
    """
    text = number(value, 5)
    if "e" not in text:
        return text
    digits, _, exponent = number(value, 3).partition("e")
    return f"{digits}e{int(exponent)}" if exponent else digits


def _exp(value: float) -> float:
    return math.exp(min(max(value, -700.0), 700.0))


def dress(axes: Axes, panel: SeriesPanel, theme: Theme) -> None:
    """Mark and name both axes."""
    is_log = axes.get_yscale() == "log"
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(FixedLocator(round_values(low, high, is_log=is_log)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.set_ylim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(_round_bars(panel.n_bars)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(round(value))))
    axes.tick_params(colors=theme.muted, labelsize=SMALL, length=3, width=0.6)
    axes.grid(visible=True, axis="y", color=theme.faint, lw=0.6, zorder=0)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(theme.muted)
        spine.set_linewidth(0.6)
    _name(axes, panel, "NAV (log scale)" if is_log else "NAV", theme)


def _name(axes: Axes, panel: SeriesPanel, nav: str, theme: Theme) -> None:
    width, height = axes.bbox.width / axes.figure.dpi, axes.bbox.height / axes.figure.dpi
    axes.set_ylabel(nav, color=theme.ink, fontsize=SIZE)
    axes.yaxis.set_label_coords(-0.6 / width, 0.5)
    y, place = -0.36 / height, axes.transAxes
    write(axes, 0.5, y, "bar", transform=place, color=theme.ink, ha="center", fontsize=SIZE)
    if panel.start_time and panel.end_time:
        write(axes, 0.0, y, _date(panel.start_time), transform=place, color=theme.ink, ha="left")
        write(axes, 1.0, y, _date(panel.end_time), transform=place, color=theme.ink, ha="right")


def _date(time: str) -> str:
    """Return the day, and the minute unless it is midnight."""
    minute = time[11:16]
    return legible(time[:10] if minute in {"", "00:00"} else f"{time[:10]} {minute}")


def _round_bars(n_bars: int) -> list[float]:
    last = max(n_bars - 1, 0)
    ticks = MaxNLocator(nbins=8, integer=True, min_n_ticks=1).tick_values(0, max(last, 1))
    return [float(bar) for bar in ticks if 0 <= bar <= last]


def round_values(low: float, high: float, *, is_log: bool) -> list[float]:
    """Return round numbers to mark an axis with, four to eight if there are enough."""
    if not is_log:
        return [float(tick) for tick in MaxNLocator(nbins=6).tick_values(low, high) if low <= tick <= high]
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = -(-len(powers) // 8)
    ticks: list[float] = []
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        ticks = [t for p in powers[::every] for s in steps if low <= (t := s * 10.0**p) <= high]
        if len(ticks) >= _ENOUGH_TICKS or every > 1:
            break
    return ticks
