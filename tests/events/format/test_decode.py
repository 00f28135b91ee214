"""Decoding: what was encoded comes back, and unknown events are kept."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from ithtel.events import Event, UnknownEvent, decode_event
from strategies import any_event, relaxed


@relaxed
@given(any_event)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    """decode(encode(event)) == event."""
    assert event == decode_event(msgspec.Raw(msgspec.json.encode(event)))


def test_an_unknown_event_is_kept_whole() -> None:
    """An event of a newer version keeps all its fields."""
    assert UnknownEvent(event_type="new", fields={"a": [1, None]}) == decode_event(
        msgspec.Raw(b'{"event_type":"new","a":[1,null]}')
    )


def test_a_plain_context_is_no_event() -> None:
    """Values that a user bound to a message are not taken for an event."""
    assert decode_event(msgspec.Raw(b'{"a":1}')) is None


def test_a_known_event_with_a_wrong_field_is_refused() -> None:
    """The message names the field."""
    with pytest.raises(msgspec.ValidationError, match=r"\$.text"):
        decode_event(msgspec.Raw(b'{"event_type":"note","text":1}'))
