"""`lnav_format`: the format file with which lnav, a log viewer for terminals, reads ithtel's logs."""

from __future__ import annotations

import msgspec

from ithtel.events import Envelope

NAME = "ithtel_ndjson"
"""Also the name of the table in lnav's SQL."""
_LEVELS = {"trace": "TRACE", "debug": "DEBUG", "info": "INFO", "notice": "SUCCESS", "warning": "WARNING",
           "error": "ERROR", "critical": "CRITICAL"}  # fmt: skip
_NUMBERS = {"pid": "integer", "tid": "integer", "seq": "integer", "duration_ms": "float"}
_NESTED = {"provenance": "json", "context": "json", "exception": "json"}
_NAMES = {"component", "package", "env", "trace_id", "span_id"}
"""The fields that lnav colours by their value, and counts."""
_SHOWN = {"ts", "level", "msg", "component"}


def lnav_format() -> str:
    """Return the format as JSON: `ithtel lnav-format > ithtel.json && lnav -i ithtel.json`.

    >>> import json
    >>> list(json.loads(lnav_format()))[1]
    'ithtel_ndjson'
    """
    values = {name: _value(name) for name in Envelope.__struct_fields__ if name not in ("ts", "level", "msg")}
    definition = {
        "title": "ithtel", "description": "Recorded notebook sessions (docs/LOGGING.md)",
        "file-type": "json", "json": True, "hide-extra": True, "convert-to-local-time": False,
        "timestamp-field": "ts", "timestamp-format": ["%Y-%m-%dT%H:%M:%S.%fZ"],
        "level-field": "level", "level": _LEVELS, "body-field": "msg", "opid-field": "span_id",
        "module-field": "component",
        "line-format": [
            {"field": "__timestamp__"}, " ", {"field": "level", "min-width": 7, "text-transform": "lowercase"}, " ",
            {"field": "component", "min-width": 10}, " ", {"field": "msg"},
        ],
        "value": values,
    }  # fmt: skip
    document = {"$schema": "https://lnav.org/schemas/format-v1.schema.json", NAME: definition}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _value(name: str) -> dict[str, object]:
    kind = _NUMBERS.get(name) or _NESTED.get(name) or "string"
    value: dict[str, object] = {"kind": kind, "hidden": name not in _SHOWN}
    return {**value, "identifier": True} if name in _NAMES else value
