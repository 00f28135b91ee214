"""From records in order to a Timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel import events as ev
from ithtel import plain_text as plain
from ithtel.events import LEVELS
from ithtel.reading.lines.record import CellRun
from ithtel.reading.lines.run_keys import RunKeys
from ithtel.reading.timeline.runs import Runs
from ithtel.reading.timeline.timeline import Timeline
from ithtel.reading.timeline.values import Cell, Lane, Mark, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.lines.record import Record


class Assembly:
    """Takes records in, one by one. Each cell, and each event outside any cell, takes the next slot."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._ended: set[str] = set()
        self._n_slots = 0
        self._open: list[_OpenCell] = []
        self._cells: list[_OpenCell] = []
        self._marks: list[Mark] = []
        self._runs = Runs()
        self._run_keys = RunKeys()

    def add(self, record: Record) -> None:
        """Take one record in."""
        match record.event:
            case ev.SessionStart() as start:
                self._names[record.session_id] = start.name
            case ev.SessionEnd():
                self._ended.add(record.session_id)
            case ev.CellPrior() as prior:
                self._cells.append(_OpenCell(self._new_slot(), record, prior.execution_count, prior.source, "prior"))
            case ev.CellStart() as start:
                cell = _OpenCell(self._new_slot(), record, start.execution_count, start.source, "unfinished")
                self._cells.append(cell)
                self._open.append(cell)
            case ev.CellEnd() as end:
                self._close(record, end)
            case ev.AlgorithmInit() | ev.SeriesSketch() | ev.EpochDetected() | ev.AlgorithmResult() as event:
                self._runs.add(event, self._run_keys.of(record, event), lambda: self._slot(record))
            case _:
                self._mark(record)
        self._names.setdefault(record.session_id, record.envelope.component)

    def timeline(self, n_problems: int = 0) -> Timeline:
        """Return what has been taken in so far."""
        algorithms, panels = self._runs.finish()
        return Timeline(
            name=", ".join(dict.fromkeys(self._names.values())) or "empty",
            is_complete=self._ended >= self._names.keys(),
            n_slots=self._n_slots,
            n_problems=n_problems,
            cells=tuple(cell.value(place) for place, cell in enumerate(self._cells, start=1)),
            marks=tuple(self._marks),
            algorithms=algorithms,
            panels=panels,
        )

    def _mark(self, record: Record) -> None:
        said = _said(record)
        if said is not None:
            lane, label, detail = said
            self._marks.append(Mark(slot=self._slot(record), lane=lane, label=label, detail=detail))

    def _slot(self, record: Record) -> int:
        """Return the slot of the cell that `record` was written in, a new one where it was written between cells."""
        span, pid = record.envelope.span_id, record.envelope.pid
        if span is not None:
            cell = next((cell for cell in reversed(self._cells) if cell.span_id == span), None)
        else:
            cell = next((cell for cell in reversed(self._open) if cell.pid == pid), None)
        return self._new_slot() if cell is None else cell.slot

    def _new_slot(self) -> int:
        self._n_slots += 1
        return self._n_slots - 1

    def _close(self, record: Record, end: ev.CellEnd) -> None:
        cell = next((cell for cell in reversed(self._open) if cell.is_ended_by(record, end)), None)
        if cell is not None:
            cell.end = end
            self._open.remove(cell)


class _OpenCell(CellRun):
    """A cell of which the end may not be known yet."""

    def __init__(self, slot: int, record: Record, count: int | None, source: str | None, status: Status) -> None:
        super().__init__(record, count)
        self.slot = slot
        self.source = source
        self.status: Status = status
        self.end: ev.CellEnd | None = None

    def value(self, place: int) -> Cell:
        """Return what is known; a host that counts no cells (nbval) leaves their place in order as their number."""
        end = self.end
        failure = end.error if end else None
        return Cell(
            slot=self.slot,
            execution_count=place if self.count is None else self.count,
            status=end.status if end else self.status,
            source="(not recorded)" if self.source is None else plain.source(self.source, 120),
            reads=tuple(end.reads) if end else (),
            writes=tuple(end.writes) if end else (),
            error=plain.message(failure.text()) if failure else None,
            duration_ms=end.duration_ms if end else None,
        )


def _said(record: Record) -> tuple[Lane, str, str] | None:  # noqa: PLR0911 - a table, one line a kind
    """Return lane, label and sentence of a record that the timeline shows, None for one that it does not."""
    match record.event:
        case ev.ArrayFingerprint() | ev.FrameFingerprint() | ev.ObjectFingerprint() if _is_taken_unasked(record):
            return None
        case ev.SeedSet(seed=seed, components=components):
            return "seed", str(seed), f"seed {seed} for {', '.join(components) or 'nothing'}"
        case ev.DataLoad() as load:
            return "data", plain.place(load.source_path).removeprefix("synthetic:"), _data(load)
        case ev.ArrayFingerprint(name=name, dtype=dtype, shape=shape) if name is not None:
            return "fingerprint", name, f"{name} {dtype}[{' × '.join(map(plain.number, shape))}]"
        case ev.FrameFingerprint(name=name, shape=shape) if name is not None:
            return "fingerprint", name, f"{name} frame[{' × '.join(map(plain.number, shape))}]"
        case ev.ObjectFingerprint(name=name, type=kind) if name is not None:
            return "fingerprint", name, f"{name} {kind.rpartition('.')[2]}"
        case ev.Note(text=text):
            return "note", plain.message(text, 24), plain.message(text)
        case ev.Hazard(kind=kind, detail=detail):
            return "hazard", kind, plain.message(f"{kind}: {detail}", 120)
        case _ if LEVELS.get(record.envelope.level, 0) >= LEVELS["WARNING"]:
            level = record.envelope.level.lower()
            return "message", level, plain.message(f"{level}: {record.envelope.msg}", 120)
        case _:
            return None


def _is_taken_unasked(record: Record) -> bool:
    """Say whether a fingerprint is one of those that are taken after every cell: a timeline of them is no news."""
    return record.envelope.component == "namespace"


def _data(load: ev.DataLoad) -> str:
    sizes = [
        plain.count(n, noun) for n, noun in ((load.row_count, "row"), (load.column_count, "column")) if n is not None
    ]
    return " · ".join([f"data {plain.place(load.source_path)}", *([" × ".join(sizes)] if sizes else [])])


def timeline(log: Iterable[Record]) -> Timeline:
    """Read a log (or any records) once and return what happened.

    >>> from ithtel.reading.lines.log import Log
    >>> timeline(Log.from_lines([]))
    <Timeline of empty: 0 cells, 0 runs>
    """
    assembly = Assembly()
    for record in log:
        assembly.add(record)
    return assembly.timeline(n_problems=len(getattr(log, "problems", ())))
