"""The picture of sorted p-values."""

from __future__ import annotations

import pytest

from drawings import words
from ithtel.viewer.p_values import Outcome, PValue, draw_p_values
from ithtel.viewer.theme import THEMES

LIGHT = THEMES["light"]


@pytest.mark.parametrize(
    ("value", "adjusted", "outcome"), [(0.01, 0.03, "kept"), (0.03, 0.06, "lost"), (0.05, 0.05, "not")]
)
def test_a_p_value_stays_below_its_level_or_not(value: float, adjusted: float, outcome: Outcome) -> None:
    """The level itself is not below the level."""
    assert outcome == PValue(value, adjusted, 0.05, "t").outcome


def test_lost_p_values_are_named() -> None:
    """Up to six of them; more would overlap."""
    lost = [PValue(0.03, 0.06, 0.05, f"name {i}") for i in range(7)]
    assert {"name 0", "name 5"} <= {*words(draw_p_values(lost[:6], LIGHT, title="t"))}
    assert "name 0" not in words(draw_p_values(lost, LIGHT, title="t"))


def test_the_axis_is_shorter_if_all_are_large() -> None:
    """It ends below the smallest p-value."""
    large = [PValue(0.5, 0.9, 0.05, "a"), PValue(0.9, 0.9, 0.05, "b")]
    tiny = [PValue(1e-30, 1e-29, 0.05, "a")]
    ends = [draw_p_values(p_values, LIGHT, title="t").axes[0].get_ylim()[0] for p_values in (large, tiny)]
    assert [5e-5, 5e-7] == pytest.approx(ends)


def test_its_size_can_be_chosen() -> None:
    """In inches."""
    assert (11.5, 3.7) == tuple(draw_p_values([], LIGHT, title="t", width=11.5, height=3.7).get_size_inches())
