"""Effect sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from ithtel import stats

few = st.lists(st.integers(-3, 3), min_size=1, max_size=15)


@given(few, few)
def test_cliffs_delta_counts_every_pair(x: list[int], y: list[int]) -> None:
    """Against brute force, with ties."""
    expected = sum((a > b) - (a < b) for a in x for b in y) / (len(x) * len(y))
    result = stats.cliffs_delta(x, y)
    assert result.effect_size == expected
    assert stats.cliffs_delta(y, x).effect_size == -expected
    assert result.statistic == mannwhitneyu(x, y).statistic
    assert expected == pytest.approx(2 * result.statistic / (len(x) * len(y)) - 1)


def test_cliffs_delta_is_1_when_every_x_exceeds_every_y() -> None:
    """The older system had the sign turned round."""
    assert stats.cliffs_delta([4, 5, 6], [1, 2, 3]).effect_size == 1.0
    assert stats.cliffs_delta([1, 2, 3], [4, 5, 6]).effect_size == -1.0
    assert stats.cliffs_delta([np.inf], [1e308]).effect_size == 1.0


@pytest.mark.parametrize(
    ("n_above", "label"),
    [
        (50, "negligible"),
        (52, "negligible"),
        (53, "small_tradable"),
        (57, "small_tradable"),
        (58, "medium_strong"),
        (64, "medium_strong"),
        (65, "large_suspicious"),
        (0, "large_suspicious"),
    ],
)
def test_labels_of_delta(n_above: int, label: str) -> None:
    """Bounds .05, .15, .30 of |delta|: of 100 values, 53 above make a delta of .06."""
    x = [1] * n_above + [-1] * (100 - n_above)
    assert stats.cliffs_delta(x, [0]).decision == label


def test_cohens_d_of_a_worked_example() -> None:
    """Means 4 and 2, variances 1 and 4, 3 and 5 values: pooled sqrt((2 + 16) / 6)."""
    x, y = [3, 4, 5], [-1, 2, 2, 2, 5]
    pooled = np.sqrt((2 * np.var(x, ddof=1) + 4 * np.var(y, ddof=1)) / 6)
    result = stats.cohens_d(x, y)
    assert result.effect_size == pytest.approx((np.mean(x) - np.mean(y)) / pooled)
    assert result.details.sd_pooled == pytest.approx(pooled)
    assert stats.cohens_d(y, x).effect_size == pytest.approx(-result.effect_size)


@pytest.mark.parametrize(
    ("d", "label"),
    [(0.05, "negligible"), (0.2, "small_tradable"), (-0.4, "medium_strong"), (0.7, "large_suspicious")],
)
def test_labels_of_d(d: float, label: str) -> None:
    """Bounds .1, .3, .6 of |d|, which are ours and are recorded."""
    x = np.array([-1.0, 1.0] * 50)
    result = stats.cohens_d(x + d * x.std(ddof=1), x)
    assert result.decision == label
    assert result.details.label_bounds == [0.1, 0.3, 0.6]


def test_what_has_no_d() -> None:
    """Too few values, no variation, infinite values; a constant sample beside a varying one is fine."""
    assert stats.cohens_d([1], [1, 2]).reason == "1 and 2 values; at least 2 each are needed"
    assert stats.cohens_d([1, 1], [2, 2]).reason == "neither sample varies"
    assert stats.cohens_d([0.1] * 9, [0.1] * 7).reason == "neither sample varies"
    assert stats.cohens_d([1, np.inf], [1, 2]).reason == "1 infinite values"
    assert stats.cohens_d([1, 1], [2, 4]).decision == "large_suspicious"
    assert stats.cohens_d([0, 0], [0, 0]).decision == "not_tested"


def test_what_has_no_delta() -> None:
    """An empty sample."""
    assert stats.cliffs_delta([], [1]).reason == "0 and 1 values; at least 1 each is needed"
    assert stats.cliffs_delta([np.nan], [1]).n_dropped == 1
