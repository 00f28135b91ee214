"""`records`, `envelopes`: lines decoded, and messages about lines that cannot be decoded."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.events import EVENTS, Envelope, Event, UnknownEvent, decode_envelope, decode_event, fields_of
from ithtel.reading.lines.blocks import OVERLONG
from ithtel.reading.lines.older_lines import FlatLine, envelope_of_flat
from ithtel.reading.lines.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ithtel.reading.lines.record import Problems

BOM = b"\xef\xbb\xbf"
UNREADABLE = (ValueError, RecursionError)
"""What msgspec raises on bytes that are not an event: its own errors and UnicodeDecodeError are ValueErrors."""

# One pass over a known event: twice as fast as the tag first and the struct after it (0.46 and 0.87 µs per epoch).
_decode_known = msgspec.json.Decoder(functools.reduce(operator.or_, EVENTS)).decode


def records(
    blocks: Iterable[tuple[int, list[bytes]]], path: str, problems: Problems, session_id: str | None
) -> Iterator[Record]:
    """Yield a record for each line that can be read, of one session or (None) of all."""
    for start, lines in blocks:
        for number, raw in enumerate(lines, start):
            try:
                envelope = decode_envelope(raw)
            except UNREADABLE as error:
                recovered = recover(raw, number, path, problems, error)
                if recovered is None:
                    continue
                envelope = recovered
            if session_id is not None and envelope.provenance.session_id != session_id:
                continue
            try:
                event: Any = _decode_known(envelope.context)
            except UNREADABLE:
                event = _other_event(envelope, number, path, problems)
                if event is _BROKEN:
                    continue
            yield Record(envelope, event, path, number, raw)


def envelopes(
    blocks: Iterable[tuple[int, list[bytes]]], path: str, problems: Problems
) -> Iterator[tuple[Envelope, bytes]]:
    """Yield each line that has an envelope, as the envelope and the raw line."""
    for start, lines in blocks:
        for number, raw in enumerate(lines, start):
            try:
                yield decode_envelope(raw), raw
            except UNREADABLE as error:
                envelope = recover(raw, number, path, problems, error)
                if envelope is not None:
                    yield envelope, raw


def recover(raw: bytes, number: int, path: str, problems: Problems, error: Exception) -> Envelope | None:
    """Return the envelope of a line that does not decode: after a byte order mark, torn, or in the older flat form."""
    if raw is OVERLONG:
        return None
    line = raw
    if number == 1 and raw.startswith(BOM):
        problems.add(path, number, "the file starts with a byte order mark")
        line = raw[len(BOM) :]
    try:
        return decode_envelope(line) if line is not raw else envelope_of_flat(line, number)
    except FlatLine as flat:
        problems.add(path, number, str(flat))
    except UNREADABLE as second:
        if (whole := _after_torn(line)) is not None:
            problems.add(path, number, "the end of the line before this one is missing")
            return whole
        problems.add(path, number, explain(line, second if line is not raw else error))
    return None


def _after_torn(line: bytes) -> Envelope | None:
    """Return the envelope of a line that follows the torn beginning of another, as after a full disk."""
    at = line.rfind(b'{"ts":"', 1)
    try:
        return decode_envelope(line[at:]) if at > 0 else None
    except UNREADABLE:
        return None


def explain(line: bytes, error: Exception) -> str:
    """Return a message that says why `line` is not an envelope."""
    if not line.strip():
        return "empty line"
    if isinstance(error, msgspec.ValidationError):
        return f"not an envelope: {_at(error)}"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte 0x{error.object[error.start]:02x}"
    if "truncated" in str(error):
        return "the line is truncated"
    return f"not JSON: {str(error).removeprefix('JSON is malformed: ')}"


class _Broken:
    """Stands for a context that is not an object."""


_BROKEN = _Broken()


def _other_event(
    envelope: Envelope, number: int, path: str, problems: Problems
) -> Event | UnknownEvent | _Broken | None:
    """Return the content of a context that is not a valid known event: a plain message, a newer event, a broken one.

    A known event with a wrong field is kept as an UnknownEvent, so that its other fields are not lost.
    """
    try:
        event = decode_event(envelope.context)
        if event is None:
            fields_of(envelope.context)  # the decoder of the tag does not look into what it skips
    except UNREADABLE as error:
        try:
            fields = fields_of(envelope.context)
        except UNREADABLE as worse:
            problems.add(path, number, _at(worse, "context"))
            return _BROKEN
        name = fields.pop("event_type", None)
        problems.add(path, number, f"event {name!r}: {_at(error, 'context')}")
        return UnknownEvent(event_type=str(name), fields=fields)
    return event


def _at(error: Exception, within: str = "") -> str:
    """Return msgspec's message, the field first: `field 'context.text': expected 'str', got 'int'`."""
    what, _, where = str(error).replace("`", "'").partition(" - at ")
    field = ".".join(part for part in (within, where.strip("'").removeprefix("$").removeprefix(".")) if part)
    message = what[:1].lower() + what[1:]
    return f"field '{field}': {message}" if field else message
