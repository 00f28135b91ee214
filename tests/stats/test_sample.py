"""Samples: what is taken, dropped, counted, refused and fingerprinted."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ithtel.errors import InputError
from ithtel.stats.sample import digest, finite, is_constant, subset, take_sample, take_table, unbounded


@pytest.mark.parametrize(
    "values",
    [
        [1, None, 3],
        (1.0, float("nan"), 3.0),
        np.array([1, np.nan, 3], dtype=np.float32),
        pd.Series([1, None, 3]),
        pd.Series([1, None, 3], dtype="Int64"),
        np.array([1, None, 3], dtype=object),
        np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False]),
        np.array([1, 9, np.nan, 9, 3, 9])[::2],
    ],
)
def test_whatever_holds_numbers_is_a_sample(values: object) -> None:
    """Lists, Series, nullable, masked and strided arrays give the same values, with NaN counted."""
    sample = take_sample(values)
    assert (sample.values.tolist(), sample.n_dropped) == ([1.0, 3.0], 1)


@pytest.mark.parametrize(
    "values",
    [
        "abc",
        ["1", "2"],
        [1, "2"],
        5,
        {"a": [1]},
        {1, 2},
        [[1, 2], [3, 4]],
        [[1, 2], [3]],
        [1j],
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        pd.Series(["a"]),
        [10**400],
        None,
    ],
)
def test_what_is_not_one_column_of_numbers_is_refused(values: object) -> None:
    """A wrong type is an error that names what was expected."""
    with pytest.raises(InputError):
        take_sample(values)


def test_the_given_array_is_neither_kept_nor_changed() -> None:
    """A read-only array is fine, and later changes of it do not reach the sample."""
    values = np.array([1.0, 2.0])
    sample = take_sample(values)
    values[0] = 9
    assert sample.values.tolist() == [1.0, 2.0]
    values.flags.writeable = False
    assert take_sample(values).values.tolist() == [9.0, 2.0]


def test_gaps_are_those_between_numbers() -> None:
    """A warm-up of NaN joins no strangers; a NaN in the middle does."""
    assert take_sample([np.nan, np.nan, 1, 2]).n_gaps == 0
    assert take_sample([np.nan, 1, np.nan, 2, np.nan]).n_gaps == 1
    assert take_sample([np.nan]).n_gaps == 0


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"a": [1, 2, np.nan], "b": [3, 4, 5]}),
        {"a": [1, 2, None], "b": pd.Series([3, 4, 5])},
        pd.DataFrame({"a": pd.array([1, 2, None], dtype="Int64"), "b": [3, 4, 5]}),
    ],
)
def test_tables_keep_complete_rows(data: object) -> None:
    """A row with a NaN is dropped and counted."""
    table = take_table(data)
    assert (table.names, table.values.tolist(), table.n_dropped) == (["a", "b"], [[1, 3], [2, 4]], 1)


@pytest.mark.parametrize(
    "data",
    [
        [1, 2],
        {"a": [1], "b": [1, 2]},
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        {1: [1], "1": [2]},
        "abc",
        pd.DataFrame({"a": ["x"]}),
    ],
)
def test_what_is_no_table_is_refused(data: object) -> None:
    """So are columns of different lengths and of the same name."""
    with pytest.raises(InputError):
        take_table(data)


def test_columns_of_an_array_are_named_by_place() -> None:
    """As scikit-learn does."""
    assert take_table(np.zeros((2, 3))).names == ["x0", "x1", "x2"]


def test_the_digest_is_that_of_little_endian_float64() -> None:
    """Anybody can work it out; big-endian, strided and NaN of another payload do not matter."""
    values = np.array([1.0, -2.5, np.nan])
    expected = "sha256:" + hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()
    other_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)
    assert digest(values) == expected
    assert digest(values.astype(">f8")) == expected
    assert digest(np.repeat(values, 2)[::2]) == expected
    assert digest(np.concatenate([values[:2], other_nan])) == expected
    assert digest(values[:2]) != expected


@given(arrays(np.float64, st.integers(1, 60)), st.integers(2, 20))
def test_a_subset_takes_at_most_the_limit(values: np.ndarray, limit: int) -> None:
    """Nothing is taken twice; the order stays; the seed is known unless all are taken."""
    given = np.arange(float(len(values)))
    taken, seed = subset(given, limit)
    assert len(taken) == min(len(values), limit)
    assert (np.diff(taken) > 0).all()
    assert (seed is None) == (len(values) <= limit)
    assert (taken == subset(given, limit)[0]).all()


@pytest.mark.parametrize("period", [2, 5, 7, 24])
def test_a_subset_does_not_alias(period: int) -> None:
    """Of what repeats, each part is taken about as often as it is there."""
    taken, _ = subset(np.arange(1000.0 * period) % period, 1000)
    counts = np.bincount(taken.astype(int), minlength=period)
    assert (abs(counts - 1000 / period) < 5 * np.sqrt(1000 / period)).all()


def test_constant_allows_for_rounding_only() -> None:
    """0.1 + 0.2 is 0.3; 1 and 1.000001 differ."""
    assert is_constant(np.array([0.3, 0.1 + 0.2]))
    assert is_constant(np.array([np.inf, np.inf]))
    assert not is_constant(np.array([1.0, 1.000001]))
    assert not is_constant(np.array([-1.7e308, 1.7e308]))
    assert not is_constant(np.array([0.0, 5e-324]))


def test_only_finite_numbers_are_recorded() -> None:
    """The others become None, because JSON cannot hold them."""
    assert [finite(x) for x in (1, np.float64(2), np.nan, np.inf, None)] == [1.0, 2.0, None, None, None]


def test_too_large_is_said() -> None:
    """Squares of 1e200 are not float64."""
    assert unbounded(np.array([1.0])) is None
    assert unbounded(np.array([1e200, -1e200])) == "2 values beyond 1e100"
