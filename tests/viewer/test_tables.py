"""Data frames as HTML tables, as JSON, and with fewer columns."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from ithtel.viewer.tables import as_json, frame_table, shortened, shortened_parts, side_table

EPOCHS = pd.DataFrame({
    "series": ["a", "a"], "position_type": ["bull", "bull"], "epoch_index": [0, 1],
    "timestamp": ["2020-01-01T00:00:00"] * 2, "run_id": ["r", "r"],
})  # fmt: skip


def test_a_frame_is_a_table_without_its_index() -> None:
    """Unless its index holds labels."""
    frame = pd.DataFrame({"x": [1.5, np.nan], "name": ["<a>", None]}, index=["p", "q"])
    assert '<tr><td class="n">1.5</td><td>&lt;a&gt;</td></tr>' in frame_table(frame)
    assert '<tr><th>q</th><td class="n">–</td><td>–</td></tr>' in frame_table(frame, has_labels=True)


def test_a_table_has_as_many_digits_as_asked_for() -> None:
    """Six unless given."""
    frame = pd.DataFrame({"x": [0.123456789]})
    assert "0.123457" in frame_table(frame)
    assert ">0.12<" in frame_table(frame, digits=2)


def test_sides_stand_beside_each_other() -> None:
    """One column per side, one row per number."""
    summary = pd.DataFrame({"side": ["bull", "bear"], "n_epochs": [4, 0], "cv": [0.5, np.nan]}).set_index("side")
    text = side_table(summary)
    assert '<th class="n">bull</th><th class="n">bear</th>' in text
    assert '<tr><th>cv</th><td class="n">0.5</td><td class="n">–</td></tr>' in text


def test_json_has_full_precision_and_null() -> None:
    """Missing values of any type are null."""
    frame = pd.DataFrame({"x": [0.1 + 0.2, np.nan], "n": pd.array([1, None], dtype="Int64")})
    assert [{"x": 0.1 + 0.2, "n": 1}, {"x": None, "n": None}] == json.loads(as_json(frame))


def test_dates_lose_a_midnight_that_all_have() -> None:
    """And internal columns are left out."""
    table = shortened(EPOCHS)
    assert ["2020-01-01"] * 2 == table["timestamp"].tolist()
    assert "run_id" not in table
    later = EPOCHS.assign(timestamp=["2020-01-01T00:00:00", "2020-01-01T10:00:00"])
    assert later["timestamp"].tolist() == shortened(later)["timestamp"].tolist()


def test_processes_are_shown_if_there_are_several() -> None:
    """The epochs of forked workers are interleaved."""
    assert "pid" in shortened(EPOCHS.assign(pid=[1, 2]))
    assert "pid" not in shortened(EPOCHS.assign(pid=[1, 1]))


def test_an_attribution_hides_empty_columns() -> None:
    """Times and decisions are shown if there are any."""
    parts = pd.DataFrame(
        {"epoch_index": [0, None], "time_to": [None, None], "decision_id": ["d", None], "run_id": ["r"] * 2}
    )
    table = shortened_parts(parts)
    assert ["epoch_index", "decision_id"] == list(table.columns)
    assert [0, None] == table["epoch_index"].tolist()
