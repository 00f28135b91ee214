"""`shapiro_wilk`, `beta_fit`, `anderson_darling`, `describe`: how values are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ithtel.errors import InputError, did_you_mean
from ithtel.events import AdTestResult, BetaFitResult, DescribeResult, ShapiroWilkResult
from ithtel.events.statistics import AdTestDetails, BetaFitDetails, DescribeDetails, ShapiroWilkDetails
from ithtel.recording.recorded import recorded
from ithtel.stats.extra import require
from ithtel.stats.hypothesis import COMPONENT, Hypothesis
from ithtel.stats.numerics.beta import CLIP
from ithtel.stats.numerics.bootstrap import DISTRIBUTIONS, Unfit, check_generator, goodness_of_fit
from ithtel.stats.sample import finite, is_constant, subset, take_sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ithtel.stats.sample import Floats

MIN_VALUES = 10
SHAPIRO_LIMIT = 5000
FIT_LIMIT = 1000
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
W_NORMAL = 0.99

Classification = Literal[
    "practically_normal", "minor_departures", "moderate_non_normality", "substantial_non_normality"
]


@recorded(COMPONENT)
def shapiro_wilk(values: Any, *, alpha: float = 0.05, subject: str | None = None) -> ShapiroWilkResult:  # noqa: ANN401
    """Return the Shapiro-Wilk test of normality (SciPy) on at most 5000 values, a seeded random subset.

    Decided by W, not by p: in a large sample the smallest departure has a small p-value. `normal` if W > .99.

    Args:
        values: One column of numbers, shape (n,); fewer than 10 are not tested.
        alpha: Recorded only.
        subject: What is tested; the name of the Series if not given.

    Raises:
        InputError: `values` is not one column of real numbers.
        MissingPackageError: SciPy is not installed.

    Source: Shapiro and Wilk, Biometrika 52 (1965) 591-611; p-value: Royston, Applied Statistics 44 (1995) 547-551.

    >>> shapiro_wilk([148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236]).decision
    'non_normal'
    """
    sample = take_sample(values)
    hypothesis = Hypothesis(test_name="shapiro_wilk", samples=[sample], alpha=alpha, subject=subject)
    reason = sample.fault or _too_few(sample.values)
    used, seed = subset(sample.values, SHAPIRO_LIMIT)
    if reason or is_constant(used):
        return hypothesis.not_tested(ShapiroWilkResult, reason or "the values taken are all equal")
    stats = require("scipy.stats")
    # centred and scaled, which changes neither W nor p, so that SciPy sees a range it can work with
    w, p_value = stats.shapiro((used - np.median(used)) / np.ptp(used))
    return hypothesis.result(
        ShapiroWilkResult,
        decision="normal" if w > W_NORMAL else "non_normal",
        statistic=w,
        p_value=p_value,
        details=ShapiroWilkDetails(n_used=len(used), subset_seed=seed, classification=_classify(w)),
    )


@recorded(COMPONENT)
def beta_fit(
    values: Any,  # noqa: ANN401 - array-like
    *,
    rng: np.random.Generator,
    alpha: float = 0.05,
    subject: str | None = None,
) -> BetaFitResult:
    """Return whether a Beta distribution on [0, 1] fits: Anderson-Darling with parametric bootstrap.

    At most 1000 values are used, a seeded random subset, clipped to [1e-10, 1 - 1e-10] like the simulated ones; shapes
    are those of maximum likelihood; 99 samples are simulated, 999 if the first 99 give p < .10. `fits_well` if
    p > alpha.

    Args:
        values: One column of numbers, shape (n,), meant to lie in [0, 1]; fewer than 10 are not tested.
        rng: The generator of the simulated samples.
        alpha: The level.
        subject: What is tested; the name of the Series if not given.

    Raises:
        InputError: `values` is not one column of real numbers, or `rng` is not a Generator.
        MissingPackageError: SciPy is not installed.

    Source: Stute, Gonzales Manteiga and Presedo Quindimil, Metrika 40 (1993) 243-256; `scipy.stats.goodness_of_fit`.

    >>> rng = np.random.default_rng(1)
    >>> beta_fit(rng.beta(2, 3, 50), rng=rng).decision
    'fits_well'
    """
    sample = take_sample(values)
    check_generator(rng)
    hypothesis = Hypothesis(test_name="beta_fit", samples=[sample], alpha=alpha, subject=subject)
    if reason := sample.fault or _too_few(sample.values):
        return hypothesis.not_tested(BetaFitResult, reason)
    taken, seed = subset(sample.values, FIT_LIMIT)
    used = np.clip(taken, CLIP, 1 - CLIP)
    if is_constant(used):
        return hypothesis.not_tested(BetaFitResult, "after clipping to [0, 1] the values are all equal")
    fit = goodness_of_fit("beta", used, {"loc": 0.0, "scale": 1.0}, rng)
    if isinstance(fit, Unfit):
        return hypothesis.not_tested(BetaFitResult, fit.reason)
    details = BetaFitDetails(
        a=finite(fit.parameters["a"]),
        b=finite(fit.parameters["b"]),
        n_used=len(used),
        subset_seed=seed,
        n_clipped=int((taken != used).sum()),
        n_bootstrap=fit.n_bootstrap,
    )
    return hypothesis.result(
        BetaFitResult,
        decision="fits_well" if fit.p_value > alpha else "poor_fit",
        statistic=fit.statistic,
        p_value=fit.p_value,
        details=details,
    )


@recorded(COMPONENT)
def anderson_darling(
    values: Any,  # noqa: ANN401 - array-like
    distribution: str = "norm",
    *,
    rng: np.random.Generator,
    known: Mapping[str, float] | None = None,
    alpha: float = 0.05,
    subject: str | None = None,
) -> AdTestResult:
    """Return whether a named distribution fits: Anderson-Darling with parametric bootstrap, like `beta_fit`.

    Args:
        values: One column of numbers, shape (n,); fewer than 10 are not tested, at most 1000 are used, a seeded random
            subset.
        distribution: One of `ithtel.stats.numerics.bootstrap.DISTRIBUTIONS`, by its name in `scipy.stats`.
        rng: The generator of the simulated samples.
        known: Parameters that are not fitted, by SciPy's names, over those that the distribution fixes (loc 0 of
            `expon`, `gamma`, `lognorm`, `weibull_min`; the unit interval of `uniform`).
        alpha: The level: `fits_well` if p is above it.
        subject: What is tested; the name of the Series if not given.

    Raises:
        InputError: `values` is not one column of real numbers, the distribution is not one of those, or `rng` is not
            a Generator.
        MissingPackageError: SciPy is not installed.

    Source: Anderson and Darling, Annals of Mathematical Statistics 23 (1952) 193-212; bootstrap as `beta_fit`.

    >>> rng = np.random.default_rng(1)
    >>> anderson_darling(rng.normal(size=50), "norm", rng=rng).decision
    'fits_well'
    """
    if distribution not in DISTRIBUTIONS:
        raise InputError(f"no distribution {distribution!r}{did_you_mean(str(distribution), DISTRIBUTIONS)}")
    sample = take_sample(values)
    check_generator(rng)
    fixed = {**DISTRIBUTIONS[distribution], **(known or {})}
    parameters = {"distribution": distribution, "known": fixed}
    hypothesis = Hypothesis(test_name="ad_test", samples=[sample], alpha=alpha, subject=subject, parameters=parameters)
    if reason := sample.fault or _too_few(sample.values):
        return hypothesis.not_tested(AdTestResult, reason)
    used, seed = subset(sample.values, FIT_LIMIT)
    fit = goodness_of_fit(distribution, used, fixed, rng)
    if isinstance(fit, Unfit):
        return hypothesis.not_tested(AdTestResult, fit.reason)
    details = AdTestDetails(
        distribution=distribution,
        parameters={name: finite(value) for name, value in fit.parameters.items()},
        known=sorted(fixed),
        n_used=len(used),
        subset_seed=seed,
        n_bootstrap=fit.n_bootstrap,
    )
    return hypothesis.result(
        AdTestResult,
        decision="fits_well" if fit.p_value > alpha else "poor_fit",
        statistic=fit.statistic,
        p_value=fit.p_value,
        details=details,
    )


@recorded(COMPONENT)
def describe(values: Any, *, alpha: float = 0.05, subject: str | None = None) -> DescribeResult:  # noqa: ANN401
    """Return count, nulls, moments, quantiles and the number of outliers; nothing is tested.

    Infinite values are included and counted: numbers that they make infinite or undefined are None.

    Args:
        values: One column of numbers, shape (n,).
        alpha: Recorded only.
        subject: What is described; the name of the Series if not given.

    Raises:
        InputError: `values` is not one column of real numbers.

    Source: skew and excess kurtosis from population moments like `scipy.stats.skew` and `kurtosis`; quantiles: Hyndman
    and Fan, American Statistician 50 (1996) 361-365, type 7; outliers: Tukey, Exploratory Data Analysis (1977).

    >>> describe([1, 2, 3, 4, 100]).details.n_outliers
    1
    """
    sample = take_sample(values)
    hypothesis = Hypothesis(test_name="describe", samples=[sample], alpha=alpha, subject=subject)
    if not len(sample.values):
        return hypothesis.not_tested(DescribeResult, "no values")
    with np.errstate(all="ignore"):
        details = _described(sample.values, sample.n_dropped)
    return hypothesis.result(DescribeResult, decision="described", details=details)


def _described(x: Floats, n_nulls: int) -> DescribeDetails:
    skew, kurtosis = _shape(x)
    quantiles = np.quantile(x, QUANTILES)
    low, high = quantiles[QUANTILES.index(0.25)], quantiles[QUANTILES.index(0.75)]
    reach = 1.5 * (high - low)
    return DescribeDetails(
        count=len(x),
        n_nulls=n_nulls,
        n_infinite=int(np.isinf(x).sum()),
        mean=finite(x.mean()),
        sd=finite(x.std(ddof=1)) if len(x) > 1 else None,
        min=finite(x.min()),
        max=finite(x.max()),
        skew=finite(skew),
        excess_kurtosis=finite(kurtosis),
        quantiles={f"{q:g}": finite(value) for q, value in zip(QUANTILES, quantiles, strict=True)},
        n_outliers=int(((x < low - reach) | (x > high + reach)).sum()) if np.isfinite(reach) else None,
    )


def _shape(x: Floats) -> tuple[float | None, float | None]:
    if is_constant(x):
        return None, None
    z = x - x.mean()
    z /= np.abs(z).max()  # so that fourth powers stay in range
    m2 = (z**2).mean()
    return float((z**3).mean() / m2**1.5), float((z**4).mean() / m2**2 - 3)


def _too_few(values: Floats) -> str | None:
    return f"{len(values)} values; at least {MIN_VALUES} are needed" if len(values) < MIN_VALUES else None


def _classify(w: float) -> Classification:
    if w > W_NORMAL:
        return "practically_normal"
    if w > 0.95:  # noqa: PLR2004 - bounds of the classes
        return "minor_departures"
    return "moderate_non_normality" if w > 0.90 else "substantial_non_normality"  # noqa: PLR2004 - bounds of the classes
