"""`inflation` and `autocorrelations`: how autocorrelation reduces the effective size of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ithtel.stats.sample import Floats

_Z = 1.96


def inflation(values: Floats) -> tuple[float, bool]:
    """Return the factor by which autocorrelation inflates the variance of a mean, and whether it exceeds chance.

    The factor is 1 + 2 Σ r(k) over Geyer's initial positive sequence, never below 1: n / factor is the effective size.
    It exceeds chance if r(1) > 1.96 / √n. Then it is the upper limit of its 95 % interval, because a slow series leaves
    the factor itself far too small: its own mean, which varies, is subtracted. That is corrected first.

    Sources: Geyer, Practical Markov chain Monte Carlo, Statistical Science 7 (1992) 473-483; standard error: Madras and
    Sokal, Journal of Statistical Physics 50 (1988) 109-186.

    >>> inflation(np.array([1.0, -1.0, 1.0, -1.0]))
    (1.0, False)
    """
    rho = autocorrelations(values)
    if rho is None:
        return 1.0, False
    pairs = rho[: len(rho) // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs <= 0)
    kept = pairs[: negative[0]] if len(negative) else pairs
    # the first pair holds r(0) = 1, which the sum counts once
    n, factor = len(values), max(2 * float(kept.sum()) - 1, 1.0)
    if not rho[1] > _Z / np.sqrt(n):
        return min(factor, float(n)), False
    return min(_upper(factor, n, n_lags=4 * len(kept) - 1), float(n)), True


def _upper(factor: float, n: int, n_lags: int) -> float:
    """Return the upper limit of a factor that is the sum of `n_lags` autocorrelations of `n` values, k < 0 included.

    Each autocovariance about the sample mean is too small by V, the variance of that mean. With v = V/c(0), the sum is
    nV/c(0) = factor + n_lags · v, so v = factor / (n - n_lags), and the variance of the values is c(0) · (1 + v).
    """
    if n_lags >= n:
        return float(n)
    v = factor / (n - n_lags)
    return n * v / (1 + v) * (1 + _Z * float(np.sqrt(2 * n_lags / n)))


def autocorrelations(values: Floats) -> Floats | None:
    """Return r(0), r(1) … r(n - 1) with divisor n, by FFT; None if `values` do not vary or are fewer than two."""
    n = len(values)
    centred = values - values.mean() if n else values
    if n < 2 or not centred.any():  # noqa: PLR2004 - one value has no neighbour
        return None
    spectrum = np.fft.rfft(centred, 1 << (2 * n - 1).bit_length())
    products = np.fft.irfft(spectrum.real**2 + spectrum.imag**2)[:n]
    return np.asarray(products / products[0])
