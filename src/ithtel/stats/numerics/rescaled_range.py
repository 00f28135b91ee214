"""`hurst_exponent` and `rolling_exponents`: rescaled range analysis of increments, as a whole or per window."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from math import lgamma
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ithtel.stats.sample import Floats

ESTIMATOR = "rs_anis_lloyd"
SMALLEST_SCALE = 10
N_SCALES = 12
_QUIET = 1e-12  # a block whose deviation is below this share of the whole's varies by rounding only


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scaling:
    """The rescaled range by length of block, and the exponent of its growth."""

    scales: NDArray[np.int64]
    rescaled_range: Floats
    expected: Floats
    hurst: float


def hurst_exponent(increments: Floats) -> Scaling:
    """Return the Hurst exponent of `increments` (shape (n,), n ≥ 100); NaN where a scale has no varying block.

    It is .5 plus the slope of log(R/S) - log(E[R/S]) over log(scale), E that of independent normal increments; scales
    from 10 to n/4 bars, weighted by their root, since a longer scale has fewer blocks.

    Source: Anis and Lloyd, Biometrika 63 (1976) 111-116; the slope of the difference: Weron, Physica A 312 (2002)
    285-299.

    >>> rng = np.random.default_rng(1)
    >>> round(hurst_exponent(rng.normal(size=10_000)).hurst, 1)
    0.5
    """
    n = len(increments)
    scales = choose_scales(n)
    quiet = _QUIET * increments.std()
    means = np.array([_mean(_ranges(increments, int(m), int(m), quiet), 1, 1)[0] for m in scales])
    expected = _expected(n)
    hurst = 0.5 + float(_weights(n) @ np.log(means / expected))
    return Scaling(scales=scales, rescaled_range=means, expected=expected, hurst=hurst)


def rolling_exponents(increments: Floats, lookback: int) -> Floats:
    """Return the Hurst exponent of each window of `lookback` increments, shape (n - lookback + 1,).

    Equal to `hurst_exponent` of each window; the R/S of a block is calculated once for all windows that share it.

    >>> x = np.random.default_rng(1).normal(size=120)
    >>> bool(abs(rolling_exponents(x, 100)[3] - hurst_exponent(x[3:103]).hurst) < 1e-9)
    True
    """
    n_windows = len(increments) - lookback + 1
    quiet = _QUIET * increments.std()
    means = np.empty((len(choose_scales(lookback)), n_windows))
    for row, m in zip(means, choose_scales(lookback), strict=True):
        ranges = _ranges(increments, int(m), 1, quiet)
        row[:] = _mean(ranges[: n_windows + (lookback // m - 1) * m], int(m), n_windows)
    with np.errstate(invalid="ignore"):
        return 0.5 + _weights(lookback) @ np.log(means / _expected(lookback)[:, None])


@functools.cache
def expected_rescaled_range(m: int) -> float:
    """Return E[R/S] of `m` independent normal increments (Anis and Lloyd 1976), S with divisor m.

    >>> round(expected_rescaled_range(2), 12)
    1.0
    """
    i = np.arange(1, m)
    factor = np.exp(lgamma((m - 1) / 2) - lgamma(m / 2)) / np.sqrt(np.pi)
    return float(factor * np.sqrt((m - i) / i).sum())


@functools.cache
def choose_scales(n: int) -> NDArray[np.int64]:
    """Return the block lengths for `n` increments: at most 12, evenly spaced in their logarithm, from 10 to n/4.

    >>> choose_scales(250)[[0, -1]]
    array([10, 62])
    """
    scales = np.unique(np.round(np.geomspace(SMALLEST_SCALE, n // 4, N_SCALES)).astype(np.int64))
    scales.flags.writeable = False
    return scales


@functools.cache
def _expected(n: int) -> Floats:
    return np.array([expected_rescaled_range(int(m)) for m in choose_scales(n)])


@functools.cache
def _weights(n: int) -> Floats:
    """Return the factors of logarithms whose sum is the slope of their weighted regression."""
    scales = choose_scales(n)
    weights = scales**-0.5
    x = np.log(scales)
    x = x - np.average(x, weights=weights)
    return np.asarray(weights * x / (weights @ x**2))


def _ranges(increments: Floats, m: int, step: int, quiet: float) -> Floats:
    """Return R/S of each block of `m` increments that starts at a multiple of `step`; NaN where it does not vary."""
    return np.asarray(_block_ranges(increments, m, step, quiet))


@numba.njit(nogil=True)
def _block_ranges(increments: Floats, m: int, step: int, quiet: float) -> Floats:
    n_blocks = (len(increments) - m) // step + 1
    ranges = np.empty(n_blocks)
    for block in range(n_blocks):
        start = block * step
        mean = 0.0
        for i in range(start, start + m):
            mean += increments[i]
        mean /= m
        # the path of deviations starts and ends at 0
        path = highest = lowest = squares = 0.0
        for i in range(start, start + m):
            deviation = increments[i] - mean
            squares += deviation * deviation
            path += deviation
            highest = max(highest, path)
            lowest = min(lowest, path)
        sd = np.sqrt(squares / m)
        ranges[block] = (highest - lowest) / sd if sd > quiet else np.nan
    return ranges


def _mean(ranges: Floats, stride: int, n_means: int) -> Floats:
    """Return means of every `stride`-th of `ranges`, starting at the first, the second …; NaN if all are NaN."""
    is_there = ~np.isnan(ranges)
    filled = np.where(is_there, ranges, 0.0)
    total, count = np.zeros(n_means), np.zeros(n_means)
    for start in range(0, len(ranges) - n_means + 1, stride):
        total += filled[start : start + n_means]
        count += is_there[start : start + n_means]
    return np.asarray(np.divide(total, count, out=np.full(n_means, np.nan), where=count > 0))
