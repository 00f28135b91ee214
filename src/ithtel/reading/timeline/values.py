"""`Cell`, `Mark`, `AlgorithmRun`, `SeriesPanel`: the contents of a timeline, as plain values."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Status = Literal["ok", "error", "interrupted", "unfinished", "prior"]
Side = Literal["bull", "bear"]
Lane = Literal["seed", "data", "fingerprint", "algorithm", "note", "hazard", "message"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that ran. `slot` is its place in the order of execution; `duration_ms` differs between runs.

    `execution_count` is the host's number, or the place among the cells if the host does not count them.
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
    """An event in a cell (the one with the same `slot`) or between cells."""

    slot: int
    lane: Lane
    label: str
    detail: str


class EpochMark(msgspec.Struct, frozen=True, kw_only=True):
    """An epoch, with the values that the kernel computed."""

    epoch_index: int
    bar_index: int
    timestamp: str | None
    nav: float | None
    excess_gain: float | None
    excess_loss: float | None
    endorsing_crest: float | None
    hurdle: float | None


class AlgorithmRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of an algorithm. `run_id` links it to the events of its session and process, and is not displayed."""

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
        """The hurdle, if it was one number for the whole run."""
        if str(self.config.get("hurdle")).startswith(("expanding", "rolling")):
            return None  # the metrics hold that of the last bar
        of_epochs = {epoch.hurdle for epoch in self.epochs}
        given = (self.metrics.get("hurdle"), self.config.get("hurdle"), *(of_epochs if len(of_epochs) == 1 else ()))
        return next((float(value) for value in given if isinstance(value, int | float)), None)

    @property
    def intervals_cv(self) -> float | None:
        """The recorded coefficient of variation of the intervals between epochs."""
        value = self.metrics.get("intervals_cv")
        return float(value) if isinstance(value, int | float) else None


class SeriesPanel(msgspec.Struct, frozen=True, kw_only=True):
    """A series and the runs over it, one per side; the buckets are those of `series.sketch`, if it was recorded."""

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
