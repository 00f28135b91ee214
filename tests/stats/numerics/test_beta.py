"""The shapes of Beta distributions."""

from __future__ import annotations

import numpy as np
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import share
from ithtel.stats.numerics.beta import fit_shapes

rng = np.random.default_rng


@settings(max_examples=share(30), deadline=None)
@given(st.floats(-1.5, 2), st.floats(-1.5, 2), st.integers(0, 2**32))
def test_shapes_have_the_greatest_likelihood(log_a: float, log_b: float, seed: int) -> None:
    """No neighbour does better."""
    x = np.clip(rng(seed).beta(10**log_a, 10**log_b, 30), 1e-10, 1 - 1e-10)
    if np.ptp(x) < 1e-9:
        return
    a, b = fit_shapes(x)
    best = scipy.stats.beta.logpdf(x, a, b).sum()
    for c, d in ((1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99)):
        assert scipy.stats.beta.logpdf(x, a * c, b * d).sum() <= best + 1e-9 * abs(best)
