"""Which run of an algorithm a line belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ithtel.events import AlgorithmInit

if TYPE_CHECKING:
    from ithtel.events import AlgorithmResult, EpochDetected, SeriesSketch
    from ithtel.reading.lines.record import Record


class RunKey(NamedTuple):
    """A run: its session, the process that began it, its id there. Forked workers count from the same number."""

    session_id: str
    pid: int
    run_id: str | None


class RunKeys:
    """Tells the runs of a log apart, fed line by line.

    What a process adds to a run that it did not begin (a worker that was forked since, a feed) belongs to the run of
    that id which another process of its session began last.
    """

    def __init__(self) -> None:
        self._of: dict[RunKey, RunKey] = {}
        self._began: dict[tuple[str, str | None], RunKey] = {}

    def of(self, record: Record, event: AlgorithmInit | SeriesSketch | EpochDetected | AlgorithmResult) -> RunKey:
        """Return the run of `event`, the event of `record`."""
        own = RunKey(record.session_id, record.envelope.pid, event.run_id)
        if isinstance(event, AlgorithmInit):
            self._of[own] = self._began[own.session_id, own.run_id] = own
            return own
        return self._of.setdefault(own, self._began.get((own.session_id, own.run_id), own))
