"""`Line`, `LineFormat`, `encode_line`: a line of the log, with everything that lines share encoded once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw

from ithtel.events import EVENTS, event_type
from ithtel.events.values import encode_text, escaped, to_json_value

if TYPE_CHECKING:
    from ithtel.events import Event, ExceptionInfo, Provenance

FAILURES = (UnicodeError, TypeError, ValueError, OverflowError, RecursionError)
"""What encoding raises for a value that JSON or UTF-8 cannot represent."""
UNNUMBERED = -1
_MAX_CACHED = 512
_PAYLOAD = tuple(b'{"event_type":"%b"' % event_type(kind).encode() for kind in EVENTS if kind.is_payload)


def _in_json(value: object) -> object:
    """Return a value that the encoder does not know as JSON; a NumPy number that is not finite as null."""
    found = to_json_value(value)
    return None if isinstance(found, dict) and found.keys() == {"$float"} else found


_encoder = msgspec.json.Encoder(enc_hook=_in_json)
encode = _encoder.encode
encode_lines = _encoder.encode_lines


class Line(msgspec.Struct, gc=False):
    """One line, with its fields in order, encoded in one step because this is the innermost loop.

    A `Raw` is encoded already, and may include the fields that follow: `component` those up to `tid`, `trace_id` those
    up to `provenance`, `context` the optional ones after it.
    """

    ts: str
    level: str
    msg: str
    component: Raw
    seq: int
    trace_id: Raw
    context: Event | Raw


def encode_line(line: Line) -> bytes:
    """Return `line` as it is written, with tagged and escaped forms for what cannot be encoded directly."""
    try:
        return encode_lines([line])
    except FAILURES:
        line.msg = encode_text(line.msg)
        if not isinstance(line.context, Raw):
            line.context = escaped(line.context)
        return encode_lines([line])


def sentence(event: Event) -> str:
    """Return the sentence of `event` for a person; its name if its values cannot be formatted."""
    try:
        return event.sentence()
    except FAILURES:
        return event_type(event)


def encode_event(event: Event) -> bytes:
    """Return `event` as the context of a line, with tagged and escaped forms for what cannot be encoded directly."""
    try:
        return encode(event)
    except FAILURES:
        return encode(escaped(event))


def is_payload(line: bytes) -> bool:
    """Return whether an encoded line holds an event that may be dropped (`Event.is_payload`).

    This is asked only when the disk refuses lines, so that no line has to carry a flag on its way. The first
    `"context":` is the envelope's, because quotes within texts are escaped.
    """
    return line.partition(b'"context":')[2].startswith(_PAYLOAD)


def encode_str(text: str) -> bytes:
    """Return `text` as a JSON string, with lone surrogates escaped (`encode_text`)."""
    try:
        return encode(text)
    except UnicodeEncodeError:
        return encode(encode_text(text))


class LineFormat:
    """Encodes what the lines of one experiment have in common."""

    def __init__(self, *, pid: int, trace_id: str, provenance: Provenance, package: str, env: str) -> None:
        self._pid = pid
        self._trace_id = trace_id
        self._provenance = encode(provenance)
        self._package = package
        self._env = env
        self._who: dict[tuple[str, str | None, int], Raw] = {}
        self._what: dict[str | None, Raw] = {}

    def who(self, component: str, package: str | None, tid: int) -> Raw:
        """Return the fields from `component` to `tid`."""
        made = self._who.get((component, package, tid))
        if made is None:
            if len(self._who) >= _MAX_CACHED:
                self._who.clear()
            names = encode_str(component), encode_str(package or self._package), encode_str(self._env)
            made = Raw(b'%b,"package":%b,"env":%b,"pid":%d,"tid":%d' % (*names, self._pid, tid))
            self._who[component, package, tid] = made
        return made

    def what(self, span_id: str | None) -> Raw:
        """Return the fields from `trace_id` to `provenance`."""
        made = self._what.get(span_id)
        if made is None:
            if len(self._what) >= _MAX_CACHED:
                self._what.clear()
            span = b"" if span_id is None else b',"span_id":%b' % encode(span_id)
            made = Raw(b'%b%b,"provenance":%b' % (encode(self._trace_id), span, self._provenance))
            self._what[span_id] = made
        return made


def more(context: bytes, duration_ms: float | None, exception: ExceptionInfo | None) -> Raw:
    """Return `context` with the optional fields that follow it in the envelope."""
    if duration_ms is not None:
        context += b',"duration_ms":%b' % encode(duration_ms)
    if exception is not None:
        context += b',"exception":%b' % encode(exception)
    return Raw(context)
