"""From a record to a notebook: order, re-runs, failures, what ran before."""

from __future__ import annotations

import nbformat

from factories import Writer, log_of
from ithtel import events as ev
from ithtel.reading.history.build import history
from ithtel.replay.rebuild import rebuild


def session() -> Writer:
    """Return a session with a cell of each kind."""
    writer = Writer().start()
    writer.emit(ev.CellPrior(execution_count=1, source="x = 5"))
    error = ev.CellError(ename="ZeroDivisionError", evalue="division by zero", traceback=[])
    writer.cell("%load_ext ithtel").cell("x += 1", writes=["x"]).cell("x += 1", writes=["x"])
    writer.cell("1/0", status="error", error=error).cell("while True: pass", status="interrupted")
    return writer.cell(None).cell("y = 2", status=None)


def code() -> list[nbformat.NotebookNode]:
    """Return the code cells of the rebuilt notebook."""
    return [cell for cell in rebuild(history(log_of(session()))).cells if cell.cell_type == "code"]


def test_the_order_is_that_of_execution() -> None:
    """Re-runs are there, magics as they were."""
    expected = ["x = 5", "%load_ext ithtel", "x += 1", "x += 1", "1/0", "while True: pass"]
    assert expected == [cell.source for cell in code()[:6]]


def test_each_kind_is_marked() -> None:
    """By tags that nbclient and we understand."""
    tags = [cell.metadata.get("tags", []) for cell in code()]
    expected = [
        ["ithtel-prior"], [], [], ["ithtel-rerun"], ["ithtel-failed", "raises-exception"],
        ["ithtel-interrupted", "raises-exception"], ["ithtel-private"], ["ithtel-unfinished"],
    ]  # fmt: skip
    assert expected == tags


def test_the_notebook_is_valid_and_the_same_again() -> None:
    """Ids are made from places."""
    one, other = (rebuild(history(log_of(session()))) for _ in range(2))
    nbformat.validate(one)
    assert nbformat.writes(one) == nbformat.writes(other)


def test_a_person_reads_what_happened() -> None:
    """In a line above the cell."""
    said = [cell.source for cell in rebuild(history(log_of(session()))).cells if cell.cell_type == "markdown"]
    assert "*[4] failed with ZeroDivisionError.*" in said
    assert "*[3] ran again.*" in said
