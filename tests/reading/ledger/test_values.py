"""A ledger knows which rejections do not survive."""

from __future__ import annotations

from ledgers import ledger, result


def test_a_p_value_below_its_level_is_a_rejection() -> None:
    """A test without a p-value rejects nothing."""
    entries = ledger(result(p=0.01), result(p=0.5, data="b"), result(p=None, data="c")).entries
    assert [True, False, False] == [entry.is_rejected for entry in entries]


def test_lost_rejections_are_those_that_the_mildest_adjustment_loses() -> None:
    """Here Benjamini-Hochberg doubles each p-value."""
    found = ledger(result(p=0.01), result(p=0.03, data="b"))
    assert [2] == [entry.number for entry in found.lost]
