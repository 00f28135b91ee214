"""Distributions: equal to SciPy, defined at the edges."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from ithtel import stats
from ithtel.errors import InputError

rng = np.random.default_rng


def test_shapiro_wilk_of_the_original_example() -> None:
    """Weights of 11 men, Shapiro and Wilk 1965: W = .79."""
    result = stats.shapiro_wilk([148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236])
    assert round(result.statistic, 2) == 0.79
    assert result.p_value == pytest.approx(0.006704, abs=1e-6)
    assert (result.decision, result.details.classification) == ("non_normal", "substantial_non_normality")


@pytest.mark.parametrize("n", [10, 11, 500, 5000])
def test_shapiro_wilk_is_scipys(n: int) -> None:
    """Scaling changes rounding only."""
    x = rng(n).gamma(2, size=n)
    result, expected = stats.shapiro_wilk(x), scipy.stats.shapiro(x)
    assert (result.statistic, result.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


def test_shapiro_wilk_takes_5000_values_at_random() -> None:
    """More would make SciPy's p-value unreliable. Anybody can draw the same values by the seed in the record."""
    x = rng(1).normal(size=9999)
    result = stats.shapiro_wilk(x)
    assert (result.details.n_used, result.details.subset_seed, result.n_samples) == (5000, 0, 9999)
    places = rng(0).choice(9999, 5000, replace=False, shuffle=False)
    assert result.statistic == pytest.approx(scipy.stats.shapiro(x[places]).statistic, rel=1e-9)
    assert stats.shapiro_wilk(x) == result
    assert stats.shapiro_wilk(x[:5000]).details.subset_seed is None


def test_two_peaks_in_turn_are_not_normal() -> None:
    """Every second value alone would be."""
    x = rng(3).normal(size=9999)
    x[1::2] += 10
    result = stats.shapiro_wilk(x)
    assert result.decision == "non_normal"
    assert result.statistic == pytest.approx(0.80, abs=0.02)


def test_a_weekly_pattern_does_not_hide_from_a_fit() -> None:
    """Of 6 994 values every seventh is of another distribution; the fitted means are those of all."""
    n = 6994
    y = rng(3).beta(5, 2, n)
    weekly = np.arange(n) % 7 == 0
    y[weekly] = rng(4).beta(2, 5, weekly.sum())
    beta = stats.beta_fit(y, rng=rng(5)).details
    assert beta.a / (beta.a + beta.b) == pytest.approx(y.mean(), abs=0.03)
    normal = stats.anderson_darling(y, "norm", rng=rng(5)).details
    assert normal.parameters["loc"] == pytest.approx(y.mean(), abs=0.03)
    assert (beta.n_used, beta.subset_seed, normal.n_used, normal.subset_seed) == (1000, 0, 1000, 0)
    assert stats.beta_fit(y, rng=rng(6)).details.a == beta.a


@pytest.mark.parametrize(
    ("df", "label"),
    [
        (1e6, "practically_normal"),
        (5, "minor_departures"),
        (3, "moderate_non_normality"),
        (2, "substantial_non_normality"),
    ],
)
def test_classes_of_normality(df: float, label: str) -> None:
    """By W, however small p is."""
    x = scipy.stats.t.ppf(np.linspace(0.001, 0.999, 2000), df)
    assert stats.shapiro_wilk(x).details.classification == label


def test_shapiro_wilk_ignores_unit_and_offset() -> None:
    """Values near 1e-30 or 1e90 are tested as others are."""
    x = rng(1).normal(size=50)
    expected = stats.shapiro_wilk(x).statistic
    assert [stats.shapiro_wilk(x * unit).statistic for unit in (1e-30, 1e90)] == pytest.approx([expected] * 2)


def test_beta_fit_finds_what_made_the_sample() -> None:
    """Shapes as SciPy's; fits well after 99 samples."""
    x = rng(1).beta(2, 3, 400)
    result = stats.beta_fit(x, rng=rng(2))
    a, b, _, _ = scipy.stats.beta.fit(x, floc=0, fscale=1)
    assert (result.details.a, result.details.b) == pytest.approx((a, b), rel=1e-6)
    assert (result.decision, result.details.n_bootstrap) == ("fits_well", 99)


def test_beta_fit_statistic_is_scipys() -> None:
    """Against SciPy's own Beta distribution, slow and all."""
    x = rng(3).beta(0.5, 0.7, 100)
    expected = scipy.stats.goodness_of_fit(
        scipy.stats.beta, x, known_params={"loc": 0, "scale": 1}, n_mc_samples=9, rng=rng(1)
    )
    assert stats.beta_fit(x, rng=rng(2)).statistic == pytest.approx(expected.statistic, rel=1e-6)


