"""`draw_lanes`: what ran, in order of execution: cells, and below them what happened in and between them."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from matplotlib.patches import FancyBboxPatch, Rectangle

from ithtel.plain_text import count, number
from ithtel.viewer.labels import MONO, SIZE, fit, write
from ithtel.viewer.timeline.panels import GLYPHS, LEFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ithtel.reading.timeline.timeline import Timeline
    from ithtel.reading.timeline.values import AlgorithmRun, Cell, Lane
    from ithtel.viewer.theme import Theme

_RIGHT, _TOP = 0.16, 0.1
_ROW, _CELLS, _FOOT = 0.25, 0.72, 0.34
_BOX, _STRIP, _GAP, _PAD = 0.36, 0.16, 0.06, 0.05
_TINY = 6.8
_MAX_SLOT = 2.4
_SOURCE_FROM, _NUMBER_FROM, _SMALL_FROM = 0.55, 0.2, 0.1
_MAX_RUNS = 2
_TICK_EVERY = 0.5
_BOLD = 0.08
"""Inches that a bold digit takes."""
_ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_TITLES: dict[Lane, str] = {
    "seed": "seeds",
    "data": "data",
    "fingerprint": "fingerprints",
    "algorithm": "algorithms",
    "note": "notes",
    "hazard": "hazards",
    "message": "warnings",
}
_MARKERS = {"seed": "o", "data": "s", "fingerprint": "D", "note": "P", "hazard": "X", "message": "X"}


class _Look(NamedTuple):
    """How a cell with some status is drawn: statuses differ by shape and hatch, not by colour alone."""

    glyph: str = ""
    hatch: str = ""
    line: str = "-"
    width: float = 1.0
    overshoot: float = 0.0
    is_round: bool = True


_LOOKS: dict[str, _Look] = {
    "ok": _Look(),
    "error": _Look(glyph="✗ ", hatch="//////", overshoot=0.03, is_round=False),
    "interrupted": _Look(glyph="‖ ", hatch="....", width=0.6),
    "unfinished": _Look(glyph="… ", line=":"),
    "prior": _Look(line=":"),
}


class _Item(NamedTuple):
    """The content of one slot of a lane."""

    slot: int
    text: str
    colour: str
    marker: str | None
    short: str = ""


def lanes_height(timeline: Timeline) -> float:
    """Return the height in inches that the lanes need; 0 if they are empty."""
    lanes = _present(timeline)
    if not lanes and not timeline.cells:
        return 0.0
    return (_CELLS if timeline.cells else _TOP) + _ROW * len(lanes) + _FOOT


def _present(timeline: Timeline) -> list[Lane]:
    has = {mark.lane for mark in timeline.marks} | ({"algorithm"} if timeline.algorithms else set())
    return [lane for lane in _TITLES if lane in has]


def draw_lanes(figure: Figure, timeline: Timeline, theme: Theme, *, top: float) -> None:
    """Draw the lanes into the strip of `figure` whose upper edge is `top` inches above the bottom."""
    drawing = _Drawing(figure, timeline, theme, top)
    y = _TOP
    if timeline.cells:
        drawing.cells(y)
        y = _CELLS
    for lane in _present(timeline):
        drawing.lane(lane, y)
        y += _ROW
    write(drawing.axes, 0, y + 0.12, "order of execution →", color=theme.muted, ha="left")


class _Drawing:
    """The lanes on axes that count inches, y downwards; a slot is `slot` inches wide."""

    def __init__(self, figure: Figure, timeline: Timeline, theme: Theme, top: float) -> None:
        width, total = figure.get_size_inches()
        height = lanes_height(timeline)
        self.timeline = timeline
        self.theme = theme
        self.room = width - LEFT - _RIGHT
        self.slot = min(_MAX_SLOT, self.room / max(timeline.n_slots, 1))
        box = (LEFT / width, (top - height) / total, self.room / width, height / total)
        self.axes = figure.add_axes(box, facecolor="none")
        self.axes.set_axis_off()
        self.axes.set_xlim(0, self.room)
        self.axes.set_ylim(height, 0)

    def cells(self, y: float) -> None:
        """Draw all cells: as boxes with words or, if there are too many, as bars."""
        self._name("cells", y + _BOX / 2)
        for cell in self.timeline.cells:
            if self.slot < _NUMBER_FROM:
                self._bar(cell, y)
            else:
                self._box(cell, y)
        if self.slot < _NUMBER_FROM:
            self._numbers(y + _BOX + 0.17)

    def lane(self, lane: Lane, y: float) -> None:
        """Draw the items of a lane, each label in the space before the next item."""
        middle = y + _ROW / 2
        self.axes.plot([0, self.room], [y, y], color=self.theme.faint, lw=0.6, zorder=0)
        self._name(_TITLES[lane], middle)
        items = _runs(self.timeline, self.theme) if lane == "algorithm" else _items(self.timeline, lane, self.theme)
        for item, following in zip_longest(items, items[1:]):
            x = item.slot * self.slot + min(0.09, self.slot / 2)
            end = following.slot * self.slot if following else self.room
            offset = 0.09 if item.marker else -0.04
            if item.marker:
                size = 5.0 if self.slot > _SMALL_FROM else 3.5
                self.axes.plot([x], [middle], item.marker, color=item.colour, ms=size, mec="none")
            write(self.axes, x + offset, middle, _cut(item, end - x - offset - _PAD), color=item.colour)

    def _name(self, name: str, y: float) -> None:
        write(self.axes, -0.12, y, name, ha="right", color=self.theme.ink, fontsize=SIZE)

    def _box(self, cell: Cell, y: float) -> None:
        """Draw a cell as a box with its number and, if there is room, its source and what it read and wrote."""
        look, theme = _LOOKS[cell.status], self.theme
        left, width = cell.slot * self.slot, (self.slot - _GAP) * look.width
        colour = theme.failed if cell.status == "error" else theme.muted
        style = "round,pad=0,rounding_size=0.05" if look.is_round else "square,pad=0"
        corner, height = (left, y - look.overshoot), _BOX + 2 * look.overshoot
        box = FancyBboxPatch(corner, width, height, boxstyle=style, fc="none", ec=colour, ls=look.line, lw=0.9)
        box.set_clip_on(False)
        self.axes.add_patch(box)
        strip = min(_STRIP, width / 4) if look.hatch else 0.0
        if strip:
            hatched = Rectangle((left + width - strip, y), strip, _BOX, fc="none", ec=colour, hatch=look.hatch, lw=0)
            self.axes.add_patch(hatched)
        x, room, has_source = left + _PAD, width - strip - 2 * _PAD, self.slot >= _SOURCE_FROM
        mark = f"{look.glyph}{cell.execution_count}"
        mark = mark if len(mark) * _BOLD <= room else str(cell.execution_count)
        write(self.axes, x, y + (0.1 if has_source else _BOX / 2), mark, color=colour, weight="bold")
        if has_source:
            mono = {"fontsize": _TINY, "family": MONO, "color": theme.ink}
            write(self.axes, x, y + 0.26, fit(cell.source, room, _TINY, MONO), **mono)
            label = fit(_flow(cell), self.slot - 2 * _PAD, _TINY)
            write(self.axes, x, y + _BOX + 0.11, label, color=colour, fontsize=_TINY)

    def _bar(self, cell: Cell, y: float) -> None:
        """Draw a cell too narrow for words: failed ones reach above and below, interrupted ones are cut short."""
        look = _LOOKS[cell.status]
        extra = 3 * look.overshoot
        colour = {"ok": self.theme.faint, "error": self.theme.failed}.get(cell.status, self.theme.muted)
        corner, height = (cell.slot * self.slot, y - extra), _BOX * look.width + 2 * extra
        bar = Rectangle(corner, self.slot * 0.8, height, fc=colour, ec="none", lw=0)
        bar.set_clip_on(False)
        self.axes.add_patch(bar)

    def _numbers(self, y: float) -> None:
        """Number every 5th, 10th … cell when cells are too narrow for a number each."""
        counts = [cell.execution_count for cell in self.timeline.cells]
        apart = max(1, math.ceil(_TICK_EVERY / self.slot))
        every = next((step for step in _ROUND if step >= apart), apart)
        for cell in self.timeline.cells:
            n = cell.execution_count
            if (n % every == 0 or n == counts[0]) and not 0 < n - counts[0] < every / 2:
                style = {"color": self.theme.muted, "fontsize": _TINY}
                write(self.axes, (cell.slot + 0.4) * self.slot, y, f"[{n}]", ha="center", **style)


def _flow(cell: Cell) -> str:
    if cell.status == "error" and cell.error:
        return cell.error
    if cell.status in {"interrupted", "unfinished"}:
        return "interrupted" if cell.status == "interrupted" else "has not ended"
    if not cell.reads and not cell.writes:
        return ""
    return f"{', '.join(cell.reads)} → {', '.join(cell.writes)}".strip()


def _items(timeline: Timeline, lane: Lane, theme: Theme) -> list[_Item]:
    """Return one item per slot; several marks in one slot are joined."""
    slots: dict[int, list[str]] = {}
    for mark in timeline.lane(lane):
        slots.setdefault(mark.slot, []).append(mark.label)
    colour = theme.failed if lane in {"hazard", "message"} else theme.ink
    return [_Item(slot, ", ".join(dict.fromkeys(labels)), colour, _MARKERS[lane]) for slot, labels in slots.items()]


def _cut(item: _Item, room: float) -> str:
    """Return the text of an item, cut to fit; for runs the short form, or only its sign.

    A number must not be cut, since it would be a different number.
    """
    text = fit(item.text, room)
    if not item.short or text == item.text:
        return text
    return item.short if fit(item.short, room) == item.short else item.short[:1]


def _runs(timeline: Timeline, theme: Theme) -> list[_Item]:
    """Return one item per slot: each run with its side and epochs; if there are many, their number."""
    slots: dict[int, list[AlgorithmRun]] = {}
    for run in timeline.algorithms:
        slots.setdefault(run.slot, []).append(run)
    items = []
    for slot, runs in slots.items():
        sides = {run.side for run in runs}
        colour = theme.side(runs[0].side) if len(sides) == 1 else theme.ink
        if len(runs) > _MAX_RUNS:
            text, brief = count(len(runs), "run"), f"×{number(len(runs))}"
        else:
            text = "   ".join(f"{GLYPHS[run.side]} {run.side or run.name} {_n_epochs(run)}".rstrip() for run in runs)
            brief = "  ".join(f"{GLYPHS[run.side]} {_n_epochs(run)}".rstrip() for run in runs)
        items.append(_Item(slot, text, colour, None, brief))
    return items


def _n_epochs(run: AlgorithmRun) -> str:
    """Return the number of epochs of a run; empty if the algorithm does not detect epochs."""
    return number(len(run.epochs)) if run.epochs or run.side or "n_epochs" in run.metrics else ""
