"""Runs and panels are built from events, with or without a log."""

from __future__ import annotations

import msgspec
import pytest

from factories import Side, Writer, ith_run, log_of, sketch, walk
from ithtel import events as ev
from ithtel.reading.timeline.build import timeline
from ithtel.reading.timeline.runs import panels_of

NAV = walk(400)


def test_a_bull_and_a_bear_share_a_panel() -> None:
    """Over the same series they share one; another series, or the same side again, has its own."""
    writer = Writer().start()
    other = walk(300, seed=1)
    runs = [("bull", "a", NAV), ("bear", "a", NAV), ("bull", "b", other), ("bear", "c", other), ("bull", "a", NAV)]
    for n, (side, name, nav) in enumerate(runs):
        for event in ith_run(nav, 0.1, side, series=name, run_id=f"r{n}").events:
            writer.emit(event)
    panels = timeline(log_of(writer)).panels
    assert [(panel.name, [run.side for run in panel.runs]) for panel in panels] == [
        ("a", ["bull", "bear"]), ("b", ["bull"]), ("c", ["bear"]), ("a", ["bull"]),
    ]  # fmt: skip


def test_both_sides_under_one_run_id_are_two_runs() -> None:
    """Epochs of both sides under one run id are separated."""
    writer = Writer().start()
    for side in ("bull", "bear"):
        for event in ith_run(NAV, 0.05, side, run_id="one").events:
            if isinstance(event, ev.EpochDetected):
                writer.emit(event)
    writer.emit(sketch(NAV, "one", "nav"))
    (panel,) = timeline(log_of(writer)).panels
    assert [run.side for run in panel.runs] == ["bull", "bear"]
    assert panel.n_bars == 400


@pytest.mark.parametrize("side", ["bull", "bear"])
def test_a_run_is_as_recorded(side: Side) -> None:
    """Epochs, hurdle, variation and series come from the events."""
    run = ith_run(NAV, 0.05, side)
    writer = Writer().start().cell("analyze", *run.events)
    (read_back,) = timeline(log_of(writer)).algorithms
    assert (read_back.side, read_back.hurdle, len(read_back.epochs)) == (side, 0.05, run.n_epochs)
    assert read_back.is_finished
    assert read_back.intervals_cv is not None
    (panel,) = timeline(log_of(writer)).panels
    assert (panel.name, panel.n_bars, panel.last[-1]) == ("google", 400, NAV[-1])


def test_epochs_without_a_run_make_a_panel() -> None:
    """Logs that hold epochs only are still shown."""
    writer = Writer()
    writer.emit(ev.EpochDetected(epoch_index=1, bar_index=9, excess_gain=0.1, excess_loss=0.0))
    (panel,) = timeline(log_of(writer)).panels
    assert (panel.n_bars, len(panel.runs[0].epochs), panel.last) == (10, 1, ())


def test_events_in_hand_make_the_same_panels_as_a_log() -> None:
    """`panels_of` needs no session and no records; only slots and ids of runs are its own."""
    events = [*ith_run(NAV, 0.1, "bull").events, *ith_run(NAV, 0.1, "bear").events]
    writer = Writer().start()
    for event in events:
        writer.emit(event)
    (panel,) = panels_of(events)
    (logged,) = timeline(log_of(writer)).panels
    assert [run.epochs for run in logged.runs] == [run.epochs for run in panel.runs]
    assert msgspec.structs.replace(logged, runs=()) == msgspec.structs.replace(panel, runs=())
