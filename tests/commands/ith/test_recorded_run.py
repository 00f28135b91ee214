"""The events of a run carry its id; a run of another process or of a closed session is not written to."""

from __future__ import annotations

import math

import pandas as pd

import ithtel
from ithtel.commands.ith.recorded_run import Run, epochs_digest, events_of, init_event, log_compilation
from ithtel.events import AlgorithmInit, AlgorithmResult, EpochDetected, SeriesSketch


def test_a_run_begins_with_its_config() -> None:
    """The event has the config, its digest and the seed of the session."""
    with ithtel.start("a", git=False) as session:
        run = Run.begin(session, "bull", {"hurdle": 0.05}, input_hash="sha256:1")
        assert run.is_open
    event = next(ithtel.read(session.path).events(AlgorithmInit))
    assert ("bull-1", "bull_ith", {"hurdle": 0.05}, "sha256:1") == (
        event.run_id,
        event.algorithm_name,
        event.config,
        event.input_hash,
    )
    assert event.config_hash == init_event("x", "bull", {"hurdle": 0.05}).config_hash


def test_a_run_of_a_closed_session_is_not_open() -> None:
    """Nothing more may be written."""
    with ithtel.start("a", git=False) as session:
        run = Run.begin(session, "bear", {}, input_hash=None)
    assert not run.is_open


def test_events_of_a_run_are_those_that_a_session_records() -> None:
    """Same types in the same order; NaN becomes None."""
    analysis = ithtel.analyze([1, 1.06, 1, 1.12], side="bull", hurdle=0.05)
    side = analysis.bull
    epochs = side.epochs.assign(worst_drawdown=math.nan)
    events = events_of(analysis.nav, "bull", side.config, epochs, side.metrics(analysis.nav))
    assert [AlgorithmInit, SeriesSketch, EpochDetected, EpochDetected, AlgorithmResult] == list(map(type, events))
    assert {"bull_ith"} == {event.run_id for event in events}
    assert [None, None] == [event.worst_drawdown for event in events if isinstance(event, EpochDetected)]


def test_the_digest_of_epochs_depends_on_numbers_only() -> None:
    """The name of the series does not change it, another number does."""
    one = pd.DataFrame({"series": ["a"], "bar_index": [1], "excess_gain": [0.5]})
    assert epochs_digest(one) == epochs_digest(one.assign(series="b"))
    assert epochs_digest(one) != epochs_digest(one.assign(excess_gain=0.6))


def test_a_compilation_is_logged_once() -> None:
    """Without one there is no line."""
    with ithtel.start("a", git=False) as session:
        log_compilation(session, None)
        log_compilation(session, 1.25)
    messages = [record.envelope.msg for record in ithtel.read(session.path)]
    assert ["compiled the ITH kernel in 1.2 s"] == [text for text in messages if text.startswith("compiled")]
