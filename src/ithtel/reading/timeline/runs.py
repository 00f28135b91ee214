"""Runs of algorithms and the series they ran over."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.events import AlgorithmInit, AlgorithmResult, EpochDetected, SeriesSketch
from ithtel.reading.timeline.values import AlgorithmRun, EpochMark, SeriesPanel, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

SIDES: tuple[Side, Side] = ("bull", "bear")
RunEvent = AlgorithmInit | SeriesSketch | EpochDetected | AlgorithmResult


def panels_of(events: Iterable[RunEvent]) -> tuple[SeriesPanel, ...]:
    """Return the series that events are about, each with its runs: of events in hand, without a log."""
    runs = Runs()
    for slot, event in enumerate(events):
        runs.add(event, event.run_id, partial(int, slot))
    return runs.finish()[1]


class Runs:
    """Joins the events of each run. A run is known by a key: its session, process and `run_id`, or the latter alone."""

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        self._latest: dict[Hashable, _Draft] = {}

    def add(self, event: RunEvent, key: Hashable, slot: Callable[[], int]) -> None:
        """Add an event of a run. An `algorithm.init` begins the run, at `slot()`; without one, its first event does."""
        if isinstance(event, AlgorithmInit):
            self._begin(key, _Draft(slot(), event.run_id, event.algorithm_name, event.config))
            return
        draft = self._latest.get(key) or self._begin(key, _Draft(slot(), event.run_id or "", "ith", {}))
        match event:
            case SeriesSketch():
                draft.sketch = event
            case EpochDetected():
                draft.epochs.append(event)
            case AlgorithmResult():
                draft.metrics, draft.name, draft.is_finished = event.final_metrics, event.algorithm_name, True

    def finish(self) -> tuple[tuple[AlgorithmRun, ...], tuple[SeriesPanel, ...]]:
        """Return the runs in order, and a panel for each series; a bull and a bear over the same series share one."""
        runs: list[AlgorithmRun] = []
        panels: list[SeriesPanel] = []
        for draft in sorted(self._drafts, key=lambda draft: draft.slot):
            new = draft.runs()
            runs += new
            panel = draft.panel()
            if panel is not None:
                _join(panels, panel, new)
        return tuple(runs), tuple(panels)

    def _begin(self, key: Hashable, draft: _Draft) -> _Draft:
        self._drafts.append(draft)
        self._latest[key] = draft
        return draft


class _Draft:
    """A run of which more may come."""

    def __init__(self, slot: int, run_id: str, name: str, config: dict[str, Any]) -> None:
        self.slot = slot
        self.run_id = run_id
        self.name = name
        self.config = config
        self.metrics: dict[str, Any] = {}
        self.is_finished = False
        self.epochs: list[EpochDetected] = []
        self.sketch: SeriesSketch | None = None

    def runs(self) -> list[AlgorithmRun]:
        """Return one run, or one a side where the epochs are of both."""
        seen = {epoch.position_type for epoch in self.epochs}
        sides: list[Side | None] = [side for side in SIDES if side in seen]
        return [self._run(side) for side in (sides or [self._side()])]

    def panel(self) -> SeriesPanel | None:
        """Return the series without its runs; None where nothing is known of one."""
        sketch = self.sketch
        if sketch is not None:
            return SeriesPanel(
                name=sketch.name, n_bars=sketch.n_bars, start_time=sketch.start_time, end_time=sketch.end_time,
                bars_per_bucket=sketch.bars_per_bucket, first=tuple(sketch.first), min=tuple(sketch.min),
                max=tuple(sketch.max), last=tuple(sketch.last),
            )  # fmt: skip
        if not self.epochs:
            return None
        n_bars = self.metrics.get("n_bars")
        seen = max(epoch.bar_index for epoch in self.epochs) + 1
        name = self.epochs[0].series or self.name
        return SeriesPanel(name=name, n_bars=max(seen, n_bars) if isinstance(n_bars, int) else seen)

    def _side(self) -> Side | None:
        said = f"{self.config.get('side', '')} {self.name}".lower()
        return next((side for side in SIDES if side in said), None)

    def _run(self, side: Side | None) -> AlgorithmRun:
        return AlgorithmRun(
            slot=self.slot, run_id=self.run_id, name=self.name, side=side, config=self.config, metrics=self.metrics,
            epochs=tuple(_mark(epoch) for epoch in self.epochs if epoch.position_type in (side, None)),
            is_finished=self.is_finished,
        )  # fmt: skip


def _mark(epoch: EpochDetected) -> EpochMark:
    return EpochMark(
        epoch_index=epoch.epoch_index, bar_index=epoch.bar_index, timestamp=epoch.timestamp, nav=epoch.nav_at_epoch,
        excess_gain=epoch.excess_gain, excess_loss=epoch.excess_loss, endorsing_crest=epoch.endorsing_crest,
        hurdle=epoch.tmaeg_threshold,
    )  # fmt: skip


def _join(panels: list[SeriesPanel], panel: SeriesPanel, runs: Iterable[AlgorithmRun]) -> None:
    """Add `runs` to the latest panel of the same series that lacks their side, else to a new panel."""
    runs = tuple(runs)
    sides = {run.side for run in runs}
    for i in range(len(panels) - 1, -1, -1):
        other = panels[i]
        has = {run.side for run in other.runs}
        if not sides & has and msgspec.structs.replace(other, runs=()) == panel:
            ordered = sorted((*other.runs, *runs), key=lambda run: run.side != "bull")
            panels[i] = msgspec.structs.replace(other, runs=tuple(ordered))
            return
    panels.append(msgspec.structs.replace(panel, runs=runs))
