"""`timeline`, `TimelineBuilder`: the records of a log, collected into a `Timeline`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel import events as ev
from ithtel import plain_text as plain
from ithtel.reading.history.cell_tracker import CellTracker
from ithtel.reading.history.runs import Runs
from ithtel.reading.lines.run_keys import RunKeys
from ithtel.reading.timeline.marks import mark_of
from ithtel.reading.timeline.runs import panels_and_runs
from ithtel.reading.timeline.timeline import Timeline
from ithtel.reading.timeline.values import Cell, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.history.cell_tracker import CellRun
    from ithtel.reading.lines.record import Record


class TimelineBuilder:
    """Collects records, one by one. Each cell, and each event outside cells, takes the next slot.

    The cells and runs are those of a `History`, from the same trackers; the epochs of a history are copies, of which a
    timeline has no need.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._ended: set[str] = set()
        self._n_slots = 0
        self._slots: dict[CellRun, int] = {}
        self._marks: list[Mark] = []
        self._cells = CellTracker()
        self._runs: Runs[int] = Runs()
        self._run_keys = RunKeys()

    def add(self, record: Record) -> None:
        """Take in the next record."""
        cell = self._cells.see(record)
        match record.event:
            case ev.SessionStart() as start:
                self._names[record.session_id] = start.name
            case ev.SessionEnd():
                self._ended.add(record.session_id)
            case ev.CellPrior() | ev.CellStart():
                self._slot(cell)
            case ev.CellEnd():
                pass
            case ev.AlgorithmInit() | ev.SeriesSketch() | ev.EpochDetected() | ev.AlgorithmResult() as event:
                self._runs.add(event, self._run_keys.of(record, event), lambda: self._slot(cell))
            case _ if (mark := mark_of(record)) is not None:
                lane, label, detail = mark
                self._marks.append(Mark(slot=self._slot(cell), lane=lane, label=label, detail=detail))
        self._names.setdefault(record.session_id, record.envelope.component)

    def timeline(self, n_problems: int = 0) -> Timeline:
        """Return the timeline as far as it has been read."""
        algorithms, panels = panels_and_runs(self._runs.runs)
        return Timeline(
            name=", ".join(dict.fromkeys(self._names.values())) or "empty",
            is_complete=self._ended >= self._names.keys(),
            n_slots=self._n_slots,
            n_problems=n_problems,
            cells=tuple(_cell(cell, slot) for cell, slot in self._slots.items()),
            marks=tuple(self._marks),
            algorithms=algorithms,
            panels=panels,
        )

    def _slot(self, cell: CellRun | None) -> int:
        """Return the slot of a cell; a new one for a new cell and for an event between cells."""
        if cell is not None and cell in self._slots:
            return self._slots[cell]
        slot = self._n_slots
        self._n_slots += 1
        if cell is not None:
            self._slots[cell] = slot
        return slot


def _cell(cell: CellRun, slot: int) -> Cell:
    """Return a cell as far as it is known; if the host does not count cells (nbval), its number is its place."""
    end = cell.end
    error = end.error if end else None
    return Cell(
        slot=slot,
        execution_count=cell.place if cell.count is None else cell.count,
        status=cell.status,
        source="(not recorded)" if cell.source is None else plain.source(cell.source, 120),
        reads=tuple(end.reads) if end else (),
        writes=tuple(end.writes) if end else (),
        error=plain.message(error.text()) if error else None,
        duration_ms=end.duration_ms if end else None,
    )


def timeline(log: Iterable[Record]) -> Timeline:
    """Return what happened, from one pass over a log or any other records.

    >>> from ithtel.reading.lines.log import Log
    >>> timeline(Log.from_lines([]))
    <Timeline of empty: 0 cells, 0 runs>
    """
    builder = TimelineBuilder()
    for record in log:
        builder.add(record)
    return builder.timeline(n_problems=len(getattr(log, "problems", ())))
