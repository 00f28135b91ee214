"""The events of each run are joined by its key."""

from __future__ import annotations

from factories import ith_run, walk
from ithtel import events as ev
from ithtel.reading.history.runs import Runs

NAV = walk(200)


def test_events_are_joined_by_key() -> None:
    """Two runs that alternate keep their own beginning, series, epochs and result."""
    runs: Runs[int] = Runs()
    one, other = ith_run(NAV, 0.05, "bull"), ith_run(NAV, 0.05, "bear")
    for pair in zip(one.events, other.events, strict=False):
        for event in pair:
            runs.add(event, event.run_id, lambda: 0)  # type: ignore[attr-defined]
    first, second = runs.runs
    assert ("bull_ith", "bear_ith") == (first.init and first.init.algorithm_name, second.init.algorithm_name)
    assert {"bull"} == {epoch.position_type for epoch in first.epochs}
    assert {"bear"} == {epoch.position_type for epoch in second.epochs}


def test_a_second_beginning_is_a_second_run() -> None:
    """The same key may be used again; a run keeps the origin of its first event."""
    runs: Runs[str] = Runs()
    init, *_, result = ith_run(NAV, 0.05).events
    assert isinstance(init, ev.AlgorithmInit)
    assert isinstance(result, ev.AlgorithmResult)
    for origin in ("first", "second"):
        runs.add(init, "key", lambda origin=origin: origin)  # type: ignore[misc]
        runs.add(result, "key", lambda: "never")
    assert ["first", "second"] == [run.origin for run in runs.runs]
    assert [0.05, 0.05] == [run.metrics["hurdle"] for run in runs.runs]


def test_a_run_whose_beginning_is_unknown_has_no_settings() -> None:
    """Its first event begins it."""
    runs: Runs[int] = Runs()
    epoch = next(event for event in ith_run(NAV, 0.05).events if isinstance(event, ev.EpochDetected))
    run = runs.add(epoch, None, lambda: 4)
    assert ({}, {}, 4, 1) == (run.config, run.metrics, run.origin, len(run.epochs))
