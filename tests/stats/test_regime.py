"""Regimes: random walks are random, persistent noise trends, bars keep their places."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats

import ithtel
from ithtel import stats
from ithtel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    Noise = Callable[[int, float, int], np.ndarray]


def walk(n: int, seed: int = 0) -> np.ndarray:
    """Return a Gaussian random walk."""
    return np.random.default_rng(seed).normal(size=n).cumsum()


@pytest.mark.slow
def test_random_walks_are_random() -> None:
    """At least 95 of 100 seeded random walks of 10 000 bars, whole and bar by bar."""
    walks = [walk(10_000, seed) for seed in range(100)]
    assert Counter(stats.hurst(x).decision for x in walks)["random"] >= 95
    assert Counter(stats.regimes(x).decision for x in walks)["random"] >= 95


@pytest.mark.slow
def test_few_bars_of_a_random_walk_have_a_regime() -> None:
    """The band is that of 95 %: about one bar in twenty, by chance."""
    details = [stats.regimes(walk(10_000, seed)).details for seed in range(20)]
    share = np.mean([1 - d.n_random / (10_000 - d.n_warmup) for d in details])
    assert 0.01 < share < 0.09


@pytest.mark.slow
@pytest.mark.parametrize(("hurst", "decision"), [(0.75, "trending"), (0.25, "mean_reverting")])
def test_fractional_noise_has_its_regime(fractional_noise: Noise, hurst: float, decision: str) -> None:
    """As increments, as the levels they sum to, and as a NAV."""
    for seed in range(5):
        noise = fractional_noise(10_000, hurst, seed)
        assert stats.hurst(noise, given="increments").decision == decision
        assert stats.hurst(noise.cumsum()).decision == decision
        assert stats.hurst(np.exp(noise.cumsum() / 1000), given="nav").decision == decision
        assert stats.regimes(noise, given="increments").decision == decision


def test_levels_given_as_increments_would_seem_to_trend() -> None:
    """The mistake of the older system, and the reason why increments are taken by default."""
    assert stats.hurst(walk(5000), given="increments").decision == "trending"


def test_beyond_the_bounds_but_inside_the_band_is_random(fractional_noise: Noise) -> None:
    """Both must be left: with 250 increments H = .58 is still random."""
    results = [stats.hurst(fractional_noise(250, 0.6, seed), given="increments") for seed in range(40)]
    inside = [r for r in results if 0.55 < r.statistic < r.details.band_high]
    assert inside
    assert {r.decision for r in inside} == {"random"}


def test_the_record_says_how_it_was_decided() -> None:
    """Scales, ranges, band and its source."""
    result = stats.hurst(walk(1001))
    details = result.details
    assert (details.estimator, details.given, details.n_increments) == ("rs_anis_lloyd", "levels", 1000)
    assert len(details.scales) == len(details.rescaled_range) == len(details.rescaled_range_expected)
    assert (details.band_low, details.band_high) == (0.4429, 0.5553)
    assert "simulated" in details.band_source
    assert result.effect_size == result.statistic - 0.5


def test_bars_keep_their_places() -> None:
    """Labels have the length of the series, warm-up first; they are those of the rolling exponents."""
    x = np.concatenate([walk(1500, 1), 50 * np.sin(np.arange(1500) / 60)])
    details = stats.regimes(x, lookback=400).details
    labels, exponents = np.array(details.labels()), stats.rolling_hurst(x, lookback=400)
    assert len(labels) == len(x)
    assert (labels[:400] == "warmup").all()
    assert np.isnan(exponents[:400]).all()
    trending = exponents > max(0.55, details.band_high)
    assert ((labels == "trending") == trending).all()
    assert details.n_trending == trending.sum() > 500
    assert [s.first_bar for s in details.segments] == np.cumsum(
        [0, *[s.n_bars for s in details.segments[:-1]]]
    ).tolist()


def test_a_label_does_not_depend_on_later_bars() -> None:
    """No look-ahead."""
    x = walk(900)
    early = stats.regimes(x[:600], lookback=300).details.labels()
    assert stats.regimes(x, lookback=300).details.labels()[:600] == early


def test_nan_bars_are_undefined_and_the_others_as_without_them() -> None:
    """Dropped, counted, and in their place."""
    x = walk(700)
    with_nan = np.insert(x, [0, 0, 500], np.nan)
    result = stats.regimes(with_nan, lookback=300)
    labels = result.details.labels()
    assert (result.n_dropped, result.details.n_gaps, result.details.n_undefined) == (3, 1, 1)
    assert (labels[0], labels[302], labels[502]) == ("warmup", "random", "undefined")
    assert [v for i, v in enumerate(labels) if i not in (0, 1, 502)] == stats.regimes(x, lookback=300).details.labels()


def test_below_250_the_estimate_is_noise() -> None:
    """And says so."""
    assert stats.hurst(walk(250)).reason == "249 increments: below 250 the estimate is noise"
    assert stats.hurst(walk(251)).is_tested
    assert stats.regimes(walk(2000), lookback=249).reason == "a lookback of 249: below 250 the estimate is noise"


def test_what_has_no_regime() -> None:
    """Too short, straight, halted, infinite, not positive."""
    assert stats.regimes(walk(1000)).reason == "1000 values: none after a lookback of 1000"
    assert stats.regimes(walk(1001)).is_tested
    assert stats.hurst(np.arange(1000) * 0.1).reason == "all 999 increments are equal"
    assert stats.hurst(np.ones(1000)).reason == "all 999 increments are equal"
    assert stats.hurst(np.exp(np.arange(500) / 100), given="nav").reason == "all 499 increments are equal"
    assert stats.hurst([*walk(300), np.inf]).reason == "1 infinite values"
    assert stats.hurst(walk(300) - 1e6, given="nav").reason == "300 values of the NAV are not positive"


def test_windows_without_variation_are_undefined() -> None:
    """A long halt is neither random nor a trend."""
    x = np.concatenate([walk(800), np.full(700, 3.0)])
    details = stats.regimes(x, lookback=300).details
    assert details.labels()[-1] == "undefined"
    assert details.n_undefined >= 400
    one_step = np.concatenate([[1.0], np.zeros(600)])
    result = stats.regimes(one_step, lookback=300, given="increments")
    assert result.reason == "in no window do increments vary at every scale"


def test_wrong_options_are_errors() -> None:
    """The error names what was expected."""
    with pytest.raises(
        InputError, match=r"given must be 'nav', 'levels' or 'increments', got 'level' \(did you mean 'levels'\?\)"
    ):
        stats.hurst([1.0], given="level")
    for lookback in (0, -1, 2.5, True, "1000"):
        with pytest.raises(InputError, match="lookback must be"):
            stats.regimes(walk(300), lookback=lookback)
    with pytest.raises(InputError, match="lookback must be at least 100 bars"):
        stats.rolling_hurst(walk(300), lookback=99)
    with pytest.raises(InputError, match="increments are equal"):
        stats.rolling_hurst(np.ones(300), lookback=100)
    assert np.isnan(stats.rolling_hurst(walk(30), lookback=100)).all()


@pytest.mark.parametrize("ties", [False, True])
def test_mann_whitney_is_scipys(ties: bool) -> None:
    """With ties and without."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(0.4, size=40), rng.normal(size=60)
    if ties:
        x, y = x.round(), y.round()
    expected = scipy.stats.mannwhitneyu(x, y)
    result = stats.mann_whitney(x, y)
    assert (result.statistic, result.p_value) == (expected.statistic, expected.pvalue)
    assert result.effect_size == stats.cliffs_delta(x, y).effect_size
    assert (result.n_samples, result.details.n_x, result.details.n_y) == (100, 40, 60)


