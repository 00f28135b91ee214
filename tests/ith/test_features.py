"""`rolling_features` runs the machine on each window; the result does not depend on how the work is split."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from examples import share
from ithtel.errors import InputError
from ithtel.ith.features import DEFAULT_LOOKBACKS, RAW_SUFFIXES, SUFFIXES, rolling_features
from navs import checked


def walk(n: int, seed: int) -> np.ndarray:
    """Return a geometric random walk."""
    return np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(n) * 0.02))


@settings(max_examples=share(25))
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 10, 25]))
def test_a_row_is_the_oracle_s_window(seed: int, lookback: int) -> None:
    """Every feature of a window equals that of the plain machine on it."""
    nav = walk(40, seed)
    columns = rolling_features(checked(nav), lookbacks=[lookback])
    for bar in (lookback - 1, 30, 39):
        expected = oracles.window_features(nav[bar - lookback + 1 : bar + 1].tolist())
        got = {name: float(columns[f"ith_lb{lookback}_{name}"][bar]) for name in (*SUFFIXES, *RAW_SUFFIXES)}
        assert expected == pytest.approx(got, rel=1e-12, nan_ok=True)


def test_epochs_and_drawdowns_are_exact() -> None:
    """Columns that are not squashed are equal to the last bit."""
    nav = walk(120, 7)
    columns = rolling_features(checked(nav), lookbacks=[50])
    expected = [oracles.window_features(nav[i - 49 : i + 1].tolist()) for i in range(49, 120)]
    for name in ("bull_epochs", "bear_epochs", "max_dd", "max_ru"):
        assert [row[name] for row in expected] == columns[f"ith_lb50_{name}"][49:].tolist()


def test_the_first_rows_are_nan() -> None:
    """A window with too few bars gives NaN."""
    for column in rolling_features(checked(walk(30, 1)), lookbacks=[10]).values():
        assert np.isnan(column[:9]).all()
    assert not np.isnan(rolling_features(checked(walk(30, 1)), lookbacks=[10])["ith_lb10_bull_cv"][9:]).any()


@pytest.mark.parametrize("odd", [0.0, -1.0, math.nan, math.inf])
def test_a_window_that_begins_badly_is_nan(odd: float) -> None:
    """The divisor must be positive and finite."""
    nav = walk(12, 1)
    nav[3] = odd
    column = rolling_features(checked(nav), lookbacks=[5])["ith_lb5_bull_ed"]
    assert math.isnan(column[7])
    assert not math.isnan(column[8])


def test_column_names() -> None:
    """The threshold of range bars comes before the lookback."""
    names = set(rolling_features(checked(walk(12, 1)), lookbacks=[5], threshold=250))
    assert {f"ith_rb250_lb5_{suffix}" for suffix in (*SUFFIXES, *RAW_SUFFIXES)} == names
    assert "ith_lb5_max_ru" in rolling_features(checked(walk(12, 1)), lookbacks=[5])


def test_threads_change_nothing() -> None:
    """One thread and three give the same bits, over several pieces."""
    nav = walk(9000, 2)
    one, three = (rolling_features(checked(nav), lookbacks=[5], n_threads=n) for n in (1, 3))
    assert all(one[name].tobytes() == three[name].tobytes() for name in one)


def test_the_currency_does_not_matter() -> None:
    """A window is divided by its first value."""
    nav = walk(60, 3)
    plain, scaled = (
        rolling_features(checked(nav), lookbacks=[20]),
        rolling_features(checked(nav * 1024), lookbacks=[20]),
    )
    assert all(plain[name].tobytes() == scaled[name].tobytes() for name in plain)


def test_a_rise_without_end_is_not_an_overflow() -> None:
    """Sums of large gains are squashed to 1 without a warning."""
    nav = np.ldexp(1.0, np.arange(40))
    assert rolling_features(checked(nav), lookbacks=[20])["ith_lb20_bull_eg"][19] == 1.0


@pytest.mark.parametrize(
    ("lookbacks", "message"),
    [([30], "30 bars"), ([1], "at least 2"), ([], "no lookback"), ([5, 5], "twice"), (DEFAULT_LOOKBACKS, "50")],
)
def test_impossible_lookbacks_are_errors(lookbacks: Any, message: str) -> None:
    """A lookback that would give no row is an error."""
    with pytest.raises(InputError, match=message):
        rolling_features(checked(walk(30, 1)), lookbacks=lookbacks)
