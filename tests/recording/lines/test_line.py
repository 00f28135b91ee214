"""One line: its encoding, and what is recognised in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ithtel.events import EpochDetected, Event, IthStep, Note, Provenance
from ithtel.recording.lines.line import Line, LineFormat, encode_event, encode_line, is_payload, more, sentence
from ithtel.testing import capture_events

if TYPE_CHECKING:
    from msgspec import Raw


def line(event: Event | Raw, msg: str = "x") -> Line:
    """Return a line around an event."""
    provenance = Provenance(session_id="s", git_sha=None, input_hash=None, random_seed=None)
    shared = LineFormat(pid=1, trace_id="0" * 32, provenance=provenance, package="ithtel", env="test")
    return Line("2026-01-25T14:30:52.000000Z", "INFO", msg, shared.who("a", None, 2), 7, shared.what("1" * 16), event)


def test_the_fields_stand_in_the_order_of_the_contract() -> None:
    """The parts that are encoded once fill their places."""
    expected = (
        "ts", "level", "msg", "component", "package", "env", "pid", "tid", "seq", "trace_id", "span_id", "provenance",
        "context",
    )  # fmt: skip
    assert expected == tuple(json.loads(encode_line(line(Note(text="x")))))


def test_optional_fields_follow_the_context() -> None:
    """A duration is written after the event."""
    found = json.loads(encode_line(line(more(encode_event(Note(text="x")), 1.5, None))))
    assert ({"event_type": "note", "text": "x"}, 1.5) == (found["context"], found["duration_ms"])


def test_a_lone_surrogate_is_escaped() -> None:
    """In the message and in the event."""
    found = json.loads(encode_line(line(Note(text="\ud800"), "\ud800")))
    assert ("\\ud800", "\\ud800") == (found["msg"], found["context"]["text"])


def test_an_event_whose_values_cannot_be_formatted_is_called_by_its_name() -> None:
    """A list in place of a number."""
    values: Any = [1.0]
    event = EpochDetected(epoch_index=1, bar_index=1, excess_gain=values, excess_loss=0.0, position_type="bull")
    assert "epoch_detected" == sentence(event)


STEP = dict.fromkeys(
    ("nav", "excess_gain", "excess_loss", "endorsing_crest", "candidate_crest", "candidate_nadir", "hurdle"), 1.0
)


@pytest.mark.parametrize("is_many", [False, True])
def test_an_event_that_may_be_dropped_is_recognised_in_its_line(is_many: bool) -> None:
    """Written one by one or as a table; a note that quotes such a line is not one."""
    step = {"run_id": "a", "bar_index": 1, "is_reset": False, "is_epoch": False, "position_type": "bull", **STEP}
    with capture_events() as captured:
        if is_many:
            captured.session.emit_many(IthStep, {**step, "bar_index": [1]})
        else:
            captured.session.emit(IthStep(**step))
        captured.session.emit(Note(text='"context":{"event_type":"ith_step"'))
        captured.session.write("INFO", "x", b'{"a":{"context":{"event_type":"ith_step"}}}')
    assert [True, False, False] == [is_payload(each) for each in captured.sink.lines()[:3]]
