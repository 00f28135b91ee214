"""`doubts_about_nav` and `doubts_about_rates` name the bar and the likely reason, and keep silent on usual numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from ithtel.ith.hurdles import parse_hurdle
from ithtel.ith.nav import Nav
from ithtel.ith.plausibility import doubts_about_nav, doubts_about_rates

if TYPE_CHECKING:
    from numpy.typing import NDArray

RETURNS = np.random.default_rng(1).normal(0.0003, 0.01, 600)
USUAL = 100 * np.cumprod(1 + RETURNS)


def changed(first_bar: int, factor: float, *, last_bar: int | None = None, step: int = 1) -> NDArray[np.float64]:
    """Return a usual series, some bars of which are multiplied."""
    values = np.array(USUAL, dtype=np.float64)
    values[slice(first_bar, last_bar, step)] *= factor
    return values


@pytest.mark.parametrize("scale", [0.2, 1, 4])
def test_a_usual_series_raises_no_doubt(scale: float) -> None:
    """Quiet funds and volatile coins are believed."""
    nav = Nav.of(np.cumprod(1 + scale * RETURNS), times=pd.bdate_range("2020-01-01", periods=600))
    assert [] == doubts_about_nav(nav)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (changed(300, 1 / 7), "bar 300: it may be an unadjusted 7:1 split"),
        (changed(300, 2), "bar 300: it may be an unadjusted 1:2 split"),
        (changed(300, 0.01), "bar 300: the unit or the decimal point may have changed by a factor of 100"),
        (changed(300, 0.01, last_bar=301), "falls by 99.01 % at bar 300"),
        (changed(1, 0.8, step=2), "alternates between two levels"),
        (np.cumprod(1 + np.clip(100 * RETURNS, -0.9, None)), "returns in percent may have been taken for fractions"),
    ],
)
def test_an_implausible_series_is_named(values: NDArray[np.float64], message: str) -> None:
    """The doubt holds the bar and the reason, and is the only one."""
    (doubt,) = doubts_about_nav(Nav.of(values))
    assert message in doubt


def test_a_doubt_names_the_series_and_the_day() -> None:
    """A user with many series finds the place."""
    nav = Nav.of(changed(300, 1 / 7), name="fund", times=pd.bdate_range("2020-01-01", periods=600))
    assert "NAV 'fund' falls by 85.79 % at bar 300 (2021-02-24)" in doubts_about_nav(nav)[0]


def test_yearly_bars_may_move_by_more() -> None:
    """A move of 20 % per bar is usual if a bar is a year."""
    nav = Nav.of(np.cumprod(1 + 20 * RETURNS[:40]), times=pd.date_range("1980", periods=40, freq="YS"))
    assert [] == doubts_about_nav(nav)


@pytest.mark.parametrize(
    ("risk_free", "per_year", "n_doubts"), [(0.05, 252, 1), (0.05 / 252, 252, 0), (0.05, 1, 0), (0.05, None, 1)]
)
def test_a_riskless_return_of_a_year_is_doubted(risk_free: float, per_year: float | None, n_doubts: int) -> None:
    """It is the return in one bar, so the length of a bar decides."""
    assert n_doubts == len(doubts_about_rates([], risk_free, per_year))


@pytest.mark.parametrize(("hurdle", "n_doubts"), [(5, 1), (1, 1), ("5%", 0), (0.99, 0), ("mdd", 0)])
def test_a_hurdle_of_1_or_more_is_doubted(hurdle: str | float, n_doubts: int) -> None:
    """A hurdle of 5 was probably meant as 5 %."""
    assert n_doubts == len(doubts_about_rates([parse_hurdle(hurdle)], 0.0, None))
