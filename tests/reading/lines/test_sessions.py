"""The sessions of a log are found and chosen."""

from __future__ import annotations

from factories import Writer, quickstart
from ithtel.reading.lines.read import read
from ithtel.reading.lines.sessions import version_problem
from notes import FILE, append, note, texts


def test_sessions_say_what_is_known() -> None:
    """Start, end, size and whether it was closed, of every session in the file."""
    append(quickstart())
    open_session = Writer("sess_b", start=2e9).start()
    append(open_session)
    first, second = read(FILE).sessions
    assert (first.name, first.is_complete, first.n_events) == ("notebook", True, len(quickstart().lines))
    assert first.end_time == first.last_time
    assert (second.session_id, second.is_complete, second.end_time) == ("sess_b", False, None)
    assert (second.ithtel_version, second.experiment_id, second.git_sha) == ("0.1.0", "exp_1", "0123abcd")


def test_sessions_that_interleave_are_told_apart() -> None:
    """Lines of two processes in one file: the session that began later is the latest."""
    one, two = note("one", session_id="one", pid=1), note("two", session_id="two", pid=2)
    pairs = zip(one.lines, two.lines, strict=True)
    FILE.parent.mkdir(parents=True)
    FILE.write_bytes(b"".join(a + b"\n" + b + b"\n" for a, b in pairs))
    assert texts(read(FILE)) == ["two"]
    assert texts(read(FILE, session=-2)) == ["one"]


def test_a_newer_schema_version_is_a_problem() -> None:
    """The current one, older ones and an unknown one are not."""
    assert [None, None, None] == [version_problem("a", version, newest=2) for version in (None, 1, 2)]
    expected = "a has schema version 3, but this ithtel reads versions up to 2: install a newer ithtel"
    assert expected == version_problem("a", 3, newest=2)
