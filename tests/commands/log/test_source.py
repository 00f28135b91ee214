"""What a user names leads to its log: a path, `LOG@-2`, a `Log`, a session in a file or in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

import ithtel
from factories import Writer
from ithtel.commands.log.source import history_of, is_private, log_of
from ithtel.errors import InputError, LogError
from ithtel.reading.lines.log import Log
from ithtel.recording.file.sink import MemorySink


def two_sessions(path: Path = Path("a.jsonl")) -> Path:
    """Write a log of two sessions."""
    first = Writer(session_id="sess_1").start().cell("x = 1").end()
    second = Writer(session_id="sess_2").start().cell("x = 2").end()
    path.write_bytes(b"".join(line + b"\n" for line in (*first.lines, *second.lines)))
    return path


def test_a_path_names_its_latest_session() -> None:
    """Unless it says otherwise, in the name or as an argument."""
    path = two_sessions()
    assert ["sess_2", "sess_1", "sess_1", None] == [
        log_of(path).session_id, log_of(f"{path}@-2").session_id, log_of(path, session="sess_1").session_id,
        log_of(path, session="all").session_id,
    ]  # fmt: skip


def test_a_log_is_taken_as_it_is() -> None:
    """Without reading it again."""
    log = Log.from_lines([])
    assert log is log_of(log)


def test_a_running_session_is_its_log_so_far() -> None:
    """In a file as in memory."""
    for sink in ({}, {"sink": MemorySink()}):
        with ithtel.start("demo", **sink) as session:
            session.emit(ithtel.events.Note(text="one"))
            assert ["session.start", "note"] == [record.event_type for record in log_of(session)]
            assert session.session_id == log_of(session).session_id


def test_anything_else_is_refused() -> None:
    """With what is expected."""
    with pytest.raises(InputError, match=r"^expected a log file, a folder or LOG@-2, got int$"):
        log_of(7)


def test_the_history_of_a_newer_version_is_refused() -> None:
    """Also of a log in hand."""
    log = Log.from_lines(Writer().start(schema_version=99).cell("x = 1").lines)
    with pytest.raises(LogError, match="schema version 99"):
        history_of(log)


def test_a_session_may_have_become_private() -> None:
    """By a setting that was changed after its start."""
    past = history_of(Log.from_lines(Writer().start().cell("x = 1").lines))
    with ithtel.start("demo") as session:
        assert not is_private(session, past)
        session.settings = session.settings.replaced(private=True)
        assert is_private(session, past)
    assert not is_private("a.jsonl", past)
