"""Each line of a log belongs to the run of a cell that wrote it."""

from __future__ import annotations

from factories import Writer, log_of
from ithtel import events as ev
from ithtel.reading.history.cell_tracker import CellTracker


def owners(writer: Writer) -> list[int | None]:
    """Return the place of the cell of each note in a log."""
    tracker = CellTracker()
    found = [(record.event, tracker.see(record)) for record in log_of(writer)]
    return [cell and cell.place for event, cell in found if isinstance(event, ev.Note)]  # type: ignore[misc]


def test_a_line_belongs_to_the_cell_whose_span_it_carries() -> None:
    """Even after the cell has ended, as with a thread that outlives it."""
    writer = Writer().start().cell("a", ev.Note(text="in a")).cell("b", ev.Note(text="in b"))
    writer.span = f"{1:016x}"
    writer.emit(ev.Note(text="late"))
    assert [1, 2, 1] == owners(writer)


def test_a_line_between_cells_belongs_to_none() -> None:
    """Before, between and after cells."""
    writer = Writer().start()
    writer.emit(ev.Note(text="before"))
    writer.cell("a")
    writer.emit(ev.Note(text="after"))
    assert [None, None] == owners(writer)


def test_without_spans_the_open_cell_of_the_process_counts() -> None:
    """Lines of another process, and lines after the end of the cell, belong to no cell."""
    mine, other = Writer(), Writer(pid=7)
    start = ev.CellStart(cell_id="c", execution_count=1, source="a", source_sha256=None)
    end = {"cell_id": "c", "execution_count": 1, "status": "ok", "duration_ms": 1.0, "cpu_ms": 1.0, "overhead_ms": None}
    lists = {"reads": [], "writes": [], "deletes": [], "mutates": [], "rng_used": [], "skipped": {}}  # type: ignore[var-annotated]
    mine.emit(start)
    mine.emit(ev.Note(text="inside"))
    mine.lines.append(other.emit(ev.Note(text="elsewhere")))
    mine.emit(ev.CellEnd(**end | lists))
    mine.emit(ev.Note(text="after"))
    assert [1, None, None] == owners(mine)


def test_a_run_knows_how_it_ended() -> None:
    """Prior, ended, failed and unfinished runs are distinguished."""
    writer = Writer().start()
    writer.emit(ev.CellPrior(execution_count=1, source="import this"))
    writer.cell("a").cell("b", status="error").cell("c", status=None)
    runs = CellTracker.of(log_of(writer)).runs
    assert ["prior", "ok", "error", "unfinished"] == [run.status for run in runs]
    assert ["import this", "a", "b", "c"] == [run.source for run in runs]
    assert [1, 1, 2, 3] == [run.count for run in runs]
