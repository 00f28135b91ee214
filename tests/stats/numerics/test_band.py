"""The band of random walks."""

from __future__ import annotations

import numpy as np
import pytest

from ithtel.stats.numerics.band import band, simulate_band


@pytest.mark.slow
@pytest.mark.parametrize("n", [250, 650])
def test_the_table_is_what_simulation_gives(n: int) -> None:
    """At a length of the table and between two."""
    simulated = simulate_band(n, n_walks=1000, rng=np.random.default_rng(99))
    assert (band(n).low, band(n).high) == pytest.approx((simulated.low, simulated.high), abs=0.015)


def test_the_band_narrows_with_length() -> None:
    """And ends with the table."""
    widths = [band(n).high - band(n).low for n in (250, 260, 500, 1000, 5000, 10_000, 100_000)]
    assert widths == sorted(widths, reverse=True)
    assert band(1_000_000) == band(100_000)
