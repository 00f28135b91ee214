"""`Timeline`, and its plain text: cells with their events, then each series as a small chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.plain_text import count, number, short
from ithtel.reading.timeline.chart import chart

if TYPE_CHECKING:
    from ithtel.reading.timeline.values import AlgorithmRun, Cell, Lane, Mark, SeriesPanel

_GLYPH = {"ok": " ", "error": "✗", "interrupted": "‖", "unfinished": "…", "prior": "·"}
_MAX_MARKS = 6
_MAX_CELLS = 60


def timeline_text(timeline: Timeline, width: int) -> str:
    """Return the whole text, with lines of at most `width` characters."""
    charts = [chart(panels, width) for panels in _by_series(timeline.panels)]
    blocks = [[short(_head(timeline), width)], _body(timeline, width), *charts]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def _by_series(panels: tuple[SeriesPanel, ...]) -> list[list[SeriesPanel]]:
    """Return the panels grouped by series, in the order of the first of each."""
    series: dict[SeriesPanel, list[SeriesPanel]] = {}
    for panel in panels:
        series.setdefault(msgspec.structs.replace(panel, runs=()), []).append(panel)
    return list(series.values())


def _head(timeline: Timeline) -> str:
    cells = timeline.cells
    odd = [
        f"{n} {word}"
        for status, word in (("error", "failed"), ("interrupted", "interrupted"), ("unfinished", "unfinished"))
        if (n := sum(cell.status == status for cell in cells))
    ]
    n_cells = count(len(cells), "cell") if cells else "no cells"
    parts = [timeline.name, n_cells + (f" ({', '.join(odd)})" if odd else "")]
    if timeline.algorithms:
        epochs = sum(len(run.epochs) for run in timeline.algorithms)
        parts.append(f"{count(len(timeline.algorithms), 'run')}, {count(epochs, 'epoch')}")
    for lane, noun in (("hazard", "hazard"), ("message", "warning")):
        if n := sum(mark.lane == lane for mark in timeline.marks):
            parts.append(count(n, noun))
    if timeline.n_problems:
        parts.append(f"{count(timeline.n_problems, 'line')} unreadable")
    return " · ".join(parts)


def _body(timeline: Timeline, width: int) -> list[str]:
    """Return the lines of the slots, in order of execution; the first and the last if there are very many."""
    cells = {cell.slot: cell for cell in timeline.cells}
    inside: dict[int, list[str]] = {}
    for slot, sentence in _inside(timeline):
        inside.setdefault(slot, []).append(sentence)
    slots = sorted(cells.keys() | inside.keys())
    half = _MAX_CELLS // 2
    left_out = slots[half:-half] if len(slots) > _MAX_CELLS else []
    digits = max((len(_number(cell)) for cell in timeline.cells), default=0)
    lines: list[str] = []
    for slot in slots:
        if left_out and slot == left_out[0]:
            lines.append(f"{'':{digits}}  … {len(left_out)} more")
        if slot in left_out:
            continue
        if slot in cells:
            lines += _cell_lines(cells[slot], digits, width)
        indent = digits + 3 + 2 * (slot in cells)
        lines += [_indented(sentence, indent, width) for sentence in _folded(inside.get(slot, []))]
    return lines


def _cell_lines(cell: Cell, digits: int, width: int) -> list[str]:
    flow = _flow(cell)
    head = f"{_number(cell):>{digits}} {_GLYPH[cell.status]} "
    room = width - len(head) - (len(flow) + 2 if flow else 0)
    source = short(cell.source, room) if room > 1 else ""
    line = head + (f"{source:<{min(room, max(len(source), 52))}}  {flow}" if flow else source)
    failure = cell.error or {"interrupted": "interrupted", "unfinished": "has not ended"}.get(cell.status)
    return [line] if failure is None else [line, _indented(failure, digits + 5, width)]


def _indented(text: str, indent: int, width: int) -> str:
    return " " * indent + short(text, width - indent)


def _number(cell: Cell) -> str:
    return f"[{cell.execution_count}]"


def _flow(cell: Cell) -> str:
    """Return `reads → writes`, each truncated to fit a column."""
    if not cell.reads and not cell.writes:
        return ""
    return f"{short(', '.join(cell.reads), 20)} → {short(', '.join(cell.writes), 20)}".strip()


def _inside(timeline: Timeline) -> list[tuple[int, str]]:
    """Return slot and sentence of everything that happened, with the fingerprints of a slot on one line."""
    found: list[tuple[int, str]] = []
    fingerprints: dict[int, list[str]] = {}
    for mark in timeline.marks:
        if mark.lane == "fingerprint":
            fingerprints.setdefault(mark.slot, []).append(mark.detail)
        else:
            found.append((mark.slot, _sentence(mark)))
    found += [(slot, "fingerprints " + ", ".join(dict.fromkeys(names))) for slot, names in fingerprints.items()]
    return found + [(run.slot, _run(run)) for run in timeline.algorithms]


def _sentence(mark: Mark) -> str:
    return {"note": f"note: {mark.detail}", "hazard": f"! {mark.detail}"}.get(mark.lane, mark.detail)


def _run(run: AlgorithmRun) -> str:
    parts = [run.name]
    if run.epochs or "n_epochs" in run.metrics:
        parts.append(count(len(run.epochs), "epoch"))
    if run.hurdle is not None:
        parts.append(f"hurdle {number(run.hurdle)}")
    if run.intervals_cv is not None:
        parts.append(f"interval CV {number(run.intervals_cv)}")
    return " · ".join(parts) + ("" if run.is_finished else " · did not finish")


def _folded(sentences: list[str]) -> list[str]:
    """Return sentences, with equal neighbours merged and counted; only the first if there are very many."""
    folded: list[tuple[str, int]] = []
    for sentence in sentences:
        if folded and folded[-1][0] == sentence:
            folded[-1] = (sentence, folded[-1][1] + 1)
        else:
            folded.append((sentence, 1))
    lines = [f"{sentence} (× {n})" if n > 1 else sentence for sentence, n in folded]
    return lines if len(lines) <= _MAX_MARKS else [*lines[:_MAX_MARKS], f"… {len(lines) - _MAX_MARKS} more"]


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A session in order of execution: its cells, the events in and between them, and the analysed series."""

    name: str
    is_complete: bool = True
    n_slots: int = 0
    n_problems: int = 0
    cells: tuple[Cell, ...] = ()
    marks: tuple[Mark, ...] = ()
    algorithms: tuple[AlgorithmRun, ...] = ()
    panels: tuple[SeriesPanel, ...] = ()

    def lane(self, lane: Lane) -> tuple[Mark, ...]:
        """Return the marks of one lane, in order."""
        return tuple(mark for mark in self.marks if mark.lane == lane)

    def text(self, width: int = 96) -> str:
        """Return the timeline as plain text for monospaced fonts: always the same for the same run.

        >>> print(Timeline(name="demo").text())
        demo · no cells
        """
        return timeline_text(self, width)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Timeline of {self.name}: {len(self.cells)} cells, {len(self.algorithms)} runs>"
