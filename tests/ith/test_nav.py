"""A `Nav` is checked once, when it is made."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pandas as pd
import pytest

from ithtel.errors import InputError
from ithtel.ith.nav import Nav, times_at


@pytest.mark.parametrize("values", [[1, 2, 3], np.array([1.0, 9.0, 2.0, 9.0, 3.0])[::2], np.arange(1, 4, dtype="f4")])
def test_values_have_the_layout_of_the_kernels(values: object) -> None:
    """They are float64, contiguous and read-only, in any form of input."""
    nav = Nav.of(values)
    assert [1.0, 2.0, 3.0] == nav.values.tolist()
    assert (np.float64, True, False) == (nav.values.dtype, nav.values.flags.c_contiguous, nav.values.flags.writeable)  # type: ignore[comparison-overlap]


def test_contiguous_values_are_not_copied() -> None:
    """A long series costs no memory, and the array of the caller stays writeable."""
    values = np.array([1.0, 2.0])
    assert np.shares_memory(values, Nav.of(values).values)
    assert values.flags.writeable


@pytest.mark.parametrize(("values", "expected"), [([1.0], True), ([], False), ([1.0, 0.0], False), ([math.nan], False)])
def test_a_series_knows_whether_it_is_positive(values: list[float], expected: bool) -> None:
    """So that no later code has to check again."""
    assert expected == Nav.of(values, on_bad="reference").is_positive


@pytest.mark.parametrize("values", [[], [1.0, 0.0], [math.nan], ["a"], [[1.0]]])
def test_a_bad_series_is_an_error(values: list[object]) -> None:
    """There is no `Nav` of it."""
    with pytest.raises(InputError):
        Nav.of(values)


def test_times_are_iso_8601() -> None:
    """For one bar, for several, and None for a series without times."""
    times = pd.date_range("2024-01-02", periods=2)
    nav = Nav.of([1.0, 2.0], times=times)
    assert ("2024-01-03T00:00:00", ["2024-01-02T00:00:00"]) == (nav.time(1), nav.times_of([0]))
    assert (None, [None, None]) == (Nav.of([1.0]).time(0), times_at(None, [0, 1]))


def test_the_digest_is_that_of_the_values() -> None:
    """As little-endian float64, whatever the input was."""
    expected = "sha256:" + hashlib.sha256(np.array([1.0, 2.0], dtype="<f8").tobytes()).hexdigest()
    assert [expected, expected] == [Nav.of(values).digest() for values in ([1, 2], np.array([1, 2], dtype=">f8"))]
