"""The values of a history name cells as their host does."""

from __future__ import annotations

from ithtel.reading.history.values import Execution, History


def test_a_cell_is_labelled_by_its_number_else_by_its_place() -> None:
    """Some hosts do not count cells."""
    assert ("[7]", "[2]") == (Execution(place=2, count=7).label, Execution(place=2).label)


def test_a_cell_changes_the_names_that_it_binds_mutates_or_deletes() -> None:
    """Names that it only reads do not count."""
    cell = Execution(place=1, reads=["r"], writes=["w"], mutates=["m"], deletes=["d"])
    assert {"w", "m", "d"} == cell.changes


def test_cells_from_before_recording_are_executions_only() -> None:
    """They are known by their source alone."""
    prior, own = Execution(place=1, status="prior"), Execution(place=2)
    history = History(name="a", executions=[prior, own])
    assert ([own], [prior, own]) == (history.cells, history.steps)
