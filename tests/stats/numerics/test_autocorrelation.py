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


def test_autocorrelations_are_their_definition() -> None:
    """By FFT or by hand."""
    x = np.random.default_rng(7).normal(size=23)
    c = x - x.mean()
    expected = [c[: 23 - k] @ c[k:] / (c @ c) for k in range(23)]
    assert autocorrelations(x) == pytest.approx(expected)
