"""`emit_many` writes what `emit` would write, row by row."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ithtel
from ithtel.errors import InputError, RecordingError
from ithtel.events import EpochDetected, Event, IthStep, Note
from ithtel.testing import capture_events

FLOATS = st.floats(allow_subnormal=True)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "epoch_index": st.integers(0, 2**53),
            "bar_index": st.integers(0, 2**53),
            "excess_gain": FLOATS,
            "excess_loss": FLOATS,
            "series": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
            "timestamp": st.none() | st.just("2026-01-25T00:00:00.000000Z"),
            "position_type": st.sampled_from([None, "bull", "bear"]),
            "nav_at_epoch": st.none() | FLOATS,
        }
    ),
    min_size=1,
    max_size=5,
)


def contents(lines: list[bytes]) -> list[dict[str, Any]]:
    """Return the lines except for seals."""
    decoded = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    return [line for line in decoded if line["context"]["event_type"] != "log.seal"]


def both(kind: type[Event], rows: list[dict[str, Any]], columns: dict[str, Any]) -> tuple[Any, Any]:
    """Write rows one by one, and as columns."""
    with capture_events() as single:
        for row in rows:
            single.session.emit(kind(**row), component="bull_ith")
    with capture_events() as many:
        many.session.emit_many(kind, columns, component="bull_ith")
    return contents(single.sink.lines()), contents(many.sink.lines())


@settings(deadline=None)
@given(ROWS)
def test_columns_are_written_as_their_rows_are(rows: list[dict[str, Any]]) -> None:
    """The lines are the same for any values."""
    single, many = both(EpochDetected, rows, {name: [row[name] for row in rows] for name in rows[0]})
    assert single == many


@settings(deadline=None)
@given(st.lists(FLOATS, min_size=1, max_size=5))
def test_arrays_are_written_as_their_values_are(values: list[float]) -> None:
    """NaN becomes null, and a float keeps its digits."""
    n = len(values)
    fixed = {"run_id": "r", "position_type": "bull", "is_reset": False, "is_epoch": True}
    names = ["nav", "excess_gain", "excess_loss", "endorsing_crest", "candidate_crest", "candidate_nadir", "hurdle"]
    rows = [{**fixed, "bar_index": i, **dict.fromkeys(names, values[i])} for i in range(n)]
    columns = {**fixed, "bar_index": np.arange(n), **dict.fromkeys(names, np.array(values))}
    single, many = both(IthStep, rows, columns)
    assert single == many


def test_series_and_constants_are_columns_too() -> None:
    """A pandas Series, a NumPy scalar, a percent sign."""
    table = pd.DataFrame({"epoch_index": [1, 2], "bar_index": [3, 4], "excess_gain": [0.1, math.nan]})
    with capture_events() as captured:
        n = captured.session.emit_many(
            EpochDetected,
            {**{str(name): table[name] for name in table}, "excess_loss": np.float64(0.5), "series": "100 %d"},
        )
    assert 2 == n
    first, second = captured.events(EpochDetected)
    assert ("100 %d", 0.5, None) == (first.series, second.excess_loss, second.excess_gain)


def test_a_constant_gain_is_said_of_each_row() -> None:
    """The message is built from columns and constants alike."""
    with capture_events() as captured:
        columns = {"epoch_index": [1, 2], "bar_index": [3, 4], "excess_gain": 0.25, "excess_loss": 0.5}
        captured.session.emit_many(EpochDetected, columns)
    said = [record.envelope.msg for record in captured.records]
    assert ["epoch 1 at bar 3, gain 0.2500", "epoch 2 at bar 4, gain 0.2500"] == said


def test_large_tables_keep_their_numbers() -> None:
    """Thousands of rows are numbered without gaps, together with single events."""
    session = ithtel.start("a", git=False, loguru=False, rotation="300 KB")
    n = 3_000
    for _ in range(2):
        session.emit_many(
            EpochDetected,
            {
                "epoch_index": np.arange(n),
                "bar_index": np.arange(n),
                "excess_gain": np.ones(n),
                "excess_loss": np.ones(n),
            },
        )
        session.emit(Note(text="x"))
    session.close()
    log = ithtel.read(session.path)
    assert [*range(n), *range(n)] == [event.epoch_index for event in log.events(EpochDetected)]
    seqs = [record.envelope.seq for record in log]
    assert list(range(len(seqs))) == seqs


@pytest.mark.parametrize(
    ("message", "columns"),
    [
        ("no field 'txt' in note", {"txt": ["a"]}),
        ("note needs text", {}),
        ("differ in length: 1, 2", {"epoch_index": [1], "bar_index": [1, 2], "excess_gain": 0.0, "excess_loss": 0.0}),
    ],
)
def test_columns_that_make_no_events_are_refused(message: str, columns: dict[str, Any]) -> None:
    """Nothing is written."""
    kind = EpochDetected if "bar_index" in columns else Note
    with capture_events() as captured, pytest.raises(InputError, match=message):
        captured.session.emit_many(kind, columns)
    assert [] == captured.records


def test_an_ended_session_takes_no_columns() -> None:
    """It refuses tables as it refuses events."""
    session = ithtel.start("a", git=False)
    session.close()
    with pytest.raises(RecordingError, match="has ended"):
        session.emit_many(Note, {"text": ["a"]})