def test_decisions_of_mann_whitney() -> None:
    """Of regimes and of other samples."""
    x, y = np.arange(40.0), np.arange(40.0) + 30
    assert stats.mann_whitney(x, y).decision == "different"
    rng = np.random.default_rng(1)
    assert stats.mann_whitney(rng.permutation(x), rng.permutation(y), of_regimes=True).decision == "regime_dependent"
    assert stats.mann_whitney(x, x).decision == "not_different"
    assert stats.mann_whitney(x, x, of_regimes=True).decision == "regime_invariant"
    assert stats.mann_whitney([-np.inf] * 40, [np.inf] * 40).effect_size == -1.0


def test_mann_whitney_needs_30_each() -> None:
    """And values that differ."""
    assert stats.mann_whitney(range(29), range(50)).reason == "29 and 50 values; at least 30 each are needed"
    assert stats.mann_whitney([1] * 30, [1] * 30).reason == "all values are equal"
    assert stats.mann_whitney([1] * 30, [2] * 30).is_tested


def test_autocorrelation_makes_the_p_value_optimistic() -> None:
    """The result has the effective sample sizes and the p-value that follows from them."""
    rng = np.random.default_rng(5)
    noise = rng.normal(size=(2, 400))
    slow = np.zeros((2, 400))
    for i in range(1, 400):
        slow[:, i] = 0.9 * slow[:, i - 1] + noise[:, i]
    result = stats.mann_whitney(slow[0], slow[1] + 0.3).details
    assert result.is_p_value_optimistic
    # AR(1): (1 - .9) / (1 + .9) of 400
    assert 8 < result.n_effective_x < 60
    independent = stats.mann_whitney(noise[0], noise[1] + 0.3)
    assert not independent.details.is_p_value_optimistic
    assert min(independent.details.n_effective_x, independent.details.n_effective_y) > 250


