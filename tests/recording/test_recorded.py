"""A computation that returns its event is recorded if a session is running."""

from __future__ import annotations

from ithtel.events import Note
from ithtel.recording.recorded import emit, recorded
from ithtel.testing import capture_events


@recorded("tests")
def remark(text: str) -> Note:
    """Return a note."""
    return Note(text=text)


def test_a_result_is_emitted_from_its_component() -> None:
    """And returned."""
    with capture_events() as captured:
        returned = remark("x")
    assert [returned] == captured.events(Note)
    assert b'"component":"tests"' in captured.sink.lines()[0]


def test_without_a_session_nothing_happens() -> None:
    """The function is as pure as it was; its name and its docstring stay."""
    emit(Note(text="x"))
    assert ("x", "remark", "Return a note.") == (remark("x").text, remark.__name__, remark.__doc__)
