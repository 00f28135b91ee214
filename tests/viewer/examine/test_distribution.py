"""Histograms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.viewer.examine.distribution import grid, histograms

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings


def test_there_is_a_row_per_feature_and_a_column_per_lookback(found: Findings) -> None:
    """In the order of the columns."""
    rows = grid(found)
    assert 8 == len(rows)
    assert [[20, 50]] * 8 == [[column.lookback for column in row if column] for _, row in rows]


def test_other_columns_fill_rows(plain: Findings) -> None:
    """Up to six each."""
    ((name, row),) = grid(plain)
    assert ("", ["<i>&", "b", "flat", "empty"]) == (name, [column.name for column in row if column])


def test_a_column_without_values_has_no_histogram(plain: Findings) -> None:
    """The drawing shows that there are none."""
    assert 1 == histograms(plain).count("no values")


def test_fitted_distributions_are_drawn(plain: Findings) -> None:
    """Only columns within [0, 1] have one."""
    assert 1 == histograms(plain).count('class="fit"')