def test_the_effective_p_value_decides_between_regimes() -> None:
    """Both are recorded; outside regimes the raw one decides."""
    ramp = np.arange(40.0)
    result = stats.mann_whitney(ramp, ramp + 30, of_regimes=True, alpha=0.01)
    assert result.p_value < 0.01 < result.details.p_value_effective
    assert (result.decision, result.deciding_p_value) == ("regime_invariant", result.details.p_value_effective)
    assert f"(p = {result.details.p_value_effective:.3g})" in result.sentence()
    plain = stats.mann_whitney(ramp, ramp + 30, alpha=0.01)
    assert (plain.decision, plain.deciding_p_value) == ("different", result.p_value)
    assert stats.mann_whitney([1], [2], of_regimes=True).deciding_p_value is None


def test_the_ledger_adjusts_the_p_value_that_decided() -> None:
    """So a test that the raw p-value would have rejected is not counted as one."""
    session = ithtel.start("a", git=False)
    ramp = np.arange(40.0)
    result = stats.mann_whitney(ramp, ramp + 30, of_regimes=True, alpha=0.01)
    stats.mann_whitney(ramp, ramp + 20)
    ithtel.stop()
    first, second = ithtel.ledger(session.path).entries
    assert first.p_value == result.details.p_value_effective
    assert first.bonferroni == pytest.approx(min(1.0, 2 * first.p_value))
    assert not first.is_rejected
    assert second.is_rejected


@pytest.mark.slow
def test_random_walks_depend_on_no_regime() -> None:
    """At most 2 alpha of the tests say so (docs/statistics.md: 7 % of 723 at alpha = 5 %)."""
    decisions: list[str] = []
    for seed in range(12):
        nav = 100 * np.exp(np.random.default_rng(seed).normal(0, 0.01, 8000).cumsum())
        labels = np.array(stats.regimes(nav, lookback=1000, given="nav").details.labels())
        features = ithtel.features(nav, lookbacks=[20, 100, 500])
        for name in features.columns[~features.columns.str.endswith(("_epochs", "_raw_cv"))]:
            x = features[name].to_numpy()
            trending, reverting = x[labels == "trending"], x[labels == "mean_reverting"]
            decisions.append(stats.mann_whitney(trending, reverting, of_regimes=True).decision)
    made = [one for one in decisions if one != "not_tested"]
    assert len(made) > 50
    assert made.count("regime_dependent") <= 0.10 * len(made)


def test_the_effective_p_value_does_not_underflow_with_the_raw_one() -> None:
    """It comes from U: two slow series wholly apart have p = 0, but not by their effective sizes."""
    rng = np.random.default_rng(3)
    slow = np.zeros((2, 1500))
    for i in range(1, slow.shape[1]):
        slow[:, i] = 0.999 * slow[:, i - 1] + rng.normal(size=2)
    x, y = (scipy.stats.rankdata(one) / len(one) for one in slow)
    for shift in (1.0001, -1.0001):
        result = stats.mann_whitney(x, y + shift)
        details = result.details
        growth = (1500 / details.n_effective_x + 1500 / details.n_effective_y) / 2
        z = (1500**2 / 2 - 0.5) / np.sqrt(1500**2 * 3001 / 12)
        assert result.p_value == 0
        assert details.p_value_effective == pytest.approx(2 * scipy.stats.norm.sf(z / np.sqrt(growth)), rel=1e-9)
        assert details.p_value_effective > 1e-4


@pytest.mark.parametrize("step", [0.0, 0.5, 3.0])
def test_z_is_that_of_scipy_with_ties_and_at_the_middle(step: float) -> None:
    """Without autocorrelation the effective p-value is the raw one, ties and continuity included."""
    x = np.tile([0.0, 2.0, 1.0, 1.0, 3.0, 0.0], 10)
    result = stats.mann_whitney(x, x[:42] + step)
    assert result.details.n_effective_x == 60
    assert result.details.p_value_effective == pytest.approx(result.p_value, rel=1e-9)


def test_the_effective_p_value_is_never_smaller() -> None:
    """Of alternating values neither: a mean of them is not better than of independent ones."""
    x = np.tile([0.0, 1.0], 30)
    result = stats.mann_whitney(x, x + 0.5)
    assert result.details.n_effective_x == 60
    assert result.details.p_value_effective == pytest.approx(result.p_value)
