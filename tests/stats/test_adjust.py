"""P-values adjusted for how many there are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import share
from ithtel import stats
from ithtel.errors import InputError

BENJAMINI_HOCHBERG_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_the_example_of_benjamini_and_hochberg() -> None:
    """Thrombolysis trial, 15 hypotheses, level .05: Bonferroni rejects 3, Holm 3, theirs 4."""
    adjusted = stats.adjust_p_values(BENJAMINI_HOCHBERG_1995)
    rejected = [
        sum(p <= 0.05 for p in values) for values in (adjusted.bonferroni, adjusted.holm, adjusted.benjamini_hochberg)
    ]
    assert rejected == [3, 3, 4]


def test_values_by_hand() -> None:
    """In the order given; None stays in its place and is not counted."""
    adjusted = stats.adjust_p_values([0.04, None, 0.01, float("nan"), 0.03])
    assert adjusted.n_tests == 3
    assert adjusted.bonferroni == pytest.approx([0.12, None, 0.03, None, 0.09])
    assert adjusted.holm == pytest.approx([0.06, None, 0.03, None, 0.06])
    assert adjusted.benjamini_hochberg == pytest.approx([0.04, None, 0.03, None, 0.04])


@settings(max_examples=share(6), deadline=None)  # statsmodels collects garbage at each call
@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12))
def test_adjusting_never_makes_smaller(p_values: list[float | None]) -> None:
    """Raw ≤ BH ≤ Holm ≤ Bonferroni ≤ 1."""
    a = stats.adjust_p_values(p_values)
    for row in zip(a.raw, a.benjamini_hochberg, a.holm, a.bonferroni, strict=True):
        assert row == (None,) * 4 or all(x <= y + 1e-12 for x, y in zip(row, [*row[1:], 1.0], strict=True))


def test_none_at_all() -> None:
    """Nothing to adjust."""
    assert stats.adjust_p_values([]).n_tests == 0
    assert stats.adjust_p_values([None]).holm == [None]


@pytest.mark.parametrize("bad", [-0.1, 1.1])
def test_what_is_no_p_value_is_an_error(bad: float) -> None:
    """A statistic in its place, say."""
    with pytest.raises(InputError, match="p_values must be between 0 and 1"):
        stats.adjust_p_values([0.5, bad])
