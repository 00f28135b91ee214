"""The format: what goes in comes out, unknown things are kept, the schemas say what is written."""

from __future__ import annotations

import math

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import contract
from ithtel import events
from ithtel.events import EVENTS, Event, UnknownEvent, decode_event, event_type, published
from ithtel.events.format.envelope import Envelope, utc_timestamp
from strategies import any_event, relaxed


@relaxed
@given(any_event)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    """decode(encode(event)) == event."""
    assert event == decode_event(msgspec.Raw(msgspec.json.encode(event)))


@relaxed
@given(any_event)
def test_the_schema_allows_every_event(event: Event) -> None:
    """What is written validates, by the independent jsonschema package."""
    contract.validators()[event_type(type(event))].validate(msgspec.json.decode(msgspec.json.encode(event)))


@pytest.mark.parametrize("event", EVENTS, ids=event_type)
def test_a_schema_is_a_valid_schema(event: type[Event]) -> None:
    """Every schema is JSON Schema 2020-12."""
    jsonschema.Draft202012Validator.check_schema(published.schema_of(event))


def test_the_schema_refuses_what_lacks_a_field() -> None:
    """A schema can fail."""
    with pytest.raises(jsonschema.ValidationError, match="'text' is a required property"):
        jsonschema.validate({"event_type": "note"}, published.schema_of(events.Note))


def test_an_epoch_of_an_older_log_validates() -> None:
    """Of an epoch only its place and its excesses are required."""
    context = {"epoch_index": 1, "bar_index": 3, "excess_gain": 0.5, "excess_loss": 0.1}
    jsonschema.validate(context, published.schema_of(events.EpochDetected))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"epoch_index": 1}, published.schema_of(events.EpochDetected))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_null(value: float) -> None:
    """JSON has no NaN; the field says null."""
    event = events.EpochDetected(epoch_index=1, bar_index=0, excess_gain=value, excess_loss=0.0, worst_drawdown=value)
    encoded = msgspec.json.encode(event)
    assert b"NaN" not in encoded
    assert decode_event(msgspec.Raw(encoded)).excess_gain is None
    jsonschema.validate(msgspec.json.decode(encoded), published.schema_of(events.EpochDetected))


def test_an_unknown_event_is_kept_whole() -> None:
    """A newer version's event loses nothing."""
    assert UnknownEvent(event_type="new", fields={"a": [1, None]}) == decode_event(
        msgspec.Raw(b'{"event_type":"new","a":[1,null]}')
    )


def test_a_plain_context_is_no_event() -> None:
    """What a user bound to a message is not taken for an event."""
    assert decode_event(msgspec.Raw(b'{"a":1}')) is None


def test_a_known_event_with_a_wrong_field_is_refused() -> None:
    """The message names the field."""
    with pytest.raises(msgspec.ValidationError, match=r"\$.text"):
        decode_event(msgspec.Raw(b'{"event_type":"note","text":1}'))


def test_event_names_are_unique() -> None:
    """No two structs claim one name."""
    assert len(EVENTS) == len({event_type(event) for event in EVENTS})


@given(st.floats(0, 4e9))
def test_a_timestamp_always_has_microseconds(seconds: float) -> None:
    """`…:00.000000Z` is written out too, so that texts sort as times do."""
    assert len("2026-01-25T14:30:52.123456Z") == len(utc_timestamp(seconds))


def test_every_event_can_say_itself() -> None:
    """A sentence of each event is one line."""
    for event in EVENTS:
        assert event.sentence is not Event.sentence, event


def test_the_envelope_has_the_fields_of_the_contract() -> None:
    """Names and order are those of docs/events.md."""
    assert (
        "ts", "level", "msg", "component", "package", "env", "pid", "tid", "seq", "trace_id", "span_id",
        "provenance", "context", "duration_ms", "exception",
    ) == Envelope.__struct_fields__  # fmt: skip
