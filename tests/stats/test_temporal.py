"""Time: equal to statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa import stattools

from ithtel import stats
from ithtel.stats.temporal import _cube_root, half_life


def noise(n: int, seed: int = 0) -> np.ndarray:
    """Return white noise."""
    return np.random.default_rng(seed).normal(5, 2, size=n)


@pytest.mark.parametrize(("n", "max_lag"), [(20, 2), (65, 4), (300, 6), (2000, 12)])
@pytest.mark.parametrize("is_walk", [False, True])
def test_adf_is_statsmodels(n: int, max_lag: int, is_walk: bool) -> None:
    """With a constant, AIC, and at most min(12, ⌊∛(n - 1)⌋) lags."""
    x = noise(n).cumsum() if is_walk else noise(n)
    statistic, p_value, lag, n_obs, critical, _ = stattools.adfuller(
        x, maxlag=max_lag, regression="c", autolag="AIC", result_object=False
    )
    result = stats.adf(x)
    assert (result.statistic, result.p_value) == pytest.approx((statistic, p_value), rel=1e-6)
    assert (result.details.used_lag, result.details.max_lag, result.details.n_observations) == (lag, max_lag, n_obs)
    assert result.details.critical_values == pytest.approx(critical)


def test_decisions_of_adf() -> None:
    """White noise is stationary, a random walk not."""
    assert stats.adf(noise(500)).decision == "stationary"
    assert stats.adf(noise(500, 1).cumsum()).decision == "non_stationary"


def test_the_cube_root_is_exact() -> None:
    """64 ** (1 / 3) is below 4."""
    assert [_cube_root(n) for n in (0, 1, 7, 8, 26, 27, 63, 64, 124, 125, 10**9 - 1, 10**9)] == [
        0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 999, 1000,
    ]  # fmt: skip


def test_an_exact_recurrence_has_no_test() -> None:
    """Its residuals are nothing."""
    assert stats.adf(np.arange(100.0)).decision == "not_tested"
    assert stats.adf(np.tile([0.0, 1.0], 50)).decision in {"stationary", "not_tested"}


@pytest.mark.parametrize("is_walk", [False, True])
def test_acf_is_statsmodels(is_walk: bool) -> None:
    """Lags 1, 5, 10, 20, 50, 100 with Bartlett's bounds; Ljung-Box."""
    x = noise(400).cumsum() if is_walk else noise(400)
    rho, bounds = stattools.acf(x, nlags=100, fft=False, alpha=0.1, result_object=False)
    result = stats.acf(x, alpha=0.1)
    details = result.details
    assert details.lags == [1, 5, 10, 20, 50, 100]
    assert details.acf == pytest.approx(rho[details.lags].tolist())
    assert details.lower == pytest.approx(bounds[details.lags, 0].tolist())
    assert details.upper == pytest.approx(bounds[details.lags, 1].tolist())
    test = acorr_ljungbox(x, lags=[10])
    assert (result.statistic, result.p_value) == pytest.approx((test.iloc[0, 0], test.iloc[0, 1]))
    assert result.decision == ("autocorrelated" if is_walk else "not_autocorrelated")
    assert result.effect_size == details.acf[0]


def test_lags_end_with_the_series() -> None:
    """21 bars have a lag of 20, 20 bars none."""
    assert stats.acf(noise(21)).details.lags == [1, 5, 10, 20]
    assert stats.acf(noise(20)).details.lags == [1, 5, 10]
    assert stats.acf(noise(20)).details.ljung_box_lags == 4


def test_half_life_of_an_ar1_is_interpolated_between_lags() -> None:
    """r(k) = .9^k: ln .5 / ln .9 = 6.58 on the curve, 6.56 on its chords."""
    rho = 0.9 ** np.arange(50)
    assert half_life(rho) == pytest.approx(6 + (0.9**6 - 0.5) / (0.9**6 - 0.9**7))
    assert half_life(rho) == pytest.approx(np.log(0.5) / np.log(0.9), abs=0.03)
    assert half_life(np.array([1.0, 0.8, 0.6])) is None
    assert half_life(np.array([1.0, 0.5])) == 1.0
    assert half_life(np.array([1.0, -0.5])) == pytest.approx(1 / 3)
    assert stats.acf(noise(100)).details.half_life == pytest.approx(0.5, abs=0.2)


def test_nan_is_dropped_and_gaps_are_counted() -> None:
    """A warm-up does not count as a gap."""
    x = np.concatenate([[np.nan] * 5, noise(30), [np.nan], noise(30, 1)])
    for result in (stats.adf(x), stats.acf(x)):
        assert (result.n_samples, result.n_dropped, result.details.n_gaps) == (60, 6, 1)


@pytest.mark.parametrize("test", [stats.adf, stats.acf])
def test_what_is_not_tested(test: object) -> None:
    """Too few values, constant or infinite ones."""
    assert test(noise(19)).reason == "19 values; at least 20 are needed"
    assert test(np.full(30, 0.1)).reason == "all 30 values are equal"
    assert test([*noise(30), -np.inf]).reason == "1 infinite values"
    assert test(noise(30) * 1e200).reason == "30 values beyond 1e100"
    assert test([]).reason == "no values"
