"""`band` and `simulate_band`: the range of Hurst exponents of random walks, as a table, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ithtel.stats.numerics.rescaled_range import hurst_exponent

COVERAGE = 0.95
_SOURCE = "table of simulated Gaussian random walks, 1 000 to 20 000 per length, interpolated in log(length)"

# number of increments → 2.5 % and 97.5 % quantiles: simulate_band(n, n_walks=20_000, rng=default_rng([6, n])); 10 000
# walks from n = 3 000, 4 000 at 20 000, 2 000 at 50 000, 1 000 at 100 000, where .45 and .55 decide anyway
_TABLE = (
    (250, 0.3802, 0.6146),
    (300, 0.3932, 0.6032),
    (400, 0.4078, 0.5877),
    (550, 0.4228, 0.5740),
    (750, 0.4321, 0.5645),
    (1000, 0.4429, 0.5553),
    (1500, 0.4512, 0.5462),
    (2000, 0.4568, 0.5397),
    (3000, 0.4634, 0.5337),
    (5000, 0.4703, 0.5269),
    (10000, 0.4786, 0.5205),
    (20000, 0.4832, 0.5155),
    (50000, 0.4892, 0.5104),
    (100000, 0.4909, 0.5082),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """The middle 95 % of the Hurst exponents of random walks."""

    low: float
    high: float
    source: str


def band(n: int) -> Band:
    """Return the 95 % band of random walks with `n` increments, n ≥ 250; beyond 100 000 the band of 100 000.

    >>> band(1000).low < 0.5 < band(1000).high
    True
    """
    lengths, lows, highs = np.array(_TABLE).T
    at = np.log(n)
    low, high = (round(float(np.interp(at, np.log(lengths), side)), 6) for side in (lows, highs))
    return Band(low=low, high=high, source=_SOURCE)


def simulate_band(n: int, *, n_walks: int, rng: np.random.Generator) -> Band:
    """Return the 95 % band of random walks with `n` increments, simulated: how the table was made.

    >>> band = simulate_band(250, n_walks=50, rng=np.random.default_rng(1))
    >>> band.low < 0.5 < band.high
    True
    """
    exponents = [hurst_exponent(rng.normal(size=n)).hurst for _ in range(n_walks)]
    low, high = np.quantile(exponents, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Band(low=float(low), high=float(high), source=f"{n_walks} simulated Gaussian random walks")
