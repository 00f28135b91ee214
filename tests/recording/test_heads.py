"""Heads of lines: most events only have to be encoded, and `emit` takes a short path for them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ithtel
from ithtel.errors import RecordingError
from ithtel.events import (
    CellPrior,
    Event,
    LogSeal,
    Note,
    SessionEnd,
)
from ithtel.testing import capture_events
from strategies import any_event, relaxed

if TYPE_CHECKING:
    from ithtel.recording.session import Session


def captured_lines(events: list[Event], *, forgets: bool) -> list[bytes]:
    """Return the lines of events, each emitted twice; the second time the short way is open, unless it is forgotten."""
    with capture_events() as captured:
        for event in events:
            for _ in range(2):
                captured.session.emit(event)
                if forgets:
                    captured.session._heads.known.clear()
    return captured.sink.lines()


@relaxed
@given(st.lists(any_event.filter(lambda event: not isinstance(event, SessionEnd | LogSeal)), max_size=3))
def test_the_short_way_writes_the_same_lines(events: list[Event]) -> None:
    """A session that forgets the heads of its lines prepares each event anew, and writes the same."""
    assert captured_lines(events, forgets=True) == captured_lines(events, forgets=False)


def test_the_short_way_replaces_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both those in the environment and those of a pattern that was set meanwhile."""
    monkeypatch.setenv("DB_PASSWORD", "correct-horse")
    with capture_events() as captured:
        for text in ("plain", "plain", "correct-horse"):
            captured.session.emit(Note(text=text))
        captured.session.settings = captured.session.settings.replaced(redact="plain")
        captured.session.emit(Note(text="plain"))
    kinds = [event.text.split(":")[:2] for event in captured.events(Note)]
    assert [["plain"], ["plain"], ["[redacted", "env"], ["[redacted", "pattern"]] == kinds


@pytest.fixture
def hurried() -> Session:
    """A session that takes the short path for the next such event."""
    session = ithtel.start("a", git=False, loguru=False)
    for _ in range(2):
        session.emit(CellPrior(execution_count=1, source="before"))
    return session


def sources(session: Session) -> list[str]:
    """Return the sources of cells in all parts of the log."""
    assert session.path is not None
    return [event.source for event in ithtel.read(session.path).events(CellPrior)]


def test_the_short_way_ends_with_a_pause(hurried: Session) -> None:
    """Nothing is written."""
    hurried.pause(by="test")
    hurried.emit(CellPrior(execution_count=1, source="after"))
    assert ["before", "before"] == sources(hurried)


def test_the_short_way_ends_with_the_session(hurried: Session) -> None:
    """Emitting into an ended session is an error."""
    hurried.close()
    with pytest.raises(RecordingError, match="has ended"):
        hurried.emit(CellPrior(execution_count=1, source="after"))


def test_the_short_way_ends_where_settings_want_more(hurried: Session) -> None:
    """Syncing to disk, rotation and private mode apply at once."""
    hurried.settings = hurried.settings.replaced(durability="disk")
    with mock.patch.object(hurried.sink, "sync", wraps=hurried.sink.sync) as sync:
        hurried.emit(CellPrior(execution_count=1, source="on the disk"))
    assert sync.called
    hurried.settings = hurried.settings.replaced(durability="process", rotation="1 KB", compression="none")
    for _ in range(3):
        hurried.emit(CellPrior(execution_count=1, source="rotated"))
    assert hurried.path is not None
    assert len(list(hurried.path.parent.glob("*.jsonl"))) > 1
    hurried.settings = hurried.settings.replaced(private=True)
    hurried.emit(CellPrior(execution_count=1, source="private"))
    assert ["before", "before", "on the disk", "rotated", "rotated", "rotated", ""] == sources(hurried)
