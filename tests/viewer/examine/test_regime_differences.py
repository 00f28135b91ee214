"""Differences between regimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.viewer.examine.regime_differences import differences

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings


def test_too_few_bars_are_a_reason(found: Findings) -> None:
    """If no column could be tested, the reasons are given instead of a drawing."""
    assert differences(found).startswith(("<p>Not tested: ", "<svg"))


def test_without_regimes_nothing_is_drawn(plain: Findings) -> None:
    """There is no reason to give either."""
    assert not differences(plain)
