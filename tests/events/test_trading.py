"""Sentences of the events of trading, one by one and for a table."""

from __future__ import annotations

from typing import Any

import pytest

from ithtel.events import EpochDetected


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("bull epoch 1 at bar 5, gain 0.0500", {"position_type": "bull", "excess_gain": 0.05}),
        ("epoch 1 at bar 5, gain 0.0500", {"excess_gain": 0.05}),
        ("bear epoch 1 at bar 5, gain not finite", {"position_type": "bear", "excess_gain": None}),
    ],
)
def test_an_epoch_reports_its_bar_and_its_gain(expected: str, fields: dict[str, Any]) -> None:
    """Alone and as a row of a table."""
    assert expected == EpochDetected(epoch_index=1, bar_index=5, excess_loss=0.0, **fields).sentence()
    columns = {"epoch_index": [1], "bar_index": [5], "excess_loss": [0.0], **fields}
    columns["excess_gain"] = [columns["excess_gain"]]
    assert [expected] == EpochDetected.sentences(columns)
