"""`measure_fitness`, `Fitness`, `Bounds`: how regular the epochs of a series are, and whether the series qualifies.

Numbers that are not defined are NaN here; the log has null for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ithtel.errors import InputError
from ithtel.ith.check import as_floats, check_side

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ithtel.ith.check import Side
    from ithtel.ith.nav import Nav

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

BARS_AN_EPOCH = 168.0  # six periods of 28 bars: a series with fewer than one epoch in these does not qualify
_RECENT = 3
_NO_PERIODS = "periods_per_year is not given (252 daily equity, 365 daily crypto)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """The limits within which a series qualifies, each of them excluded. None means the default of the side."""

    sharpe_low: float | None = None
    sharpe_high: float | None = None
    bars_an_epoch: float = BARS_AN_EPOCH
    n_epochs_high: float = math.inf
    aggregate_cv_low: float = 0.0
    aggregate_cv_high: float = 0.70

    def sharpe(self, side: Side) -> tuple[float, float]:
        """Return the limits of the Sharpe ratio; if not set, 0.5 to 9.9 for a bull and -9.9 to -0.5 for a bear."""
        low, high = (0.5, 9.9) if check_side(side) > 0 else (-9.9, -0.5)
        return (
            low if self.sharpe_low is None else self.sharpe_low,
            high if self.sharpe_high is None else self.sharpe_high,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CriterionResult:
    """One criterion: its value, its limits, whether it passed, and the same as a phrase."""

    name: str
    passed: bool
    value: float
    low: float
    high: float
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Qualification:
    """The verdict on a series, which qualifies if it passes every criterion."""

    qualified: bool
    criteria: tuple[CriterionResult, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitness:
    """The derived numbers of one series and side: ratios, or numbers of bars. They are NaN if not defined."""

    n_bars: int
    n_epochs: int
    intervals_cv: float
    timeline_cv: float
    loss_cv: float
    aggregate_cv: float
    points_to_epoch: float
    recent_3_bars: float
    sharpe: float
    sharpe_reason: str | None
    qualification: Qualification


def intervals_cv(bar_index: ArrayLike) -> float:
    """Return the coefficient of variation of the bars between epochs.

    Intervals begin at bar 0 and end at the last epoch; the result is NaN without an epoch.

    >>> intervals_cv([2, 5])
    0.2
    """
    bars = _bars(bar_index)
    return coefficient_of_variation(np.diff(bars, prepend=0))


def timeline_gaps(bar_index: ArrayLike, n_bars: int) -> Integers:
    """Return the gaps in bars between bar 0, the epochs and the last bar, which counts once if it is an epoch.

    >>> timeline_gaps([2, 5], 10)
    array([2, 3, 4])
    """
    bars = _bars(bar_index)
    if len(bars) > 0 and bars[-1] >= n_bars:
        raise InputError(f"an epoch is at bar {int(bars[-1])}, but the series has only {n_bars} bars")
    last = n_bars - 1
    edges = np.concatenate([[0], bars, [last] if last > 0 and (len(bars) == 0 or bars[-1] != last) else []])
    return np.diff(edges).astype(np.int64)


def loss_cv(epoch_losses: ArrayLike, last_loss: float | None) -> float:
    """Return the coefficient of variation of the losses at epochs, zeros left out, and of the loss at the last bar.

    Args:
        epoch_losses: The excess loss of each epoch, shape (k,).
        last_loss: The excess loss of the last bar, which counts even if it is zero; None if that bar is an epoch.
    """
    losses = as_floats(epoch_losses, name="losses")
    losses = losses[losses != 0]
    return coefficient_of_variation(losses if last_loss is None else np.append(losses, last_loss))


def coefficient_of_variation(values: ArrayLike) -> float:
    """Return population standard deviation / mean, summed from left to right as the reference does.

    The result is NaN if there are no values or their mean is 0.
    """
    numbers = np.asarray(values, dtype=np.float64)
    n = len(numbers)
    mean = _sum(numbers) / n if n > 0 else 0.0
    if mean == 0 or math.isnan(mean):
        return math.nan
    return math.sqrt(_sum((numbers - mean) ** 2) / n) / mean


def aggregate_cv(a: float, b: float) -> float:
    """Return the larger of the two, or NaN if either is NaN."""
    return math.nan if math.isnan(a) or math.isnan(b) else max(a, b)


def returns_of(nav: Nav) -> Floats:
    """Return the fractional changes nav[i]/nav[i-1] - 1, shape (n - 1,)."""
    values = nav.values
    with np.errstate(all="ignore"):
        return np.asarray(values[1:] / values[:-1] - 1.0)


def check_periods_per_year(periods_per_year: float) -> float:
    """Return the number of periods per year as a float.

    Raises:
        InputError: It is not a positive finite number.

    >>> check_periods_per_year(252)
    252.0
    """
    try:
        value = float(periods_per_year)
    except (TypeError, ValueError):
        value = math.nan
    if not 0 < value < math.inf:
        raise InputError(f"periods_per_year is {periods_per_year!r}; it must be a positive number, such as 252 or 365")
    return value


def sharpe_ratio(returns: ArrayLike, *, periods_per_year: float, risk_free: float = 0.0) -> float:
    """Return the annualised Sharpe ratio: sqrt(periods_per_year) * (mean - risk_free) / standard deviation (ddof 1).

    NaN returns are dropped. The result is NaN for fewer than two returns, and if they differ by no more than rounding:
    a return is a ratio near 1 minus 1, so its own rounding is about 2.2e-16.

    Source: Sharpe, The Sharpe Ratio, Journal of Portfolio Management 21 (1994).

    Args:
        returns: Fractional returns, shape (n,), one per period.
        periods_per_year: 252 for daily equity, 365 for daily crypto.
        risk_free: The return of a riskless asset in one period.

    Raises:
        InputError: `periods_per_year` is not a positive number, or the returns are not numbers.

    >>> round(sharpe_ratio([0.01, -0.005, 0.02], periods_per_year=252), 6)
    10.51315
    """
    periods = check_periods_per_year(periods_per_year)
    values = as_floats(returns, name="returns")
    values = values[~np.isnan(values)]
    if len(values) < 2:  # noqa: PLR2004 - a deviation needs two
        return math.nan
    with np.errstate(all="ignore"):
        deviation = float(np.std(values, ddof=1))
        noise = 4 * np.finfo(np.float64).eps * (1 + float(np.max(np.abs(values))))
        if not noise < deviation < math.inf:
            return math.nan
        return math.sqrt(periods) * (float(np.mean(values)) - risk_free) / deviation


def measure_fitness(
    nav: Nav,
    *,
    side: Side,
    bar_index: ArrayLike,
    epoch_losses: ArrayLike,
    last_loss: float,
    periods_per_year: float | None = None,
    risk_free: float = 0.0,
    bounds: Bounds | None = None,
) -> Fitness:
    """Return all derived numbers of one series and side.

    Args:
        nav: A series of n bars.
        side: `bull` or `bear`.
        bar_index: The bars of the epochs, shape (k,), increasing, from 0.
        epoch_losses: The excess losses of the epochs, shape (k,).
        last_loss: The excess loss of the last bar (`EpochTable.final.excess_loss`), not used if that bar is an epoch.
        periods_per_year: Bars per year. Without it there is no Sharpe ratio, and the series does not qualify.
        risk_free: The return of a riskless asset in one bar.
        bounds: The limits of the criteria.
    """
    bars = _bars(bar_index)
    n, k = len(nav), len(bars)
    gaps = timeline_gaps(bars, n)
    ends_on_epoch = k > 0 and int(bars[-1]) == n - 1
    timeline, losses = coefficient_of_variation(gaps), loss_cv(epoch_losses, None if ends_on_epoch else last_loss)
    sharpe, reason = _sharpe_or_reason(nav, periods_per_year, risk_free)
    aggregate = aggregate_cv(timeline, losses)
    return Fitness(
        n_bars=n,
        n_epochs=k,
        intervals_cv=intervals_cv(bars),
        timeline_cv=timeline,
        loss_cv=losses,
        aggregate_cv=aggregate,
        points_to_epoch=(n - 1) / k if k > 0 else math.nan,
        recent_3_bars=float(np.max(gaps[-_RECENT:])) if len(gaps) > 0 else math.nan,
        sharpe=sharpe,
        sharpe_reason=reason,
        qualification=qualify(side=side, sharpe=sharpe, n_epochs=k, n_bars=n, aggregate_cv=aggregate, bounds=bounds),
    )


def qualify(
    *, side: Side, sharpe: float, n_epochs: int, n_bars: int, aggregate_cv: float, bounds: Bounds | None = None
) -> Qualification:
    """Return the verdict: a criterion passes if its value lies strictly between its limits, so NaN does not.

    >>> qualify(side="bull", sharpe=1.2, n_epochs=3, n_bars=300, aggregate_cv=0.8).criteria[2].reason
    'aggregate_cv 0.8 is not between 0 and 0.7'
    """
    bounds = Bounds() if bounds is None else bounds
    sharpe_low, sharpe_high = bounds.sharpe(side)
    least = float(math.ceil((n_bars - 1) / bounds.bars_an_epoch))
    criteria = (
        _judge("sharpe", sharpe, sharpe_low, sharpe_high),
        _judge("n_epochs", float(n_epochs), least, bounds.n_epochs_high),
        _judge("aggregate_cv", aggregate_cv, bounds.aggregate_cv_low, bounds.aggregate_cv_high),
    )
    return Qualification(qualified=all(criterion.passed for criterion in criteria), criteria=criteria)


def _judge(name: str, value: float, low: float, high: float) -> CriterionResult:
    passed = low < value < high
    if math.isnan(value):
        reason = f"{name} is not known"
    elif math.isinf(high):
        reason = f"{name} {value:.6g} is {'' if passed else 'not '}above {low:.6g}"
    else:
        reason = f"{name} {value:.6g} is {'' if passed else 'not '}between {low:.6g} and {high:.6g}"
    return CriterionResult(name=name, passed=passed, value=value, low=low, high=high, reason=reason)


def _sharpe_or_reason(nav: Nav, periods_per_year: float | None, risk_free: float) -> tuple[float, str | None]:
    if periods_per_year is None:
        return math.nan, _NO_PERIODS
    sharpe = sharpe_ratio(returns_of(nav), periods_per_year=periods_per_year, risk_free=risk_free)
    if math.isnan(sharpe):
        return sharpe, "fewer than two returns, or all returns are equal"
    return sharpe, None


def _sum(values: Floats) -> float:
    """Return the sum, added from left to right; numpy.sum adds in pairs."""
    return float(np.cumsum(values)[-1]) if len(values) > 0 else 0.0


def _bars(bar_index: ArrayLike) -> Integers:
    bars = np.asarray(bar_index)
    if bars.size > 0 and (bars.ndim != 1 or bars.dtype.kind not in "iu"):
        raise InputError(f"bar_index has shape {bars.shape} and type {bars.dtype}; it must be one-dimensional integers")
    return bars.astype(np.int64).reshape(-1)
