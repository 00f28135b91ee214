"""What each kind of event needs on its way into a line, looked up once: a class attribute of a struct costs 50 ns."""

from __future__ import annotations

import msgspec

from ithtel.events import AlgorithmInit, CellEnd, DataLoad, Event, SeedSet, event_type
from ithtel.events.values import encode_text, escaped, to_json_value
from ithtel.recording.line import encode_level, encode_str
from ithtel.recording.objects import KEPT_EVENTS

encode = msgspec.json.Encoder(enc_hook=to_json_value).encode
FAILURES = (UnicodeError, TypeError, ValueError, OverflowError, RecursionError)
"""What encoding raises on a value that JSON, or UTF-8, lacks."""
_LEARNED = (SeedSet, DataLoad, AlgorithmInit)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of event needs."""

    level: bytes
    texts: tuple[str, ...]
    """The fields to search for secrets."""
    is_learned: bool
    """Whether the lines after it name what it says."""
    is_kept: bool
    """Whether contents may be kept beside the log for it."""
    has_payload: bool
    is_payload: bool
    is_plain: bool
    """Whether there is no more to it than to encode it, once `texts`, each a plain text or None, hold no secret."""


plans: dict[type[Event], Plan] = {}


def plan_of(kind: type[Event]) -> Plan:
    """Return, and remember, what `kind` needs."""
    searched = (*kind.free_text, *kind.paths)
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    has_payload = bool(kind.payload) or kind.is_payload
    is_deep = not all(types[name] in (str, str | None) for name in searched)
    made = plans[kind] = Plan(
        level=encode_level(kind.level),
        texts=searched,
        is_learned=issubclass(kind, _LEARNED),
        is_kept=issubclass(kind, KEPT_EVENTS),
        has_payload=has_payload,
        is_payload=kind.is_payload,
        is_plain=not (is_deep or has_payload or issubclass(kind, (*_LEARNED, *KEPT_EVENTS, CellEnd))),
    )
    return made


def encoded_somehow(event: Event) -> tuple[bytes, bytes]:
    """Return context and message of an event that cannot be encoded as it is: in tagged and escaped forms."""
    try:
        sentence = encode_text(event.sentence())
    except FAILURES:
        sentence = event_type(event)
    return encode(escaped(event)), encode_str(sentence)
