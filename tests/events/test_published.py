"""The published schemas describe what is written."""

from __future__ import annotations

import math

import jsonschema
import msgspec
import pytest
from hypothesis import given

import contract
from ithtel import events
from ithtel.events import EVENTS, Event, decode_event, event_type, published
from strategies import any_event, relaxed


@relaxed
@given(any_event)
def test_the_schema_allows_every_event(event: Event) -> None:
    """Every encoded event is valid, according to the independent jsonschema package."""
    contract.validators()[event_type(type(event))].validate(msgspec.json.decode(msgspec.json.encode(event)))


@pytest.mark.parametrize("event", EVENTS, ids=event_type)
def test_a_schema_is_a_valid_schema(event: type[Event]) -> None:
    """Every schema is JSON Schema 2020-12."""
    jsonschema.Draft202012Validator.check_schema(published.schema_of(event))


def test_the_schema_refuses_what_lacks_a_field() -> None:
    """A schema can reject an event."""
    with pytest.raises(jsonschema.ValidationError, match="'text' is a required property"):
        jsonschema.validate({"event_type": "note"}, published.schema_of(events.Note))


def test_an_epoch_of_an_older_log_validates() -> None:
    """Only the position and the excesses of an epoch are required."""
    context = {"epoch_index": 1, "bar_index": 3, "excess_gain": 0.5, "excess_loss": 0.1}
    jsonschema.validate(context, published.schema_of(events.EpochDetected))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"epoch_index": 1}, published.schema_of(events.EpochDetected))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_null(value: float) -> None:
    """JSON has no NaN, so the field is null."""
    event = events.EpochDetected(epoch_index=1, bar_index=0, excess_gain=value, excess_loss=0.0, worst_drawdown=value)
    encoded = msgspec.json.encode(event)
    assert b"NaN" not in encoded
    assert decode_event(msgspec.Raw(encoded)).excess_gain is None
    jsonschema.validate(msgspec.json.decode(encoded), published.schema_of(events.EpochDetected))
