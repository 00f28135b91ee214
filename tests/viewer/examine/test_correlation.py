"""Rank correlation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.viewer.examine.correlation import correlations, scales

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings


def test_every_pair_of_columns_has_a_cell(found: Findings) -> None:
    """And each column one with itself."""
    assert 16 * 17 // 2 == correlations(found).count("<rect")


def test_every_feature_has_a_matrix_of_its_lookbacks(found: Findings) -> None:
    """Two by two."""
    assert 8 * 4 == scales(found).count("<rect")


def test_columns_without_lookbacks_have_no_matrix(plain: Findings) -> None:
    """Only features are compared across lookbacks."""
    assert not scales(plain)
