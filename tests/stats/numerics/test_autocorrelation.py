"""Autocorrelation and what it does to the size of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from ithtel.stats.numerics.autocorrelation import autocorrelations, inflation

if TYPE_CHECKING:
    from collections.abc import Callable

    Noise = Callable[[int, float, int], np.ndarray]


def test_inflation_of_an_ar1() -> None:
    """(1 + phi) / (1 - phi)."""
    rng = np.random.default_rng(6)
    x = np.zeros(50_000)
    noise = rng.normal(size=len(x))
    for i in range(1, len(x)):
        x[i] = 0.6 * x[i - 1] + noise[i]
    factor, is_there = inflation(x)
    assert factor == pytest.approx(1.6 / 0.4, rel=0.1)
    assert is_there
    assert inflation(np.ones(5)) == (1.0, False)
    assert inflation(np.array([])) == (1.0, False)


@pytest.mark.parametrize(("phi", "n"), [(0.5, 300), (0.9, 400), (0.98, 2000)])
def test_inflation_of_a_slow_series_is_an_upper_limit(phi: float, n: int) -> None:
    """The true factor exceeds it in few series, if the series is worth some 15 values or more."""
    rng = np.random.default_rng(8)
    true = (1 + phi) / (1 - phi)
    too_small = 0
    for _ in range(100):
        x = np.zeros(n + 1000)
        noise = rng.normal(size=len(x))
        for i in range(1, len(x)):
            x[i] = phi * x[i - 1] + noise[i]
        too_small += inflation(x[-n:])[0] < true
    assert too_small <= 20


def test_inflation_is_at_most_the_number_of_values() -> None:
    """A ramp does not return to its mean: it is worth one value, or few."""
    for n in (30, 100, 1000):
        assert n / 3 < inflation(np.arange(float(n)))[0] <= n


def test_autocorrelations_are_their_definition() -> None:
    """By FFT or by hand."""
    x = np.random.default_rng(7).normal(size=23)
    c = x - x.mean()
    expected = [c[: 23 - k] @ c[k:] / (c @ c) for k in range(23)]
    assert autocorrelations(x) == pytest.approx(expected)
