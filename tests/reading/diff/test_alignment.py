"""Cells of two sessions are paired although some were inserted, removed, moved or repeated."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ithtel.reading.diff.alignment import align, common
from ithtel.reading.diff.diff import diff
from ithtel.reading.history.values import Execution
from research import (
    Session,
    only,
    roots,
    simple,
    state,
    value,
)

ORDERS = st.lists(st.sampled_from("abcd"), max_size=7)


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


def drawing(*sizes: int) -> Any:
    """Return a session that seeds a generator and draws from it: each cell one array of a size."""
    session = Session().cell("rng = np.random.default_rng(1)", state("numpy:rng", "0", 1), writes="rng")
    drawn = 0
    for size in sizes:
        states = (state("numpy:rng", f"{drawn}", 1), state("numpy:rng", f"{drawn + size}", 1))
        held = value(f"x{size}", [float(drawn)] * size)
        session.cell(f"x{size} = rng.normal(size={size})", *states, held, reads="rng", writes=f"x{size}")
        drawn += size
    return session.log()


def test_swapped_cells_that_draw_from_one_stream_are_one_root() -> None:
    """The other cell follows from the one that moved, and the generator is seeded."""
    root = only(diff(drawing(2, 3, 4), drawing(3, 2, 4)))
    assert "order_changed" == root.cause
    assert 1 == len(root.follows)


def test_a_cell_that_drew_twice_in_place_is_the_root() -> None:
    """Whatever draws after it follows."""
    root = only(diff(drawing(2, 3), drawing(2, 2, 3)))
    assert ("order_changed", ["re-run"], ["[3]"]) == (root.cause, root.names, root.follows)


def test_a_cell_that_was_rewritten_is_one_departure() -> None:
    """It binds the same name at the same place, though hardly a word is the same."""
    a = Session().cell("a = 1", writes="a").cell("x = rng.normal(size=3)", value("x", [1.0]), writes="x").log()
    b = Session().cell("a = 1", writes="a").cell("x = np.zeros(7)", value("x", [0.0]), writes="x").log()
    assert ("[2]", "code_changed") == (only(diff(a, b)).label, only(diff(a, b)).cause)


def test_a_display_at_another_place_is_no_difference() -> None:
    """It only shows the record."""
    a = Session().cell("%timeline").cell("a = 1", writes="a").log()
    b = Session().cell("a = 1", writes="a").cell("%timeline").log()
    assert diff(a, b).is_identical


def test_a_cell_that_moved_comes_where_it_ran_first() -> None:
    """Only what ran after it can follow from it."""
    a, b = ([Execution(place=n, source=text) for n, text in enumerate(order, 1)] for order in ("xyzw", "wxyz"))
    assert ["w", "x", "y", "z"] == [pair.cells[0].source for pair in align(a, b)]


@given(ORDERS, ORDERS)
def test_the_common_cells_are_in_order_and_as_many_as_can_be(a: list[str], b: list[str]) -> None:
    """By the textbook recurrence."""
    pairs = common(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(pairs))
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, one in enumerate(a, 1):
        for j, other in enumerate(b, 1):
            longer = max(lengths[i - 1][j], lengths[i][j - 1])
            lengths[i][j] = lengths[i - 1][j - 1] + 1 if one == other else longer
    assert lengths[-1][-1] == len(pairs)


@given(ORDERS, ORDERS)
def test_each_execution_is_paired_once(a: list[str], b: list[str]) -> None:
    """None is lost, and none counts twice."""
    ours, theirs = ([Execution(place=n, source=f"{text} = 1") for n, text in enumerate(each, 1)] for each in (a, b))
    pairs = align(ours, theirs)
    assert [*range(1, len(a) + 1)] == sorted(pair.a.place for pair in pairs if pair.a is not None)
    assert [*range(1, len(b) + 1)] == sorted(pair.b.place for pair in pairs if pair.b is not None)
