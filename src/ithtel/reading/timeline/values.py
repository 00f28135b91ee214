"""What happened in a session, in the order in which it ran, as plain values."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Status = Literal["ok", "error", "interrupted", "unfinished", "prior"]
Side = Literal["bull", "bear"]
Lane = Literal["seed", "data", "fingerprint", "algorithm", "note", "hazard", "message"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that ran. `slot` is its place in the order of execution; `duration_ms` differs from run to run.

    `execution_count` is the host's number, or its place among the cells where the host counts none.
    """

    slot: int
    execution_count: int
    status: Status
    source: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    error: str | None = None
    duration_ms: float | None = None


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, in a cell (the one of the same `slot`) or between cells."""

    slot: int
    lane: Lane
    label: str
    detail: str


class EpochMark(msgspec.Struct, frozen=True, kw_only=True):
    """An epoch, as the kernel saw it."""

    epoch_index: int
    bar_index: int
    timestamp: str | None
    nav: float | None
    excess_gain: float | None
    excess_loss: float | None
    endorsing_crest: float | None
    hurdle: float | None


class AlgorithmRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of an algorithm. `run_id` joins it to the events of its session and process, and is not for display."""

    slot: int
    run_id: str
    name: str
    side: Side | None
    config: dict[str, Any]
    metrics: dict[str, Any]
    epochs: tuple[EpochMark, ...] = ()
    is_finished: bool = False

    @property
    def hurdle(self) -> float | None:
        """The hurdle where one number held for the whole run."""
        if str(self.config.get("hurdle")).startswith(("expanding", "rolling")):
            return None  # the metrics have that of the last bar
        of_epochs = {epoch.hurdle for epoch in self.epochs}
        given = (self.metrics.get("hurdle"), self.config.get("hurdle"), *(of_epochs if len(of_epochs) == 1 else ()))
        return next((float(value) for value in given if isinstance(value, int | float)), None)

    @property
    def intervals_cv(self) -> float | None:
        """The variation of the intervals between epochs, as recorded."""
        value = self.metrics.get("intervals_cv")
        return float(value) if isinstance(value, int | float) else None


class SeriesPanel(msgspec.Struct, frozen=True, kw_only=True):
    """A series and the runs over it, one a side; the buckets are those of `series.sketch`, none where it is absent."""

    name: str
    n_bars: int
    start_time: str | None = None
    end_time: str | None = None
    bars_per_bucket: int = 1
    first: tuple[float | None, ...] = ()
    min: tuple[float | None, ...] = ()
    max: tuple[float | None, ...] = ()
    last: tuple[float | None, ...] = ()
    runs: tuple[AlgorithmRun, ...] = ()
