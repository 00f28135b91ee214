"""A ledger as a picture: p-values, sorted, against the line of Benjamini and Hochberg."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ithtel.plain_text import count, number, place
from ithtel.reading.ledger import text as ledger_text
from ithtel.viewer.composition import DPI, plain_style
from ithtel.viewer.figure import render, save
from ithtel.viewer.labels import SANS, SIZE, SMALL, fit, write
from ithtel.viewer.theme import theme_of

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from matplotlib.axes import Axes

    from ithtel.reading.ledger.values import Entry, Ledger
    from ithtel.viewer.theme import Theme

FLOOR = 1e-6
"""Smaller p-values are drawn here."""
_WIDTH, _HEIGHT = 8.0, 4.1
_BOX = (0.085, 0.125, 0.885, 0.70)
_NAMED = 6


def figure(ledger: Ledger, *, theme: str = "auto") -> Figure:
    """Draw the p-values of a ledger, one a hypothesis, in order of size.

    Raises:
        InputError: There is no such theme.
    """
    colours = theme_of(theme)
    with plain_style():
        drawn = Figure(figsize=(_WIDTH, _HEIGHT), dpi=DPI, facecolor=colours.background or "none")
        FigureCanvasAgg(drawn)
        axes = drawn.add_axes(_BOX, facecolor="none")
        entries = sorted(_hypotheses(ledger), key=lambda entry: (entry.p_value, entry.number))
        _dress(axes, colours, len(entries), _floor(entries))
        _title(axes, ledger, entries, colours)
        if entries:
            _lines(axes, entries, colours)
            _points(axes, entries, colours)
    return drawn


class LedgerPicture:
    """A ledger's p-values as a notebook shows them: a picture where it can, its sentences where it cannot."""

    def __init__(self, ledger: Ledger, *, theme: str = "auto") -> None:
        theme_of(theme)
        self.ledger = ledger
        self.theme = theme

    def figure(self) -> Figure:
        """Return the matplotlib figure, drawn anew."""
        return figure(self.ledger, theme=self.theme)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a `.png` or `.svg` file."""
        return save(self.figure(), path)

    def __repr__(self) -> str:
        return ledger_text.text(self.ledger)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        data = {"text/plain": repr(self), "image/png": render(self.figure(), "png")}
        return data, {"image/png": {"width": round(_WIDTH * DPI), "height": round(_HEIGHT * DPI)}}


def _hypotheses(ledger: Ledger) -> list[Entry]:
    """Return the tests that the adjustments count: the first of each hypothesis that has a p-value."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for entry in ledger.entries:
        first = (entry.number if entry.repeats is None else entry.repeats,)
        if entry.benjamini_hochberg is not None and first not in seen:
            seen.add(first)
            kept.append(entry)
    return kept


def _floor(entries: list[Entry]) -> float:
    """Return the least p-value that has a place of its own: where all are large, the axis is shorter."""
    least = min((float(entry.p_value or 0.0) for entry in entries), default=0.0)
    return 1e-4 if entries and min(least, _level(entries) / len(entries)) > 2e-4 else FLOOR  # noqa: PLR2004


def _level(entries: list[Entry]) -> float:
    """Return the level that most tests have."""
    return Counter(entry.alpha for entry in entries).most_common(1)[0][0]


def _title(axes: Axes, ledger: Ledger, entries: list[Entry], theme: Theme) -> None:
    said = f"{count(len(entries), 'p-value')}, sorted · {place(ledger.name)}"
    style: dict[str, Any] = {"transform": axes.transAxes, "ha": "left"}
    write(axes, 0, 1.19, fit(said, _WIDTH - 1, 10.5), fontsize=10.5, weight="bold", color=theme.ink, **style)
    if not entries:
        write(axes, 0.5, 0.5, "no test with a p-value", transform=axes.transAxes, ha="center", color=theme.muted)
        return
    kinds = [_kind(entry) for entry in entries]
    x = 0.0
    for kind, glyph, colour in (("kept", "●", theme.bull), ("lost", "◆", theme.bear), ("not", "○", theme.muted)):
        text = f"{glyph} {kinds.count(kind)} {_SAID[kind]}"
        write(axes, x, 1.085, text, fontsize=SIZE, color=colour, **style)
        x += 0.035 + len(text) * 0.0092


_SAID = {
    "kept": "below the level, adjusted too",
    "lost": "below it only before adjustment",
    "not": "not below it",
}


def _kind(entry: Entry) -> str:
    adjusted = entry.benjamini_hochberg
    if adjusted is not None and adjusted < entry.alpha:
        return "kept"
    return "lost" if entry.is_rejected else "not"


def _lines(axes: Axes, entries: list[Entry], theme: Theme) -> None:
    n, level = len(entries), _level(entries)
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


def _points(axes: Axes, entries: list[Entry], theme: Theme) -> None:
    colours = {"kept": theme.bull, "lost": theme.bear, "not": theme.muted}
    ranks = np.arange(1, len(entries) + 1)
    values = np.array([max(float(entry.p_value or 0.0), FLOOR) for entry in entries])
    size = 5.5 if len(entries) <= 60 else 3.4  # noqa: PLR2004 - so that neighbours stay apart
    is_tiny = values <= FLOOR
    for kind, marker in (("not", "o"), ("kept", "o"), ("lost", "D"), ("kept", "v")):
        at = np.array([_kind(entry) == kind for entry in entries]) & (is_tiny == (marker == "v"))
        fill = "none" if kind == "not" else colours[kind]
        axes.plot(ranks[at], values[at], marker, ms=size, color=colours[kind], mfc=fill, mew=1.0, zorder=4)
    lost = [(rank, entry) for rank, entry in zip(ranks, entries, strict=True) if _kind(entry) == "lost"]
    if len(lost) <= _NAMED:
        for rank, entry in lost:
            name = fit(f"{entry.subject} · {entry.test_name.rpartition('.')[2]}", 2.4, SMALL)
            axes.annotate(name, (rank, values[rank - 1]), xytext=(7, -8), textcoords="offset points",
                          fontsize=SMALL, color=theme.bear, family=SANS, parse_math=False)  # fmt: skip


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
