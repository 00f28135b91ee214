"""A log can be iterated repeatedly and reads what was added."""

from __future__ import annotations

from factories import Writer, log_of, quickstart
from ithtel.events import CellStart
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.read import read
from notes import FILE

GOOD = quickstart().lines


def test_a_log_is_iterable_again_and_again() -> None:
    """Two passes give equal records, and lines added in between are seen."""
    path = quickstart().write(FILE)
    log = read(path)
    assert list(log) == list(log)
    n, session = len(list(log)), log.session
    assert session is not None
    assert session.n_events == n
    with path.open("ab") as file:
        file.write(Writer().line({"event_type": "note", "text": "more"}, msg="more") + b"\n")
    assert len(list(log)) == n + 1
    assert log.sessions[-1].n_events == n + 1


def test_memory_is_read_like_a_file() -> None:
    """Lines in memory, with or without line feeds, and from a generator."""
    lines = quickstart().lines
    log = Log.from_lines(line + b"\n" for line in lines)
    assert [r.envelope for r in log] == [r.envelope for r in Log.from_lines(lines)]
    assert log.session_id is None
    assert Log.from_lines(lines, session="other").session is None


def test_a_growing_list_is_read_anew() -> None:
    """A session in memory that goes on is seen to go on."""
    lines = quickstart().lines[:3]
    log = Log.from_lines(lines)
    assert len(list(log)) == 3
    lines.append(Writer().line({}, msg="hello"))
    assert len(list(log)) == 4


def test_events_can_be_chosen() -> None:
    """By struct, by name, or all."""
    log = log_of(quickstart())
    assert len(list(log.events(CellStart))) == len(list(log.events("cell.start"))) == 5
    assert len(list(log.events())) == len(list(log))


def test_reprs_hold_no_absolute_path() -> None:
    """A log shows its file's name."""
    path = quickstart().write(FILE)
    assert repr(read(path.absolute())) == "Log('notebook.jsonl')"


def test_problems_are_known_without_a_pass() -> None:
    """Asking for problems reads the log; they are those of one pass, however often it is read."""
    log = Log.from_lines([b"x", GOOD[0]])
    assert len(log.problems) == 1
    list(log)
    assert len(log.problems) == 1
