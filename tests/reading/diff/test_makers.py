"""If another cell made a name last, the root is that of the cell that ran elsewhere."""

from __future__ import annotations

from ithtel.reading.diff.alignment import Pair
from ithtel.reading.diff.makers import Makers
from ithtel.reading.history.values import Execution


def cell(place: int, writes: str = "", reads: str = "") -> Execution:
    return Execution(place=place, writes=writes.split(), reads=reads.split())


def test_the_root_of_the_cell_that_moved_reaches_the_reader() -> None:
    """In the first session the second cell made `a` last, in the second session the first."""
    moved = Pair(cell(2, "a"), cell(1, "a"), is_moved=True)
    stayed, reader = Pair(cell(1, "a"), cell(2, "a")), Pair(cell(3, reads="a"), cell(3, reads="a"))
    makers = Makers([moved, stayed, reader])
    makers.learn(moved, {7})
    makers.learn(stayed, set())
    assert {7} == makers.roots_of_inputs(reader, [])


def test_the_same_maker_is_no_reason() -> None:
    """Whatever its roots are: those are carried with the name."""
    maker, reader = Pair(cell(1, "a"), cell(1, "a")), Pair(cell(2, reads="a"), cell(2, reads="a"))
    makers = Makers([maker, reader])
    makers.learn(maker, {7})
    assert set() == makers.roots_of_inputs(reader, [])


def test_a_cell_of_one_session_has_no_counterpart() -> None:
    """It is a departure itself."""
    alone = Pair(cell(1, reads="a"), None)
    assert set() == Makers([alone]).roots_of_inputs(alone, [])
