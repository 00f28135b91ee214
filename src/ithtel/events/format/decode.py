"""`decode_envelope`, `decode_event`: read a line in two steps, the envelope with its context raw, then the event."""

from __future__ import annotations

import functools

import msgspec

from ithtel.events.base import Event, UnknownEvent, event_type
from ithtel.events.catalogue import EVENTS
from ithtel.events.format.envelope import Envelope, fields_of


class _Tag(msgspec.Struct):
    event_type: str | None = None


_envelope = msgspec.json.Decoder(Envelope)
_tag = msgspec.json.Decoder(_Tag)
_by_name = {event_type(event): event for event in EVENTS}


@functools.cache
def _decoder_of(name: str) -> msgspec.json.Decoder[Event]:
    """Make a decoder when its event is first read; a process that only writes does not pay 18 ms for all of them."""
    return msgspec.json.Decoder(_by_name[name])


def decode_envelope(line: bytes) -> Envelope:
    """Return the envelope of one line, with its context still raw.

    Raises:
        msgspec.DecodeError: The line is not JSON, or not an envelope (`msgspec.ValidationError`, with the field).
    """
    return _envelope.decode(line)


def decode_event(context: msgspec.Raw) -> Event | UnknownEvent | None:
    """Return the event that a context holds, None if it is the context of a plain message.

    Raises:
        msgspec.ValidationError: A field of a known event is missing or of another type.
    """
    name = _tag.decode(context).event_type
    if name is None:
        return None
    if name in _by_name:
        return _decoder_of(name).decode(context)
    fields = fields_of(context)
    del fields["event_type"]
    return UnknownEvent(event_type=name, fields=fields)
