"""The cells of a heat map."""

from __future__ import annotations

import pytest

from ithtel.viewer.examine.heat_map import labelled_square, square


@pytest.mark.parametrize(("value", "label"), [(0.5, ".50"), (-0.25, "−.25"), (-0.001, ".00"), (1.0, "1.00")])
def test_a_value_has_two_decimals(value: float, label: str) -> None:
    """No leading zero, no negative zero."""
    assert f">{label}</text>" in labelled_square(0, 0, 10, 10, value)[1]


def test_the_colour_shows_the_sign() -> None:
    """The opacity shows the size."""
    assert 'class="bull-fill" fill-opacity="0.74"' in square(0, 0, 10, 10, 1.0)
    assert 'class="bear-fill" fill-opacity="0.38"' in square(0, 0, 10, 10, -0.5)
