"""Records become slots, cells and marks in the order of execution."""

from __future__ import annotations

import msgspec

from factories import Writer, data_load, log_of, seed_set
from ithtel import events as ev
from ithtel.reading.timeline.build import timeline


def test_slots_follow_the_order_of_execution() -> None:
    """Each cell, and each event outside cells, takes the next slot; events in a cell have its slot."""
    writer = Writer().start()
    writer.emit(seed_set())
    writer.cell("a = 1", data_load(), writes=["a"])
    writer.emit(ev.Note(text="between"))
    writer.cell("b = a", reads=["a"], writes=["b"])
    result = timeline(log_of(writer))
    assert [(mark.lane, mark.slot) for mark in result.marks] == [("seed", 0), ("data", 1), ("note", 2)]
    assert [(cell.slot, cell.execution_count) for cell in result.cells] == [(1, 1), (3, 2)]
    assert (result.cells[1].reads, result.cells[1].writes) == (("a",), ("b",))
    assert result.n_slots == 4


def test_the_clock_does_not_matter() -> None:
    """Lines whose times run backwards keep their order."""
    writer = Writer().start()
    for count in range(3):
        writer.clock -= 100
        writer.cell(f"x = {count}")
    assert [cell.source for cell in timeline(log_of(writer)).cells] == ["x = 0", "x = 1", "x = 2"]


def test_cells_say_how_they_ended() -> None:
    """Good, failed with its error, interrupted, never ended, run before recording, not recorded."""
    writer = Writer().start()
    writer.emit(ev.CellPrior(execution_count=0, source="import this"))
    writer.cell("good")
    writer.cell("bad", status="error", error=ev.CellError(ename="ValueError", evalue="no", traceback=[]))
    writer.cell("long", status="interrupted")
    writer.cell(None)
    writer.cell("now", status=None)
    cells = timeline(log_of(writer)).cells
    assert [cell.status for cell in cells] == ["prior", "ok", "error", "interrupted", "ok", "unfinished"]
    assert cells[2].error == "ValueError: no"
    assert cells[4].source == "(not recorded)"


def test_an_error_without_a_message_is_its_name() -> None:
    """No colon with nothing after it: a KeyboardInterrupt, an error of a private session."""
    error = ev.CellError(ename="KeyboardInterrupt", evalue="", traceback=[])
    writer = Writer().cell("long", status="interrupted", error=error)
    assert "KeyboardInterrupt" == timeline(log_of(writer)).cells[0].error
    end = next(log_of(writer).events(ev.CellEnd))
    assert "cell 1 was interrupted: KeyboardInterrupt" == end.sentence()


def test_a_cell_inside_a_cell_ends_by_itself() -> None:
    """Nested runs are balanced by their spans."""
    writer = Writer().start()
    start = {"source_sha256": None, "source": "x"}
    end = {"status": "ok", "duration_ms": 1.0, "cpu_ms": 1.0, "overhead_ms": 0.0, "reads": [], "writes": []}
    end |= {"deletes": [], "mutates": [], "rng_used": [], "skipped": {}}
    for span, event, count in (("a", start, 1), ("b", start, 2), ("b", end | {"writes": ["inner"]}, 2), ("a", end, 1)):
        kind = ev.CellStart if event is start else ev.CellEnd
        writer.span = span
        writer.emit(msgspec.convert({"cell_id": "c", "execution_count": count} | event, kind))
    outer, inner = timeline(log_of(writer)).cells
    assert (outer.status, outer.writes, inner.status, inner.writes) == ("ok", (), "ok", ("inner",))
