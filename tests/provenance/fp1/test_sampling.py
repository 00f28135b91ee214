"""Some rows instead of all: evenly spaced, and marked as a sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.fp1.sampling import places, rows_of


@given(st.integers(2, 50), st.integers(2, 1_000))
def test_places_are_even_and_reach_both_ends(n: int, n_rows: int) -> None:
    """No row twice if there are enough."""
    found = places(n_rows, n)
    assert (0, n_rows - 1, n) == (found[0], found[-1], len(found))
    assert found == sorted(found)
    assert n_rows < n or n == len(set(found))


@pytest.mark.parametrize(
    "values",
    [
        np.arange(9), pd.Series(range(9)), pd.Index(range(9)), pa.array(range(9)), pl.Series(range(9)),
    ],
    ids=["numpy", "pandas", "index", "arrow", "polars"],
)  # fmt: skip
def test_the_same_rows_of_every_library(values: object) -> None:
    """With the number of all rows."""
    found = rows_of(values, 3)
    assert found is not None
    assert ([0, 4, 8], 9) == ([int(str(value)) for value in found[0]], found[1])


@pytest.mark.parametrize("values", [np.arange(3), np.array(7), [1, 2, 3, 4], "text", 7])
def test_nothing_is_sampled_without_more_rows(values: object) -> None:
    """Neither a scalar, nor a list, nor a short array."""
    assert rows_of(values, 3) is None
