"""A log as tables: its lines, their number by type, its epochs."""

from __future__ import annotations

from pathlib import Path

import pytest

from factories import quickstart, walk
from ithtel.commands.log.listing import list_epochs, list_events
from ithtel.errors import InputError

LOG = Path("a.jsonl")


def test_events_of_one_type() -> None:
    """Numbered from 0."""
    quickstart(walk(60)).write(LOG)
    everything, starts = list_events(LOG).frame, list_events(LOG, kind="cell.start").frame
    assert ["seq", "ts", "level", "component", "event_type", "msg"] == list(everything.columns)
    assert {"cell.start"} == {*starts["event_type"]}
    assert list(range(len(starts))) == list(starts.index)


def test_a_summary_counts_every_line() -> None:
    """By session, component and type."""
    writer = quickstart(walk(60))
    frame = list_events(writer.write(LOG), summary=True).frame
    assert len(writer.lines) == frame["n_lines"].sum()
    assert not frame.duplicated(["session_id", "component", "event_type"]).any()


def test_an_unknown_type_is_refused_with_a_suggestion() -> None:
    """A known type that the log does not hold gives an empty table."""
    quickstart(walk(60)).write(LOG)
    assert 0 == len(list_events(LOG, kind="note").frame)
    with pytest.raises(InputError, match=r"^no event type 'cell.strat' \(did you mean 'cell.start'\?\)$"):
        list_events(LOG, kind="cell.strat")


def test_lines_that_cannot_be_read_are_reported() -> None:
    """With the table of the others."""
    quickstart().write(LOG)
    LOG.write_bytes(LOG.read_bytes() + b"garbage\n")
    listing = list_epochs(LOG)
    assert len(listing.frame)
    assert ["not JSON"] == [problem.message[:8] for problem in listing.problems]
