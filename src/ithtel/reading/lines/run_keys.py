"""`RunKey`, `RunKeys`: which run of an algorithm a line belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ithtel.events import AlgorithmInit

if TYPE_CHECKING:
    from ithtel.events import AlgorithmResult, EpochDetected, SeriesSketch
    from ithtel.reading.lines.record import Record


class RunKey(NamedTuple):
    """Identifies a run by its session, the process that began it and its id there, as forked workers reuse ids."""

    session_id: str
    pid: int
    run_id: str | None


class RunKeys:
    """Identifies the runs of a log, line by line.

    A process may add to a run that it did not begin, such as a worker that was forked later, or a feed. Its lines then
    belong to the run of that id which another process of the session began last.
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
