"""`check_nav` accepts any numbers, and its errors name the first bad bar."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.errors import InputError
from ithtel.ith.check import check_nav, check_side, is_positive_finite


@pytest.mark.parametrize(
    "nav",
    [
        [1, 2, 3],
        (1.0, 2.0, 3.0),
        np.array([1, 2, 3], dtype=np.int32),
        np.array([1, 2, 3], dtype=np.uint8),
        np.array([1, 2, 3], dtype=np.float32),
        np.array([1, 2, 3], dtype=np.float16),
        np.array([1.0, 9.0, 2.0, 9.0, 3.0])[::2],
        pd.Series([1.0, 2.0, 3.0], index=["a", "b", "c"]),
        pd.Series([1, 2, 3], dtype="Int64"),
        [Decimal(1), Decimal(2), Decimal(3)],
        np.array([1.0, 2.0, 3.0], dtype=">f8"),
    ],
    ids=lambda nav: f"{type(nav).__name__}-{getattr(nav, 'dtype', '')}",
)
def test_numbers_of_any_kind_become_float64(nav: Any) -> None:
    """Lists, Series, other widths and strided arrays all become native float64."""
    checked = check_nav(nav)
    assert checked.dtype == np.float64
    assert checked.dtype.isnative
    assert checked.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("step", [1, 2, -1])
def test_float64_is_not_copied(step: int) -> None:
    """Contiguous and strided float64 arrays share their memory; only the returned view is read-only."""
    nav = np.arange(1.0, 9.0)[::step]
    checked = check_nav(nav)
    assert np.shares_memory(nav, checked)
    assert (nav.flags.writeable, checked.flags.writeable) == (True, False)


def test_read_only_is_accepted() -> None:
    """A read-only array is accepted and not changed."""
    nav = np.array([1.0, 2.0])
    nav.flags.writeable = False
    assert check_nav(nav).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("nav", "words"),
    [
        ([], ["empty"]),
        ([1, math.nan, 2, math.nan], ["NaN at bar 1", "2 of 4", "on_bad='reference'"]),
        ([1, math.inf], ["inf at bar 1", "1 of 2"]),
        ([-math.inf], ["-inf at bar 0"]),
        ([1, 2, 0], ["a zero at bar 2"]),
        ([1, -2.5], ["a negative value, -2.5, at bar 1"]),
        ([True, False], ["booleans", "not numbers"]),
        (["1", "2"], ["text", "astype(float)"]),
        ([1, "two"], ["text"]),
        ([1j], ["complex"]),
        ([[1, 2], [3, 4]], ["shape (2, 2)", "nav[:, 0]"]),
        (5.0, ["shape ()"]),
        ([[1], [2, 3]], ["one-dimensional"]),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), ["dates"]),
        (np.array([1, "x"], dtype=object), ["str 'x' at bar 1"]),
        (np.array([1, True], dtype=object), ["bool True at bar 1"]),
        (np.array([1, object()], dtype=object), ["not numbers"]),
        (np.array([1, None], dtype=object), ["NaN at bar 1"]),
    ],
)
def test_what_is_refused_says_why(nav: Any, words: list[str]) -> None:
    """The message has the first bad bar, its value, the number of bad bars, and the fix."""
    with pytest.raises(InputError) as caught:
        check_nav(nav)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize("nav", [[], [0.0, -1.0, math.nan, math.inf]])
def test_reference_lets_everything_through(nav: list[float]) -> None:
    """For comparison with the reference, any number is accepted, but nothing else."""
    assert str(nav) == str(check_nav(nav, on_bad="reference").tolist())
    with pytest.raises(InputError, match="text"):
        check_nav(["a"], on_bad="reference")


def test_an_unknown_on_bad_is_an_error() -> None:
    """The message has both allowed values and the one that was given."""
    with pytest.raises(InputError, match="on_bad must be 'raise' or 'reference', got 'rise'"):
        check_nav([1.0], on_bad="rise")


def test_sides() -> None:
    """A side is `bull` or `bear`; the message suggests the nearest."""
    assert (check_side("bull"), check_side("bear")) == (1, -1)
    with pytest.raises(InputError, match="did you mean 'bear'"):
        check_side("beer")


@given(st.lists(st.floats(), min_size=1))
def test_positive_finite_is_what_it_says(values: list[float]) -> None:
    """Two reductions agree with the definition, NaN included."""
    assert all(0 < x < math.inf for x in values) == is_positive_finite(np.array(values))