@pytest.mark.slow
def test_beta_fit_refuses_two_peaks_after_999_samples() -> None:
    """What has a doubt after 99 gets 999."""
    result = stats.beta_fit(np.concatenate([rng(1).beta(50, 90, 60), rng(2).beta(90, 50, 60)]), rng=rng(3))
    assert (result.decision, result.details.n_bootstrap, result.p_value) == ("poor_fit", 999, 0.001)


@pytest.mark.slow
def test_beta_fit_clips_thins_and_says_so() -> None:
    """Zeros and ones are moved inside, and 1000 of many values used."""
    x = np.concatenate([np.zeros(300), rng(1).random(1700)])
    result = stats.beta_fit(x, rng=rng(3))
    assert (result.details.n_used, result.n_samples) == (1000, 2000)
    assert result.details.n_clipped == pytest.approx(150, abs=40)  # of the 300 zeros about half are drawn
    assert result.decision == "poor_fit"


def test_beta_fit_repeats_with_its_generator() -> None:
    """The same seed, the same event."""
    x = rng(1).normal(0.5, 0.1, 50)
    assert stats.beta_fit(x, rng=rng(7)) == stats.beta_fit(x, rng=rng(7))


def test_anderson_darling_is_scipys() -> None:
    """The same generator, the same statistic and p-value."""
    x = rng(1).normal(3, 2, 80)
    expected = scipy.stats.goodness_of_fit(scipy.stats.norm, x, statistic="ad", n_mc_samples=99, rng=rng(5))
    result = stats.anderson_darling(x, rng=rng(5))
    assert (result.statistic, result.p_value) == (expected.statistic, expected.pvalue)
    assert result.details.parameters == pytest.approx({"loc": x.mean(), "scale": x.std(ddof=1)})


def test_known_parameters_are_not_fitted() -> None:
    """And are recorded."""
    x = rng(1).normal(1, 1, 60)
    result = stats.anderson_darling(x, "norm", rng=rng(1), known={"loc": 0.0, "scale": 1.0})
    assert (result.details.known, result.decision) == (["loc", "scale"], "poor_fit")


def test_wrong_options_are_errors() -> None:
    """The error names what was expected."""
    with pytest.raises(InputError, match=r"no distribution 'nrom' \(did you mean 'norm'"):
        stats.anderson_darling([1.0], "nrom", rng=rng(1))
    with pytest.raises(InputError, match=r"rng must be a numpy\.random\.Generator.* got int"):
        stats.beta_fit([0.5] * 20, rng=1)
    with pytest.raises(InputError, match="norm has no parameter 'df', only loc, scale"):
        stats.anderson_darling(np.arange(20.0), "norm", rng=rng(1), known={"df": 1.0})


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=40))
def test_describe_is_numpys_and_scipys(values: list[float]) -> None:
    """Moments and quantiles."""
    details = stats.describe(values).details
    x = np.array(values)
    assert (details.count, details.mean, details.min, details.max) == (len(x), x.mean(), x.min(), x.max())
    assert details.sd == pytest.approx(x.std(ddof=1))
    assert details.quantiles["0.05"] == np.quantile(x, 0.05)
    if np.ptp(x) > 1e-3 * np.abs(x).max() and np.ptp(x) > 1e-50:
        assert details.skew == pytest.approx(scipy.stats.skew(x), rel=1e-6, abs=1e-9)
        assert details.excess_kurtosis == pytest.approx(scipy.stats.kurtosis(x), rel=1e-6, abs=1e-9)


def test_describe_counts_nulls_infinite_values_and_outliers() -> None:
    """An infinite value makes the mean null, not the count."""
    details = stats.describe([1, 2, 3, 4, 5, np.nan, np.inf]).details
    assert (details.count, details.n_nulls, details.n_infinite, details.n_outliers) == (6, 1, 1, 1)
    assert (details.mean, details.sd, details.max, details.min) == (None, None, None, 1.0)
    assert list(details.quantiles) == ["0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"]


def test_describe_one_value_and_a_constant() -> None:
    """No standard deviation of one value, no skew of a constant: null, never 0."""
    one = stats.describe([3.0]).details
    assert (one.mean, one.sd, one.skew) == (3.0, None, None)
    constant = stats.describe([0.1] * 10).details
    assert (constant.skew, constant.excess_kurtosis, constant.n_outliers) == (None, None, 0)
