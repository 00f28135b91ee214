"""`Cell`, `CellRun`: one execution, and the report that observers extend."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ithtel.events import Note
from ithtel.notebook.cells.run import Cell, CellRun, is_code
from ithtel.recording.settings import Settings


def cell(**fields: Any) -> Cell:
    """Return a cell with these fields."""
    defaults: dict[str, Any] = {"source": "x = 1", "execution_count": 3, "cell_id": "a", "is_off": False}
    info = SimpleNamespace(raw_cell="x = 1")
    return Cell(info=info, settings=Settings(), **{**defaults, **fields})


def test_a_cell_is_recognised_by_the_hosts_id() -> None:
    """Otherwise by its text."""
    assert ("a", "x = 1") == (cell(is_from_host=True).key, cell().key)


def test_a_cell_is_called_by_its_number() -> None:
    """If it has none, by its position."""
    assert ("[3]", "cell 7") == (cell().label, cell(execution_count=None, ordinal=7).label)


def test_an_execution_ends_with_the_info_it_began_with() -> None:
    """Or with a new one of the same text, which IPython makes when it fails itself."""
    one = cell()
    same, other = SimpleNamespace(raw_cell="x = 1"), SimpleNamespace(raw_cell="y")
    assert [True, True, True, False] == [one.ends_with(info) for info in (None, one.info, same, other)]


def test_observers_extend_the_report() -> None:
    """A report that someone holds does not change."""
    run = CellRun(cell())
    before = run.report
    run.extend(reads=["a"])
    run.extend(writes=["b"])
    assert (["a"], ["b"], []) == (run.report.reads, run.report.writes, before.reads)


def test_events_and_hazards_wait_for_the_end_of_the_cell() -> None:
    """With the component, and the number of the cell."""
    run = CellRun(cell())
    run.record(Note(text="a"))
    run.warn("clock", "now(): another value", ["t"])
    assert [(Note(text="a"), "notebook")] == run.events
    assert [("clock", ["t"], 3)] == [(each.kind, each.names, each.execution_count) for each in run.hazards]


def test_functions_classes_and_modules_are_code() -> None:
    """Values are not."""
    assert all(is_code(value) for value in (len, test_functions_classes_and_modules_are_code, Cell, pytest))
    assert not any(is_code(value) for value in (1, "a", [len], None))
