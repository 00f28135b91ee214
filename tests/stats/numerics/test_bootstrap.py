"""Goodness of fit by parametric bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from ithtel import stats
from ithtel.stats.numerics.bootstrap import DISTRIBUTIONS

rng = np.random.default_rng


@pytest.mark.slow
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_sample_of_each_distribution_fits_it(name: str) -> None:
    """Quantiles of it, so that nothing is left to chance; and those of another do not fit."""
    shapes = {"gamma": (2.0,), "lognorm": (0.5,), "weibull_min": (1.5,)}.get(name, ())
    probabilities = (np.arange(100) + 0.5) / 100
    x = getattr(scipy.stats, name).ppf(probabilities, *shapes)
    result = stats.anderson_darling(x, name, rng=rng(1))
    assert (result.decision, result.details.n_bootstrap) == ("fits_well", 99)
    if name != "weibull_min":  # whose 999 fits take 3 s
        other = scipy.stats.beta.ppf(probabilities, 0.05, 0.05).clip(1e-6, 1 - 1e-6)
        assert stats.anderson_darling(other, name, rng=rng(1)).decision == "poor_fit"


@pytest.mark.slow
def test_what_a_distribution_cannot_have_is_not_tested() -> None:
    """Negative values and expon, values outside the interval and uniform."""
    x = np.linspace(-1, 2, 30)
    for name in ("expon", "gamma", "lognorm", "weibull_min", "uniform"):
        result = stats.anderson_darling(x, name, rng=rng(1))
        assert (result.decision, name in result.reason) == ("not_tested", True)
