from __future__ import annotations

import math
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


class Model:
    """Holds other objects."""

    def __init__(self, *parts: object) -> None:
        self.parts = parts


def test_a_large_object_is_soon_found_to_be_large() -> None:
    """At a limit of a millisecond a few dozen of its objects are looked at, without one a few hundred."""
    looked = 0

    class Counted:
        def __init__(self) -> None:
            self.value = 1

        @property
        def __dict__(self) -> dict[str, object]:  # type: ignore[override]
            nonlocal looked
            looked += 1
            return {}

    model = Model(*(Model(Counted()) for _ in range(50_000)))
    assert math.isinf(estimate_ms(model, 1.0))
    assert looked < 30
    assert 1_000 < estimate_ms(model)
    assert looked < 400


def test_a_limit_grows_with_the_time_of_the_cell() -> None:
    """What takes longer than a trivial cell allows is estimated for a cell of a minute."""
    model = Model(*(Model(n) for n in range(1_000)))
    assert math.isinf(estimate_ms(model, 1.0))
    assert 10 < estimate_ms(model, 1_200.0) < 1_200


def test_a_small_model_fits_into_a_trivial_cell() -> None:
    """So it is compared."""
    assert estimate_ms(Model(Model(np.zeros(10)), "a", 1), 1.0) < 1
