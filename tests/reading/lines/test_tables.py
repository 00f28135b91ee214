"""Records as tables."""

from __future__ import annotations

import json

import pandas as pd

from factories import Writer, ith_run, log_of, quickstart, walk
from ithtel.events import EpochDetected
from ithtel.reading.lines.log import Log


def test_frame_has_a_row_a_line() -> None:
    """There is one row per line, in order, with times in UTC and contexts as dicts."""
    log = log_of(quickstart())
    frame = log.frame()
    assert len(frame) == len(list(log))
    assert str(frame["ts"].dtype) == "datetime64[us, UTC]"
    assert frame["ts"].iloc[0] == pd.Timestamp("2026-01-25T14:30:52.001Z")
    assert list(frame["seq"]) == list(range(len(frame)))
    assert frame["event_type"].iloc[0] == "session.start"
    assert frame["context"].iloc[1]["source"] == "rng = %seed 42"
    assert {"level", "component", "msg", "span_id", "session_id"} <= set(frame.columns)


def test_frame_of_nothing_has_the_same_columns() -> None:
    """An empty log gives an empty table of the same types."""
    empty, full = Log.from_lines([]).frame(), log_of(quickstart()).frame()
    assert list(empty.dtypes.items()) == list(full.dtypes.items())
    assert len(empty) == 0


def test_a_time_that_is_none_is_not_a_time() -> None:
    """A `ts` that cannot be read is NaT, and its row stays."""
    line = json.loads(Writer().line({}, msg="x"))
    frame = Log.from_lines([json.dumps(line | {"ts": "soon"}).encode()]).frame()
    assert frame["ts"].isna().tolist() == [True]


def test_epochs_are_the_fields_of_the_event() -> None:
    """The columns of `epoch_detected` in their order and the session, one row an epoch; a process is not named."""
    run = ith_run(walk(500), 0.05)
    writer = Writer().start()
    for event in run.events:
        writer.emit(event)
    epochs = log_of(writer).epochs()
    assert list(epochs.columns) == [*EpochDetected.__struct_fields__, "session_id"]
    assert len(epochs) == run.n_epochs > 3
    assert epochs["epoch_index"].tolist() == list(range(1, run.n_epochs + 1))
    expected = [event.excess_gain for event in run.events if isinstance(event, EpochDetected)]
    assert epochs["excess_gain"].tolist() == expected
    assert epochs["timestamp"].tolist() == [None] * run.n_epochs


def test_epochs_of_nothing_have_the_same_types() -> None:
    """No epochs, the same columns and types."""
    writer = Writer()
    for event in ith_run(walk(500), 0.05).events:
        writer.emit(event)
    assert list(Log.from_lines([]).epochs().dtypes.items()) == list(log_of(writer).epochs().dtypes.items())


def test_a_number_that_is_not_finite_is_nan() -> None:
    """Null comes back as NaN."""
    writer = Writer()
    writer.emit(EpochDetected(epoch_index=1, bar_index=2, excess_gain=None, excess_loss=0.0))
    (gain,) = log_of(writer).epochs()["excess_gain"]
    assert gain != gain  # noqa: PLR0124 - NaN
