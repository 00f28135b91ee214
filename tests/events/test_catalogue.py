"""All events: each has a name of its own and a sentence."""

from __future__ import annotations

from ithtel.events import EVENTS, Event, event_type


def test_event_names_are_unique() -> None:
    """No two event classes share a name."""
    assert len(EVENTS) == len({event_type(event) for event in EVENTS})


def test_every_event_can_say_itself() -> None:
    """Every event class defines its own sentence."""
    for event in EVENTS:
        assert event.sentence is not Event.sentence, event
