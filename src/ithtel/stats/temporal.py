"""`adf` and `acf`: unit roots and autocorrelation."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.events import AcfResult, AdfResult
from ithtel.events.structure import AcfDetails, AdfDetails
from ithtel.recording.recorded import recorded
from ithtel.stats.extra import require
from ithtel.stats.hypothesis import COMPONENT, Hypothesis
from ithtel.stats.sample import Sample, finite, take_sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.stats.sample import Floats

LAGS = (1, 5, 10, 20, 50, 100)
MIN_BARS = 20
MAX_ADF_LAG = 12
LJUNG_BOX_LAGS = 10
HALF = 0.5
SINGULAR = 1e-10  # near it, statsmodels decides whether a regression is singular


@recorded(COMPONENT)
def adf(values: Any, *, alpha: float = 0.05, subject: str | None = None) -> AdfResult:  # noqa: ANN401
    """Return the augmented Dickey-Fuller test (statsmodels): with a constant, lags up to min(12, ⌊∛(n - 1)⌋) by AIC.

    `stationary` if p < alpha: a unit root is rejected.

    Args:
        values: One column of numbers in order of time, shape (n,); fewer than 20 are not tested.
        alpha: The level.
        subject: What is tested; the name of the Series if not given.

    Raises:
        InputError: `values` is not one column of real numbers.
        MissingPackageError: statsmodels is not installed.

    Source: Dickey and Fuller, JASA 74 (1979) 427-431; Said and Dickey, Biometrika 71 (1984) 599-607; p-value and
    critical values: MacKinnon, JBES 12 (1994) 167-176 and Queen's University working paper 1227 (2010).

    >>> rng = np.random.default_rng(1)
    >>> adf(rng.normal(size=200)).decision
    'stationary'
    """
    hypothesis, sample = _begin("adf", values, alpha, subject)
    if reason := _fault(sample):
        return hypothesis.not_tested(AdfResult, reason)
    max_lag = min(MAX_ADF_LAG, _cube_root(len(sample.values) - 1))
    # scaled, which changes only rounding, so that no regression is singular because of the unit
    found = _adfuller((sample.values - sample.values.mean()) / sample.values.std(), max_lag)
    if found is None:
        return hypothesis.not_tested(AdfResult, "the regression is singular: the series is an exact recurrence")
    statistic, p_value, used_lag, n_observations, critical_values, aic = found
    details = AdfDetails(
        used_lag=int(used_lag),
        max_lag=max_lag,
        n_observations=int(n_observations),
        critical_values={level: finite(value) for level, value in critical_values.items()},
        aic=finite(aic),
        n_gaps=sample.n_gaps,
    )
    return hypothesis.result(
        AdfResult,
        decision="stationary" if p_value < alpha else "non_stationary",
        statistic=statistic,
        p_value=p_value,
        details=details,
    )


@recorded(COMPONENT)
def acf(values: Any, *, alpha: float = 0.05, subject: str | None = None) -> AcfResult:  # noqa: ANN401
    """Return the autocorrelation (statsmodels, FFT) at lags 1, 5, 10, 20, 50, 100, and its half-life.

    `autocorrelated` if Ljung-Box over min(10, n // 5) lags has p < alpha. The half-life is the lag at which the full
    ACF first reaches .5, interpolated between lags; None if it never does.

    Args:
        values: One column of numbers in order of time, shape (n,); fewer than 20 are not tested.
        alpha: The level of the test and of the confidence bounds.
        subject: What is tested; the name of the Series if not given.

    Raises:
        InputError: `values` is not one column of real numbers.
        MissingPackageError: statsmodels is not installed.

    Source: Bartlett, Supplement to JRSS 8 (1946) 27-41 (bounds); Ljung and Box, Biometrika 65 (1978) 297-303.

    >>> rng = np.random.default_rng(1)
    >>> acf(rng.normal(size=500).cumsum()).decision
    'autocorrelated'
    """
    hypothesis, sample = _begin("acf", values, alpha, subject)
    if reason := _fault(sample):
        return hypothesis.not_tested(AcfResult, reason)
    x = (sample.values - sample.values.mean()) / sample.values.std()
    function = require("statsmodels.tsa.stattools").acf
    rho, bounds = function(x, nlags=len(x) - 1, fft=True, alpha=alpha, **_as_tuple(function))
    lags = [lag for lag in LAGS if lag < len(x)]
    n_lags = min(LJUNG_BOX_LAGS, len(x) // 5)
    test = require("statsmodels.stats.diagnostic").acorr_ljungbox(x, lags=[n_lags])
    p_value = float(test["lb_pvalue"].iloc[0])
    details = AcfDetails(
        lags=lags,
        acf=[finite(rho[lag]) for lag in lags],
        lower=[finite(bounds[lag, 0]) for lag in lags],
        upper=[finite(bounds[lag, 1]) for lag in lags],
        half_life=half_life(rho),
        ljung_box_lags=n_lags,
        n_gaps=sample.n_gaps,
    )
    return hypothesis.result(
        AcfResult,
        decision="autocorrelated" if p_value < alpha else "not_autocorrelated",
        statistic=float(test["lb_stat"].iloc[0]),
        p_value=p_value,
        effect_size=rho[1],
        details=details,
    )


def half_life(rho: Floats) -> float | None:
    """Return the lag at which an autocorrelation function first reaches .5, linearly interpolated; None if never.

    >>> half_life(np.array([1.0, 0.75, 0.25]))
    1.5
    """
    below = np.flatnonzero(rho <= HALF)
    if not len(below) or below[0] == 0:
        return None
    lag = int(below[0])
    return float(lag - 1 + (rho[lag - 1] - HALF) / (rho[lag - 1] - rho[lag]))


def _begin(test_name: str, values: object, alpha: float, subject: str | None) -> tuple[Hypothesis, Sample]:
    sample = take_sample(values)
    return Hypothesis(test_name=test_name, samples=[sample], alpha=alpha, subject=subject), sample


def _fault(sample: Sample) -> str | None:
    n = len(sample.values)
    return sample.fault or (f"{n} values; at least {MIN_BARS} are needed" if n < MIN_BARS else None)


def _cube_root(n: int) -> int:
    """Return ⌊∛n⌋ exactly: 64 ** (1 / 3) is 3.9999999999999996."""
    root = round(float(np.cbrt(n)))
    return root if root**3 <= n else root - 1


def _best_lag(x: Floats, max_lag: int) -> tuple[int, float] | None:
    """Return the number of lags with the smallest AIC, and that AIC; None if a regression is singular.

    The regressions are nested: one QR decomposition gives the residuals of all, where statsmodels decomposes each. At
    100 000 values this is ten times as fast.
    """
    change = np.diff(x)
    n = len(change) - max_lag
    lagged = [change[max_lag - lag : len(change) - lag] for lag in range(1, max_lag + 1)]
    design = np.column_stack([np.ones(n), x[max_lag:-1], *lagged])
    y = change[max_lag:]
    q, r = np.linalg.qr(design)
    pivots = np.abs(np.diag(r))
    if not pivots.min() > SINGULAR * pivots.max():
        return None
    explained = np.cumsum((q.T @ y) ** 2)[1:]
    squares = y @ y - explained
    if not squares.min() > SINGULAR * (y @ y):
        return None
    n_parameters = np.arange(2, max_lag + 3)
    aic = n * (np.log(2 * np.pi * squares / n) + 1) + 2 * n_parameters
    lag = int(np.argmin(aic))
    return lag, float(aic[lag])


def _adfuller(x: Floats, max_lag: int) -> tuple[float, float, int, int, dict[str, float], float] | None:
    adfuller = require("statsmodels.tsa.stattools").adfuller
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)  # divisions by vanishing residuals: checked below
            warnings.filterwarnings("error", message=".*rank-deficient", category=UserWarning)
            if (best := _best_lag(x, max_lag)) is not None:
                chosen = adfuller(x, maxlag=best[0], regression="c", autolag=None, **_as_tuple(adfuller))
                if np.isfinite(chosen[0]) and np.isfinite(chosen[1]):
                    return (*chosen[:5], best[1])
            found = adfuller(x, maxlag=max_lag, regression="c", autolag="AIC", **_as_tuple(adfuller))
    except (ValueError, np.linalg.LinAlgError, UserWarning):
        return None
    return found if np.isfinite(found[0]) and np.isfinite(found[1]) else None


def _as_tuple(function: Callable[..., object]) -> dict[str, bool]:
    """Return the option that asks statsmodels for a tuple: 0.15 warns without it, earlier versions do not know it."""
    return {"result_object": False} if "result_object" in inspect.signature(function).parameters else {}
