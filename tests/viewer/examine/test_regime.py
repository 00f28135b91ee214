"""The NAV with its regimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.events import HurstResult
from ithtel.viewer.examine.regime import regimes, rescaled_range

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings


def test_the_nav_stands_above_its_exponent(found: Findings) -> None:
    """With the warm-up, and the bounds of random walks."""
    text = regimes(found)
    for part in ("NAV, logarithmic", "warm-up", "Hurst exponent of the last 250 increments"):
        assert part in text


def test_rescaled_ranges_have_a_dot_per_scale(found: Findings) -> None:
    """The value is shown under the pointer."""
    (result,) = found.of(HurstResult)
    assert len(result.details.scales) == rescaled_range(found).count("<circle")


def test_without_a_nav_nothing_is_drawn(plain: Findings) -> None:
    """Neither of the two."""
    assert ("", "") == (regimes(plain), rescaled_range(plain))
