"""The published contract, as the independent jsonschema package reads it."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import jsonschema

from ithtel.events import EVENTS, Envelope, event_type, published

if TYPE_CHECKING:
    from pathlib import Path

ENVELOPE = "envelope"
_seen: set[tuple[str, ...]] = set()


@functools.cache
def validators() -> dict[str, jsonschema.Draft202012Validator]:
    """Return what validates each type of event, and the envelope."""
    schemas: dict[str, Any] = {event_type(event): published.schema_of(event) for event in EVENTS}
    schemas[ENVELOPE] = published.schema_of(Envelope)
    return {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}


def validate(log: Path) -> None:
    """Fail for a line that is not in the contract; of lines with the same fields, one in the whole run is enough."""
    for raw in log.read_bytes().splitlines():
        try:
            line = json.loads(raw)
        except ValueError:
            continue  # torn or spoilt on purpose; that whole lines are written has tests of its own
        if "context" not in line:
            continue  # what a test of the sinks writes
        kind = line["context"].get("event_type")
        fields = (str(kind), *sorted(line), "context", *sorted(line["context"]))
        if fields in _seen:
            continue
        _seen.add(fields)
        validators()[ENVELOPE].validate(line)
        if kind in validators():
            validators()[kind].validate(line["context"])
