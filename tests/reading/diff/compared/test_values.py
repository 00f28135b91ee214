"""Values are compared by kept contents, digests and sketches, within a tolerance."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from ithtel.errors import InputError
from ithtel.reading.diff.diff import diff
from research import (
    Session,
    one_cell,
    research,
    value,
)


def test_within_a_tolerance_values_are_equal() -> None:
    """Sketches are compared if contents were not kept."""
    a, b = one_cell("y = x.sum()", 0.3), one_cell("y = x.sum()", 0.1 + 0.2)
    assert diff(a, b, rtol=1e-12).is_identical
    assert not diff(a, one_cell("y = x.sum()", 0.4), rtol=1e-12).is_identical


def test_kept_contents_say_which_element() -> None:
    """And by how much."""
    one, other = np.arange(100.0), np.arange(100.0)
    other[57] = 0.5
    kept = {hashlib.sha256(each.tobytes()).hexdigest(): each.tobytes() for each in (one, other)}
    a, b = (Session().cell("y = f()", value("y", each), writes="y").log() for each in (one, other))
    difference = diff(a, b, contents=kept.get)
    assert (
        "float64[100] first differs at element 57: 57 → 0.5, 1 of 100 differ"
        == difference.cells[0].departures[0].detail
    )
    assert "values not kept" not in difference.text()
    assert "note: values not kept: y" in diff(a, b).text()


@pytest.mark.parametrize(
    ("one", "other", "change"),
    [(2.85503e-67, float(np.nextafter(2.85503e-67, 1)), "2.8550299999999999e-67 → 2.8550300000000002e-67"),
     (1.0, 1.0000001, "1 → 1.0000001"), (0.0, -0.0, "0 → -0")],
)  # fmt: skip
def test_a_changed_element_is_shown_with_the_digits_that_changed(one: float, other: float, change: str) -> None:
    """Down to the sign of zero."""
    arrays = [np.array([5.0, each]) for each in (one, other)]
    kept = {hashlib.sha256(each.tobytes()).hexdigest(): each.tobytes() for each in arrays}
    a, b = (Session().cell("y = f()", value("y", each), writes="y").log() for each in arrays)
    detail = diff(a, b, contents=kept.get).cells[0].departures[0].detail
    assert f"float64[2] first differs at element 1: {change}, 1 of 2 differ" == detail


def test_a_mean_is_shown_with_the_digits_that_changed() -> None:
    """Of arrays that were not kept."""
    one = np.linspace(0, 1, 50)
    other = one * (1 + 1e-7)
    a, b = (Session().cell("y = f()", value("y", each), writes="y").log() for each in (one, other))
    assert "mean 0.5 → 0.5000001, sd" in diff(a, b).cells[0].departures[0].detail


def test_the_column_that_differs_is_named() -> None:
    """Of a table."""
    frames = [pd.DataFrame({"Close": [1.0, 2.0], "Volume": [5, volume]}) for volume in (6, 7)]
    a, b = (Session().cell("df = g()", value("df", frame), writes="df").log() for frame in frames)
    assert ["df.Volume"] == [each.name for each in diff(a, b).cells[0].departures]


def test_a_table_read_from_a_record_differs_in_no_identity() -> None:
    """Every session has its own."""
    frames = [pd.DataFrame({"session_id": [name], "n_epochs": [4]}) for name in ("sess_1", "sess_2")]
    a, b = (Session().cell("df = g()", value("df", frame), writes="df").log() for frame in frames)
    assert diff(a, b).is_empty


def test_a_negative_tolerance_is_refused() -> None:
    """The error names the allowed values."""
    with pytest.raises(InputError, match="must be at least 0, got rtol=-1"):
        diff(research().log(), research().log(), rtol=-1.0)
