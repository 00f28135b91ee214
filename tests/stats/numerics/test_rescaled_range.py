"""Rescaled range: against plain Python, the exact expectation, and simulated bands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ithtel.stats.numerics.rescaled_range import (
    choose_scales,
    expected_rescaled_range,
    hurst_exponent,
    rolling_exponents,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def rescaled_range(block: list[float]) -> float:
    """Work out R/S by its definition."""
    mean = math.fsum(block) / len(block)
    path = [0.0]
    for value in block:
        path.append(path[-1] + value - mean)
    return (max(path) - min(path)) / math.sqrt(math.fsum((v - mean) ** 2 for v in block) / len(block))


def test_it_is_the_definition() -> None:
    """Blocks from the first bar on, the remainder left out; then a weighted regression."""
    x = np.random.default_rng(1).standard_t(5, size=307)
    scaling = hurst_exponent(x)
    expected = [
        np.mean([rescaled_range(x[i : i + m].tolist()) for i in range(0, 307 - m + 1, m)]) for m in scaling.scales
    ]
    assert scaling.rescaled_range == pytest.approx(expected, rel=1e-10)
    log = np.log(scaling.rescaled_range / scaling.expected)
    slope = np.polyfit(np.log(scaling.scales), log, 1, w=scaling.scales**-0.25)[0]
    assert scaling.hurst == pytest.approx(0.5 + slope)


@pytest.mark.parametrize("lookback", [100, 250, 300])
def test_each_window_is_as_if_alone(lookback: int) -> None:
    """Windows that share blocks have the exponent they would have alone."""
    x = np.random.default_rng(2).normal(size=320)
    rolling = rolling_exponents(x, lookback)
    alone = [hurst_exponent(x[i : i + lookback]).hurst for i in range(320 - lookback + 1)]
    assert rolling == pytest.approx(np.array(alone), rel=1e-9)


def test_unit_and_offset_do_not_matter() -> None:
    """Returns in percent have the exponent of returns."""
    x = np.random.default_rng(3).normal(size=400)
    assert hurst_exponent(100 * x + 7).hurst == pytest.approx(hurst_exponent(x).hurst)


def test_blocks_that_do_not_vary_are_left_out() -> None:
    """A halt in trading is not a range of 0; if everything is a halt, there is no exponent."""
    x = np.random.default_rng(3).normal(size=400)
    x[100:160] = 0.1
    assert 0.2 < hurst_exponent(x).hurst < 0.8
    halt = np.zeros(400)
    halt[-1] = 1
    assert np.isnan(rolling_exponents(halt, 300)[:100]).all()


@pytest.mark.parametrize(("m", "exact"), [(2, 1.0), (3, 1.5 * math.sqrt(2) / (math.pi / 2))])
def test_the_expectation_of_short_blocks_is_exact(m: int, exact: float) -> None:
    """Two values: the range is the deviation. Three: by hand from Anis and Lloyd's formula."""
    assert expected_rescaled_range(m) == pytest.approx(exact)


@pytest.mark.parametrize("m", [5, 10, 50])
def test_the_expectation_is_that_of_normal_values(m: int) -> None:
    """Within the error of 4 000 simulated blocks."""
    blocks = np.random.default_rng(m).normal(size=(4000, m))
    simulated = [rescaled_range(block.tolist()) for block in blocks]
    assert expected_rescaled_range(m) == pytest.approx(np.mean(simulated), abs=4 * np.std(simulated) / math.sqrt(4000))


def test_the_expectation_tends_to_its_limit() -> None:
    """sqrt(pi m / 2), Feller 1951; and long blocks do not overflow."""
    assert expected_rescaled_range(200_000) == pytest.approx(math.sqrt(math.pi * 200_000 / 2), rel=0.01)


@pytest.mark.slow
def test_the_exponent_of_fractional_noise(fractional_noise: Callable[[int, float, int], np.ndarray]) -> None:
    """R/S draws it towards .5, as documented: .75 measures .69, .25 measures .30."""
    measured = {
        h: np.mean([hurst_exponent(fractional_noise(10_000, h, s)).hurst for s in range(5)]) for h in (0.25, 0.75)
    }
    assert measured == pytest.approx({0.25: 0.30, 0.75: 0.69}, abs=0.02)


def test_scales_grow_and_fit_four_times() -> None:
    """From 10 bars to a quarter of all."""
    for n in (100, 101, 250, 99_999):
        scales = choose_scales(n)
        assert scales[0] == 10
        assert scales[-1] == n // 4
        assert (np.diff(scales) > 0).all()
