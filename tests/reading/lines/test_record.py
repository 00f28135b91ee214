"""Records hold every field of a line; problems are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories import Writer, log_of, quickstart
from ithtel.events import Note
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.record import Problems

if TYPE_CHECKING:
    from ithtel.reading.lines.record import Record


def test_a_record_has_all_fields_of_its_context() -> None:
    """`context` keeps what this version does not know."""
    line = Writer().line({"event_type": "note", "text": "a", "colour": "red"}, msg="a")
    (record,) = Log.from_lines([line])
    assert record.context == {"event_type": "note", "text": "a", "colour": "red"}
    assert (record.event, record.event_type, record.raw) == (Note(text="a"), "note", line)


def test_plain_messages_and_newer_events_are_records() -> None:
    """A plain message has no event; a newer event keeps its name."""
    writer = Writer()
    writer.line({"n": 1}, msg="plain")
    writer.line({"event_type": "from.later", "n": 2}, msg="newer")
    plain, newer = log_of(writer)
    assert (plain.event, plain.event_type, plain.context) == (None, None, {"n": 1})
    assert newer.event_type == "from.later"


def test_records_are_frozen() -> None:
    """Nothing read can be changed."""
    record: Record = next(iter(log_of(quickstart())))
    with pytest.raises(AttributeError):
        record.line_number = 5  # type: ignore[misc]


def test_very_many_problems_are_counted() -> None:
    """A file of garbage does not fill the memory with its problems."""
    problems = Problems(limit=3)
    for n in range(10):
        problems.add("a", n + 1, "odd")
    assert [str(problem) for problem in problems][2:] == ["a, line 3: odd", "a: 7 more problems are not listed"]
