"""`measure_fitness` and the numbers that it consists of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracles
from ithtel.errors import InputError
from ithtel.ith.epochs import find_epochs
from ithtel.ith.fitness import (
    Bounds,
    aggregate_cv,
    coefficient_of_variation,
    intervals_cv,
    loss_cv,
    measure_fitness,
    qualify,
    returns_of,
    sharpe_ratio,
    timeline_gaps,
)
from navs import checked

bars = st.sets(st.integers(1, 500), max_size=60).map(sorted)


@given(bars)
def test_intervals_cv_is_the_oracle_s(epochs: list[int]) -> None:
    """Intervals begin at bar 0 and end at the last epoch; sums go from left to right."""
    assert oracles.interval_cv(epochs).hex() == intervals_cv(epochs).hex()


def test_intervals_cv_of_the_worked_example() -> None:
    """Epochs at 2 and 5 are 2 and 3 bars apart."""
    assert intervals_cv([2, 5]) == 0.2


def test_intervals_cv_without_an_epoch_is_nan() -> None:
    """Without an epoch there is no interval."""
    assert math.isnan(intervals_cv([]))


@given(st.lists(st.floats(-1e6, 1e6), max_size=50))
def test_cv_is_summed_in_order(values: list[float]) -> None:
    """The coefficient of variation equals that of a plain loop to the bit."""
    assert oracles.population_cv(values).hex() == coefficient_of_variation(values).hex()


@pytest.mark.parametrize(
    ("epochs", "n_bars", "expected"),
    [([2, 5], 10, [2, 3, 4]), ([2, 9], 10, [2, 7]), ([], 10, [9]), ([], 1, []), ([1], 2, [1])],
)
def test_timeline_gaps(epochs: list[int], n_bars: int, expected: list[int]) -> None:
    """Gaps lie between bar 0, the epochs and the last bar, which counts once if it is an epoch."""
    assert expected == timeline_gaps(epochs, n_bars).tolist()


def test_an_epoch_beyond_the_end_is_an_error() -> None:
    """The message names the bar."""
    with pytest.raises(InputError, match="bar 10"):
        timeline_gaps([10], 10)


def test_loss_cv_leaves_zeros_out_but_keeps_the_last_bar() -> None:
    """Zeros at epochs do not count; the last bar counts even if zero, unless it is an epoch."""
    assert coefficient_of_variation([0.1, 0.3, 0.0]) == loss_cv([0.1, 0.0, 0.3], 0.0)
    assert coefficient_of_variation([0.1, 0.3]) == loss_cv([0.1, 0.0, 0.3], None)
    assert math.isnan(loss_cv([0.0], None))


@pytest.mark.parametrize(("a", "b", "expected"), [(0.2, 0.5, 0.5), (0.5, 0.2, 0.5)])
def test_aggregate_cv_is_the_larger(a: float, b: float, expected: float) -> None:
    """The aggregate is the worse of the two."""
    assert expected == aggregate_cv(a, b)


@pytest.mark.parametrize(("a", "b"), [(math.nan, 0.1), (0.1, math.nan)])
def test_aggregate_cv_is_nan_if_either_is(a: float, b: float) -> None:
    """NaN in either place makes the aggregate NaN."""
    assert math.isnan(aggregate_cv(a, b))


def test_sharpe_is_the_textbook_s() -> None:
    """It is sqrt(periods) * (mean - risk free) / sample deviation, without NaN returns."""
    returns = [0.01, -0.02, 0.03, math.nan, 0.005]
    kept = np.array([r for r in returns if not math.isnan(r)])
    expected = math.sqrt(252) * (kept.mean() - 0.001) / kept.std(ddof=1)
    assert expected == pytest.approx(sharpe_ratio(returns, periods_per_year=252, risk_free=0.001), rel=1e-14)


@pytest.mark.parametrize("returns", [[], [0.1], [0.1, math.nan], [0.0, 0.0, 0.0], [math.inf, 0.1]])
def test_sharpe_is_nan_where_it_says_nothing(returns: list[float]) -> None:
    """It is NaN for fewer than two returns, for equal returns, and for returns that are not finite."""
    assert math.isnan(sharpe_ratio(returns, periods_per_year=252))


def test_sharpe_of_constant_growth_is_nan() -> None:
    """Differences that are only rounding do not count as a deviation."""
    assert math.isnan(sharpe_ratio(returns_of(checked(100 * 1.001 ** np.arange(500))), periods_per_year=252))


@pytest.mark.parametrize("periods", [0, -1, math.nan, math.inf])
def test_periods_per_year_must_be_positive(periods: float) -> None:
    """Anything but a positive finite number is an error."""
    with pytest.raises(InputError, match="periods_per_year"):
        sharpe_ratio([0.1, 0.2], periods_per_year=periods)


def test_returns_are_fractional_changes() -> None:
    """There is one fewer than there are bars."""
    assert returns_of(checked([1, 2, 1])).tolist() == [1.0, -0.5]


def verdicts(**changes: Any) -> dict[str, bool]:
    """Qualify something good with some changes; return the verdicts."""
    good: dict[str, Any] = {"side": "bull", "sharpe": 1.0, "n_epochs": 5, "n_bars": 337, "aggregate_cv": 0.3}
    return {c.name: c.passed for c in qualify(**good | changes).criteria}


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({}, set()),
        ({"sharpe": 0.5}, {"sharpe"}),
        ({"sharpe": 9.9}, {"sharpe"}),
        ({"sharpe": math.nan}, {"sharpe"}),
        ({"side": "bear"}, {"sharpe"}),
        ({"side": "bear", "sharpe": -1.0}, set()),
        ({"n_epochs": 2}, {"n_epochs"}),
        ({"n_epochs": 3}, set()),
        ({"n_epochs": 3, "n_bars": 338}, {"n_epochs"}),
        ({"aggregate_cv": 0.0}, {"aggregate_cv"}),
        ({"aggregate_cv": 0.7}, {"aggregate_cv"}),
        ({"aggregate_cv": math.nan}, {"aggregate_cv"}),
        ({"aggregate_cv": 0.9, "bounds": Bounds(aggregate_cv_high=1.0)}, set()),
        ({"sharpe": 0.1, "bounds": Bounds(sharpe_low=0.0)}, set()),
    ],
)
def test_every_bound_is_strict(changes: dict[str, Any], failed: set[str]) -> None:
    """A value on a bound fails, and every bound can be set."""
    assert failed == {name for name, passed in verdicts(**changes).items() if not passed}


def test_each_verdict_has_its_reason() -> None:
    """The reason names the value and the bounds."""
    verdict = qualify(side="bull", sharpe=math.nan, n_epochs=1, n_bars=300, aggregate_cv=0.8)
    assert not verdict.qualified
    assert [c.reason for c in verdict.criteria] == [
        "sharpe is not known",
        "n_epochs 1 is not above 2",
        "aggregate_cv 0.8 is not between 0 and 0.7",
    ]


def fitness_of(nav: list[float], **options: Any) -> Any:
    """Measure a bull with a hurdle of 0.05."""
    table = find_epochs(checked(nav), 0.05, side="bull")
    assert table.final is not None
    return measure_fitness(
        checked(nav),
        side="bull",
        bar_index=table.bar_index,
        epoch_losses=table.excess_loss,
        last_loss=table.final.excess_loss,
        **options,
    )


def test_measure_fitness_puts_it_together() -> None:
    """The numbers of a small series, computed by hand."""
    fitness = fitness_of([1, 1.1, 1.0, 1.2, 1.1, 1.1], periods_per_year=252)
    assert (fitness.n_bars, fitness.n_epochs) == (6, 2)
    assert fitness.points_to_epoch == 2.5
    assert fitness.recent_3_bars == 2.0
    assert fitness.intervals_cv == coefficient_of_variation([1, 2])
    assert fitness.timeline_cv == coefficient_of_variation([1, 2, 2])
    assert fitness.sharpe_reason is None


def test_without_periods_there_is_no_sharpe() -> None:
    """The reason names the missing argument."""
    fitness = fitness_of([1, 1.1, 1.0])
    assert math.isnan(fitness.sharpe)
    assert "periods_per_year is not given" in fitness.sharpe_reason


def test_one_bar_has_no_numbers() -> None:
    """All numbers are NaN, and nothing raises."""
    fitness = fitness_of([1.0], periods_per_year=252)
    numbers = (fitness.intervals_cv, fitness.timeline_cv, fitness.points_to_epoch, fitness.recent_3_bars)
    assert all(math.isnan(number) for number in numbers)
