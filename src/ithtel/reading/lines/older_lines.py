"""`envelope_of_flat`: older flat lines, such as `{"ts", "event_type": "data_load", "source", "rows", "session_id"}`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from ithtel.events import DataLoad, Envelope, Json, Provenance, event_type, utc_timestamp

UNKNOWN_SESSION = "unknown"
_OLDER_NAMES = {
    "algorithm_init": "algorithm.init",
    "algorithm_result": "algorithm.result",
    "array_fingerprint": "array.fingerprint",
    "session_start": "session.start",
    "session_end": "session.end",
}
_decoder = msgspec.json.Decoder(dict[str, Any])


class FlatLine(Exception):  # noqa: N818 - never leaves this package
    """A flat line whose fields cannot be read."""


def envelope_of_flat(line: bytes, line_number: int) -> Envelope:
    """Return an older flat line as an envelope of the current format.

    Process and thread are 0 and `seq` counts lines, because the older form has none of them.

    Raises:
        ValueError: The line is not JSON, or not an older flat line.
        FlatLine: It is one, but its time cannot be read.
    """
    fields = _decoder.decode(line)
    name, ts = fields.pop("event_type", None), fields.pop("ts", None)
    if not isinstance(name, str) or not isinstance(ts, str) or "context" in fields or "provenance" in fields:
        raise ValueError("not an older flat line")
    session_id = str(fields.pop("session_id", None) or UNKNOWN_SESSION)
    trace_id = str(fields.pop("trace_id", None) or "0" * 32)
    context = _data_load(fields) if name == "data_load" else {"event_type": _OLDER_NAMES.get(name, name), **fields}
    return Envelope(
        ts=_utc(ts),
        level=str(fields.get("level", "INFO")),
        msg=str(fields.get("msg", name)),
        component=str(fields.get("component", "older")),
        package="ithtel",
        env="development",
        pid=0,
        tid=0,
        seq=line_number - 1,
        trace_id=trace_id,
        provenance=Provenance(session_id=session_id, git_sha=None, input_hash=None, random_seed=None),
        context=msgspec.Raw(msgspec.json.encode(context)),
    )


def _data_load(fields: Json) -> Json:
    load = DataLoad(
        source_path=str(fields.get("source_path", fields.get("source", "unknown"))),
        sha256_hash=fields.get("sha256_hash"),
        input_hash=None,
        size_bytes=None,
        row_count=fields.get("row_count", fields.get("rows")),
        column_count=fields.get("column_count", fields.get("columns")),
        schema=fields.get("schema", {}),
        value_range=fields.get("value_range", {}),
    )
    return {"event_type": event_type(DataLoad), **msgspec.to_builtins(load)}


def _utc(ts: str) -> str:
    try:
        moment = datetime.fromisoformat(ts)
    except ValueError:
        raise FlatLine(f"older flat line: cannot parse the time in 'ts': {ts!r}") from None
    return utc_timestamp((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
