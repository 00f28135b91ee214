"""`panels_of`, `panels_and_runs`: series and the runs of algorithms over them, from events alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from ithtel.reading.history.runs import Run, RunEvent, Runs
from ithtel.reading.timeline.values import AlgorithmRun, EpochMark, SeriesPanel, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ithtel.events import EpochDetected

SIDES: tuple[Side, Side] = ("bull", "bear")
UNNAMED = "ith"
"""The name of a run of which neither the beginning nor the result is known."""


def panels_of(events: Iterable[RunEvent]) -> tuple[SeriesPanel, ...]:
    """Return the series that events describe, each with its runs, without a log."""
    runs: Runs[int] = Runs()
    for slot, event in enumerate(events):
        runs.add(event, event.run_id, partial(int, slot))
    return panels_and_runs(runs.runs)[1]


def panels_and_runs(runs: Sequence[Run[int]]) -> tuple[tuple[AlgorithmRun, ...], tuple[SeriesPanel, ...]]:
    """Return the runs in order of their slots, and a panel for each series.

    A bull and a bear run over the same series share a panel. `runs` have their slot as origin.
    """
    found: list[AlgorithmRun] = []
    panels: list[SeriesPanel] = []
    for run in sorted(runs, key=lambda run: run.origin):
        new = _runs(run)
        found += new
        panel = _panel(run)
        if panel is not None:
            _join(panels, panel, new)
    return tuple(found), tuple(panels)


def _runs(run: Run[int]) -> list[AlgorithmRun]:
    """Return one run, or one per side if its epochs are of both."""
    seen = {epoch.position_type for epoch in run.epochs}
    sides: list[Side | None] = [side for side in SIDES if side in seen]
    return [_run(run, side) for side in (sides or [_side(run)])]


def _run(run: Run[int], side: Side | None) -> AlgorithmRun:
    events = (run.init, run.sketch, *run.epochs[:1], run.result)
    return AlgorithmRun(
        slot=run.origin, run_id=next((event.run_id for event in events if event and event.run_id), ""),
        name=_name(run), side=side, config=run.config, metrics=run.metrics,
        epochs=tuple(_mark(epoch) for epoch in run.epochs if epoch.position_type in (side, None)),
        is_finished=run.result is not None,
    )  # fmt: skip


def _name(run: Run[int]) -> str:
    named = run.result or run.init
    return UNNAMED if named is None else named.algorithm_name


def _side(run: Run[int]) -> Side | None:
    text = f"{run.config.get('side', '')} {_name(run)}".lower()
    return next((side for side in SIDES if side in text), None)


def _panel(run: Run[int]) -> SeriesPanel | None:
    """Return the series without its runs; None if nothing is known of a series."""
    sketch = run.sketch
    if sketch is not None:
        return SeriesPanel(
            name=sketch.name, n_bars=sketch.n_bars, start_time=sketch.start_time, end_time=sketch.end_time,
            bars_per_bucket=sketch.bars_per_bucket, first=tuple(sketch.first), min=tuple(sketch.min),
            max=tuple(sketch.max), last=tuple(sketch.last),
        )  # fmt: skip
    if not run.epochs:
        return None
    n_bars = run.metrics.get("n_bars")
    seen = max(epoch.bar_index for epoch in run.epochs) + 1
    name = run.epochs[0].series or _name(run)
    return SeriesPanel(name=name, n_bars=max(seen, n_bars) if isinstance(n_bars, int) else seen)


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
