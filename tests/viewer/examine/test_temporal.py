"""Autocorrelation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.viewer.examine.temporal import autocorrelation

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings


def test_there_is_a_row_per_series_and_a_cell_per_lag(found: Findings) -> None:
    """Six lags, and the half-life."""
    text = autocorrelation(found)
    for part in ("lag 1<", "lag 100<", "half-life in bars", ">returns<"):
        assert part in text


def test_short_series_have_fewer_lags(plain: Findings) -> None:
    """A series of 80 values has no lag of 100."""
    assert "lag 50<" in autocorrelation(plain)
    assert "lag 100<" not in autocorrelation(plain)
