"""Cells of two sessions are paired although some were inserted, removed, moved or repeated."""

from __future__ import annotations

from ithtel.reading.diff.diff import diff
from research import (
    Session,
    only,
    roots,
    simple,
)


def test_a_swapped_pair_is_found() -> None:
    """As another order, not as changed code."""
    a = simple(("a = 1", 1.0), ("b = 5", 5.0), ("a = 2", 2.0), ("c = a", 2.0))
    b = simple(("a = 2", 2.0), ("b = 5", 5.0), ("a = 1", 1.0), ("c = a", 1.0))
    assert {"order_changed"} == {cause for _, cause, _ in roots(diff(a, b))}


def test_an_inserted_cell_does_not_shift_the_others() -> None:
    """It is a departure itself, and the only one."""
    a = simple(("a = 1", 1.0), ("c = a", 1.0))
    b = simple(("a = 1", 1.0), ("b = 7", 7.0), ("c = a", 1.0))
    root = only(diff(a, b))
    assert ("code_changed", []) == (root.cause, root.follows)
    assert 2 == diff(a, b).verdict.n_same


def test_a_cell_that_was_run_again_is_another_order() -> None:
    """Changes by the second run follow from it."""
    a = simple(("a = 1", 1.0), ("a += 1", 2.0), ("c = a", 2.0))
    b = simple(("a = 1", 1.0), ("a += 1", 2.0), ("a += 1", 3.0), ("c = a", 3.0))
    root = only(diff(a, b))
    assert ("order_changed", ["re-run"], ["[3]"]) == (root.cause, root.names, root.follows)


def test_cells_that_only_look_are_no_difference() -> None:
    """`%timeline` and comments."""
    a = Session().cell("a = 1", writes="a").log()
    b = Session().cell("%timeline").cell("a = 1", writes="a").cell("# that was it").log()
    assert diff(a, b).is_identical
