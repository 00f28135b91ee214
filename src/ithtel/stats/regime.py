"""`hurst`, `regimes`, `rolling_hurst`, `mann_whitney`: the regime of a series, and differences between regimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ithtel.errors import InputError, did_you_mean
from ithtel.events import HurstResult, MannWhitneyResult, RegimeResult
from ithtel.events.statistics import MannWhitneyDetails
from ithtel.events.structure import HurstDetails
from ithtel.recording.recorded import recorded
from ithtel.stats.effect import count_pairs
from ithtel.stats.extra import require
from ithtel.stats.hypothesis import COMPONENT, Hypothesis
from ithtel.stats.numerics.autocorrelation import inflation
from ithtel.stats.numerics.band import band
from ithtel.stats.numerics.regime_labels import (
    Given,
    align,
    check_lookback,
    classify,
    increments_of,
    label_bars,
    regime_details,
)
from ithtel.stats.numerics.rescaled_range import ESTIMATOR, hurst_exponent
from ithtel.stats.sample import Sample, finite, take_sample

if TYPE_CHECKING:
    from ithtel.stats.sample import Floats

Regime = Literal["trending", "mean_reverting", "random"]

DEFAULT_LOOKBACK = 1000
MIN_INCREMENTS = 250
MIN_EACH = 30
MIN_SHOWN = 100  # fewer bars give no slope that could be drawn; a decision needs MIN_INCREMENTS


@recorded(COMPONENT)
def hurst(values: Any, *, given: Given = "levels", alpha: float = 0.05, subject: str | None = None) -> HurstResult:  # noqa: ANN401
    """Return the Hurst exponent H of a series' increments, by rescaled range with the Anis-Lloyd correction.

    `trending` if H > .55, `mean_reverting` if H < .45, each only outside the 95 % band of random walks of that length;
    else `random`. R/S draws strong persistence towards .5: fractional noise of H = .75 measures about .69.

    Args:
        values: One column of numbers in order of time, shape (n,); fewer than 250 increments are not tested.
        given: What `values` are: `levels` (differences are taken), a `nav` (differences of its logarithm are taken),
            or `increments`. Levels passed as increments would make any random walk seem to trend.
        alpha: Recorded only: the band is always that of 95 %.
        subject: What is tested; the name of the Series if not given.

    Raises:
        InputError: `values` is not one column of real numbers, or `given` is none of these.

    Source: see `ithtel.stats.numerics.rescaled_range.hurst_exponent`.

    >>> rng = np.random.default_rng(1)
    >>> hurst(rng.normal(size=2000).cumsum()).decision
    'random'
    """
    sample, hypothesis = _begin("hurst", values, given, alpha=alpha, subject=subject)
    increments = increments_of(sample, given)
    if isinstance(increments, str):
        return hypothesis.not_tested(HurstResult, increments)
    if len(increments) < MIN_INCREMENTS:
        return hypothesis.not_tested(HurstResult, _noise(f"{len(increments)} increments"))
    scaling = hurst_exponent(increments)
    if not np.isfinite(scaling.hurst):
        return hypothesis.not_tested(HurstResult, "at some scale no block of increments varies")
    limits = band(len(increments))
    details = HurstDetails(
        estimator=ESTIMATOR,
        given=given,
        n_increments=len(increments),
        scales=scaling.scales.tolist(),
        rescaled_range=scaling.rescaled_range.tolist(),
        rescaled_range_expected=scaling.expected.tolist(),
        band_low=limits.low,
        band_high=limits.high,
        band_source=limits.source,
        n_gaps=sample.n_gaps,
    )
    decision = str(classify(np.array([scaling.hurst]), limits)[0])
    return hypothesis.result(
        HurstResult, decision=decision, statistic=scaling.hurst, effect_size=scaling.hurst - 0.5, details=details
    )


@recorded(COMPONENT)
def regimes(
    values: Any,  # noqa: ANN401 - array-like
    *,
    lookback: int = DEFAULT_LOOKBACK,
    given: Given = "levels",
    alpha: float = 0.05,
    subject: str | None = None,
) -> RegimeResult:
    """Return the regime of every bar, from the Hurst exponent of the `lookback` increments up to it.

    The first `lookback` bars are `warmup`. A bar is `trending` or `mean_reverting` by the rule of `hurst`, with the
    band of that lookback, so up to 5 % of a random walk's bars are so by chance. Most bars decide.

    Args:
        values: One column of numbers in order of time, shape (n,).
        lookback: The window in bars; below 250 the estimate is noise and nothing is tested.
        given: As for `hurst`.
        alpha: Recorded only: the band is always that of 95 %.
        subject: What is tested; the name of the Series if not given.

    Raises:
        InputError: `values` is not one column of real numbers, `given` is unknown, or `lookback` is not
            a positive integer.

    Source: as for `hurst`.

    >>> rng = np.random.default_rng(1)
    >>> result = regimes(rng.normal(size=2000).cumsum())
    >>> result.decision, result.details.labels()[999]
    ('random', 'warmup')
    """
    check_lookback(lookback)
    sample, hypothesis = _begin("regimes", values, given, alpha=alpha, subject=subject, lookback=int(lookback))
    increments = increments_of(sample, given)
    if lookback < MIN_INCREMENTS:
        return hypothesis.not_tested(RegimeResult, _noise(f"a lookback of {lookback}"))
    if isinstance(increments, str):
        return hypothesis.not_tested(RegimeResult, increments)
    if len(sample.values) <= lookback:
        return hypothesis.not_tested(RegimeResult, f"{len(sample.values)} values: none after a lookback of {lookback}")
    exponents = align(sample, increments, lookback)
    if np.isnan(exponents).all():
        return hypothesis.not_tested(RegimeResult, "in no window do increments vary at every scale")
    limits = band(lookback)
    labels = label_bars(sample, exponents, lookback, limits)
    details = regime_details(labels, exponents, limits=limits, lookback=lookback, given=given, n_gaps=sample.n_gaps)
    counts: dict[Regime, int] = {
        "random": details.n_random,
        "trending": details.n_trending,
        "mean_reverting": details.n_mean_reverting,
    }
    median = details.hurst_median
    return hypothesis.result(
        RegimeResult,
        decision=max(counts, key=lambda regime: counts[regime]),
        statistic=median,
        effect_size=None if median is None else median - 0.5,
        details=details,
    )


def rolling_hurst(values: Any, *, lookback: int = DEFAULT_LOOKBACK, given: Given = "levels") -> Floats:  # noqa: ANN401
    """Return the Hurst exponents by which `regimes` decides, shape (n,): one per bar, NaN where undefined.

    Raises:
        InputError: As for `regimes`; or fewer than 100 bars of lookback, infinite values, a NAV that is not positive.

    >>> rng = np.random.default_rng(1)
    >>> rolling_hurst(rng.normal(size=500).cumsum(), lookback=250).shape
    (500,)
    """
    check_lookback(lookback)
    if lookback < MIN_SHOWN:
        raise InputError(f"lookback must be at least {MIN_SHOWN} bars, got {lookback}")
    sample, _ = _begin("regimes", values, given, alpha=0.05, subject=None)
    increments = increments_of(sample, given)
    if isinstance(increments, str):
        raise InputError(f"no Hurst exponent: {increments}")
    if len(sample.values) <= lookback:
        return np.full(len(sample.given), np.nan)
    return align(sample, increments, lookback)


@recorded(COMPONENT)
def mann_whitney(
    x: Any,  # noqa: ANN401 - array-like
    y: Any,  # noqa: ANN401 - array-like
    *,
    of_regimes: bool = False,
    alpha: float = 0.05,
    subject: str | None = None,
) -> MannWhitneyResult:
    """Return the two-sided Mann-Whitney U test (SciPy, normal approximation) of two samples of 30 or more each.

    `effect_size` is Cliff's delta. Autocorrelation of the ranks makes the p-value too small: then
    `is_p_value_optimistic` is set, and `p_value_effective` is the p-value for the effective sample sizes.

    Args:
        x: One column of numbers, shape (n,), in order of time if it comes from a series.
        y: Another, shape (m,).
        of_regimes: Whether the samples are a feature's values at trending and at mean-reverting bars: then the decision
            is `regime_dependent` or `regime_invariant`, by `p_value_effective`; otherwise `different` or
            `not_different`, by the p-value.
        alpha: The level.
        subject: What is compared; the names of the Series if not given.

    Raises:
        InputError: `x` or `y` is not one column of real numbers.
        MissingPackageError: SciPy is not installed.

    Source: Mann and Whitney, Annals of Mathematical Statistics 18 (1947) 50-60; effective size: Geyer, Statistical
    Science 7 (1992) 473-483.

    >>> rng = np.random.default_rng(1)
    >>> mann_whitney(rng.normal(size=50), rng.normal(2, size=50)).decision
    'different'
    """
    one, other = take_sample(x, "x"), take_sample(y, "y")
    hypothesis = Hypothesis(test_name="mann_whitney", samples=[one, other], alpha=alpha, subject=subject)
    a, b = one.values, other.values
    if min(len(a), len(b)) < MIN_EACH:
        reason = f"{len(a)} and {len(b)} values; at least {MIN_EACH} each are needed"
        return hypothesis.not_tested(MannWhitneyResult, reason)
    if (a == a[0]).all() and (b == a[0]).all():
        return hypothesis.not_tested(MannWhitneyResult, "all values are equal")
    stats = require("scipy.stats")
    u, p_value = stats.mannwhitneyu(a, b, alternative="two-sided", method="asymptotic")
    n_greater, n_less = count_pairs(a, b)
    details = _mann_whitney_details(a, b, float(u))
    # neighbouring bars share most of their window, so between regimes the raw p-value says nothing
    deciding = details.p_value_effective if of_regimes else float(p_value)
    decisions = ("regime_dependent", "regime_invariant") if of_regimes else ("different", "not_different")
    return hypothesis.result(
        MannWhitneyResult,
        decision=decisions[0] if deciding is not None and deciding < alpha else decisions[1],
        statistic=u,
        p_value=p_value,
        effect_size=(n_greater - n_less) / (len(a) * len(b)),
        details=details,
    )


def _mann_whitney_details(a: Floats, b: Floats, u: float) -> MannWhitneyDetails:
    stats = require("scipy.stats")
    ranks = stats.rankdata(np.concatenate([a, b]))
    (one, is_one), (other, is_other) = inflation(ranks[: len(a)]), inflation(ranks[len(a) :])
    # the variance of a difference of mean ranks grows as that of each mean does
    growth = (one / len(a) + other / len(b)) / (1 / len(a) + 1 / len(b))
    z = _z(u, len(a), len(b), ranks) / np.sqrt(growth)
    return MannWhitneyDetails(
        n_x=len(a),
        n_y=len(b),
        median_x=finite(np.median(a)),
        median_y=finite(np.median(b)),
        n_effective_x=len(a) / one,
        n_effective_y=len(b) / other,
        p_value_effective=finite(2 * stats.norm.sf(z)),
        is_p_value_optimistic=is_one or is_other,
    )


def _z(u: float, n: int, m: int, ranks: Floats) -> float:
    """Return |z| of U with the corrections of SciPy for ties and continuity, which no p-value can give back from 0."""
    _, ties = np.unique(ranks, return_counts=True)
    total = n + m
    lost = float((ties.astype(np.float64) ** 3 - ties).sum()) / (total * (total - 1))
    deviation = np.sqrt(n * m / 12 * (total + 1 - lost))
    return float(max(abs(u - n * m / 2) - 0.5, 0.0) / deviation)


def _begin(
    test_name: str, values: object, given: Given, *, alpha: float, subject: str | None, **parameters: int
) -> tuple[Sample, Hypothesis]:
    if given not in get_args(Given):
        raise InputError(
            f"given must be 'nav', 'levels' or 'increments', got {given!r}{did_you_mean(str(given), get_args(Given))}"
        )
    sample = take_sample(values)
    return sample, Hypothesis(
        test_name=test_name,
        samples=[sample],
        alpha=alpha,
        subject=subject,
        parameters={**parameters, "given": given, "estimator": ESTIMATOR},
    )


def _noise(what: str) -> str:
    return f"{what}: below {MIN_INCREMENTS} the estimate is noise"
