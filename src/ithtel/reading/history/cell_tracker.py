"""`CellTracker`, `CellRun`: which run of a cell each line of a log belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.events import CellEnd, CellPrior, CellStart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.history.values import ExecutionStatus
    from ithtel.reading.lines.record import Record


class CellRun:
    """One run of a cell: the event that began it and, once it is known, the event that ended it.

    `place` counts from 1, in the order in which the cells began.
    """

    def __init__(self, place: int, record: Record, start: CellStart | CellPrior) -> None:
        self.place = place
        self.start = start
        self.end: CellEnd | None = None
        self.span_id = record.envelope.span_id
        self.pid = record.envelope.pid

    @property
    def count(self) -> int | None:
        """The number in brackets; None if the host does not count cells."""
        return self.start.execution_count

    @property
    def source(self) -> str | None:
        """The text of the cell; None if it was not recorded."""
        return self.start.source

    @property
    def status(self) -> ExecutionStatus:
        """How the run ended; `prior` if it ended before recording began, `unfinished` if its end is not in the log."""
        if isinstance(self.start, CellPrior):
            return "prior"
        return "unfinished" if self.end is None else self.end.status


class CellTracker:
    """Assigns the lines of a log to runs of cells, line by line.

    A line belongs to the run whose span it carries. A line without a span (written by an older version or by another
    program) belongs to the run that its process began last and has not ended.
    """

    def __init__(self) -> None:
        self.runs: list[CellRun] = []
        self._by_span: dict[str, CellRun] = {}
        self._open: list[CellRun] = []

    @classmethod
    def of(cls, records: Iterable[Record]) -> CellTracker:
        """Return a tracker that has seen `records`."""
        tracker = cls()
        for record in records:
            tracker.see(record)
        return tracker

    def see(self, record: Record) -> CellRun | None:
        """Take in the next record and return the run that it belongs to; None if it was written between cells."""
        match record.event:
            case CellStart() | CellPrior() as start:
                return self._begin(record, start)
            case CellEnd() as end:
                return self._end(record, end)
            case _:
                return self.run_of(record)

    def run_of(self, record: Record) -> CellRun | None:
        """Return the run that a record belongs to, as far as the lines seen so far show."""
        span_id, pid = record.envelope.span_id, record.envelope.pid
        if span_id is not None:
            return self._by_span.get(span_id)
        return next((run for run in reversed(self._open) if run.pid == pid), None)

    def _begin(self, record: Record, start: CellStart | CellPrior) -> CellRun:
        run = CellRun(len(self.runs) + 1, record, start)
        self.runs.append(run)
        if run.span_id is not None:
            self._by_span[run.span_id] = run
        if isinstance(start, CellStart):
            self._open.append(run)
        return run

    def _end(self, record: Record, end: CellEnd) -> CellRun | None:
        run = next((run for run in reversed(self._open) if _is_end_of(record, end, run)), None)
        if run is not None:
            run.end = end
            self._open.remove(run)
        return run


def _is_end_of(record: Record, end: CellEnd, run: CellRun) -> bool:
    """Return whether `end`, the event of `record`, ends `run`: by its span, else by its process and number."""
    if run.span_id is not None and record.envelope.span_id is not None:
        return run.span_id == record.envelope.span_id
    return run.pid == record.envelope.pid and run.count == end.execution_count
