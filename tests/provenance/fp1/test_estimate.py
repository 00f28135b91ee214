from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

from ithtel.provenance.fp1.estimate import estimate_ms

N = 200_000
FRAME = pd.DataFrame({"f": np.arange(float(N)), "s": ["a", "b"] * (N // 2), "o": pd.Series([1, "a"] * (N // 2))})
LARGE: dict[str, Any] = {
    "array": np.zeros(10 * N),
    "transposed": np.zeros((N, 10)).T,
    "objects": np.array([1, "a"] * N, object),
    "frame": FRAME,
    "series": FRAME["o"],
    "levels": FRAME.set_index(["f", "s"]).index,
    "arrow": pa.table({"f": np.zeros(10 * N)}),
    "arrow array": pa.array(np.zeros(10 * N)),
    "polars": pl.DataFrame({"f": np.zeros(10 * N)}),
    "polars series": pl.Series(np.zeros(10 * N)),
    "sparse": scipy.sparse.eye_array(N, format="csr"),
    "list": list(range(N)),
    "dict": {i: (i, "a") for i in range(N)},
    "text": "a" * 20_000_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_takes_longer_than_a_trivial_cell_may(name: str) -> None:
    """More than the millisecond of a trivial cell, and not absurdly more; found out in a fraction of that."""
    start = time.perf_counter()
    expected = estimate_ms(LARGE[name])
    assert 1 < expected < 10_000
    assert time.perf_counter() - start < 0.1


@pytest.mark.parametrize("small", [1, None, "a", [1, 2], np.zeros(10), pd.DataFrame({"a": [1]}), object(), len])
def test_what_is_small_fits_the_budget(small: object) -> None:
    """A scalar, a small array, a small frame are well under a millisecond."""
    assert 0 < estimate_ms(small) < 1


def test_containers_of_arrays() -> None:
    """A list of large arrays takes as long as the arrays."""
    array = np.zeros(N)
    assert pytest.approx(10 * estimate_ms(array), rel=0.2) == estimate_ms([array] * 10)
