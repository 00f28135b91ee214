"""`Envelope`, `Provenance`, `ExceptionInfo`: the fields that every line of a log has around its context."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from ithtel.events.base import Digest, Json, Number, Timestamp

LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
"""Level names and numbers, as in loguru."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the line depends on."""

    session_id: str
    git_sha: Annotated[str | None, Meta(description="first 8 digits of the commit")]
    input_hash: Digest | None
    random_seed: int | None
    experiment_id: str | None = None
    config_hash: Digest | None = None


class ExceptionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An exception that was logged."""

    type: str
    value: str
    traceback: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a log."""

    ts: Annotated[Timestamp, Meta(description="taken once, when the event is made")]
    level: str
    msg: Annotated[str, Meta(description="a sentence for a person")]
    component: Annotated[str, Meta(description="what emitted the line")]
    package: Annotated[str, Meta(description="`ithtel`, or the package that logged the message")]
    env: str
    pid: int
    tid: int
    seq: Annotated[int, Meta(description="0, 1, 2 … without gaps within a session and process")]
    trace_id: Annotated[str, Meta(description="32 hexadecimal digits, one per experiment or session")]
    span_id: Annotated[str | None, Meta(description="16 hexadecimal digits: the cell run")] = None
    provenance: Provenance
    context: Annotated[msgspec.Raw, Meta(description="an event, or the values bound to a plain message")]
    duration_ms: Number = None
    exception: ExceptionInfo | None = None


def utc_timestamp(seconds: float) -> str:
    """Return a time in seconds since 1970 as a timestamp of the log format.

    >>> utc_timestamp(1769351452.123456)
    '2026-01-25T14:30:52.123456Z'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def fields_of(context: msgspec.Raw) -> Json:
    """Return all fields of a context, known or not."""
    return msgspec.json.decode(context, type=Json)
