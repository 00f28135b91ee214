"""`Event`, `UnknownEvent`, `event_type`: the base of all events, and the scalar types of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

SCHEMA_VERSION = 1
"""Increased when an older reader would misread a line; new events and fields do not increase it."""

# The scalar types of the contract (docs/events.md). A float may be null because JSON has no NaN or infinity.
Number = Annotated[float | None, Meta(description="null if the number is not finite")]
Sha256 = Annotated[str, Meta(description="64 hexadecimal digits")]
Digest = Annotated[str, Meta(description="`sha256:` and 64 hexadecimal digits")]
Timestamp = Annotated[str, Meta(description="UTC, ISO 8601, microseconds, `Z`")]
Json = dict[str, Any]
Volatile = Annotated[
    dict[str, int] | None,
    Meta(
        description="what the stable digest leaves out, and how often: `time of day`, `date`, `duration`, `folder`,"
        " `temporary name`, `process id`, `uuid`, `address`"
    ),
]
VOLATILE = frozenset({"trace_id", "session_id", "pid", "duration_ms", "overhead_ms", "mtime_ns"})
"""Fields of events that no two runs share."""

Withheld = Literal["absent", "keyed", "derived", "renamed", "parts", "quoted", "replaced"]
"""What a private session does with a field (`private`; `field.key` names a key of a free mapping).

- `absent`: the field is null, or empty if it cannot be null.
- `keyed`: a digest is replaced by one that can be made only with the session's key; `derived`: so is the digest at
  the end of a generated id.
- `renamed`: the name of a column becomes `column` and eight digits, equal for equal names; `parts`: so do the names in
  a collection of fingerprints; `quoted`: so do the names in quotes within a dtype.
- `replaced`: a reason is replaced by a fixed text.
"""
Private = Mapping[str, Withheld]
"""Field → what a private session does with it."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event_type"):
    """Something that happened. A field whose default is None is omitted from the line when it is None."""

    level: ClassVar[str] = "INFO"
    free_text: ClassVar[tuple[str, ...]] = ()
    """Fields that may hold text by the user: only in these and in `paths` are secrets searched for."""
    paths: ClassVar[tuple[str, ...]] = ()
    """Fields that hold a path or an identifier of the host: the home folder becomes `~`, and secrets are replaced."""
    payload: ClassVar[tuple[str, ...]] = ()
    """Optional fields that are omitted once the log has reached its maximum size."""
    is_payload: ClassVar[bool] = False
    """Whether the whole event is omitted then."""
    private: ClassVar[Private] = {}
    """What a private session does with which fields: it records no text, value, column name or guessable digest."""

    def sentence(self) -> str:
        """Describe the event in one line for a person."""
        return event_type(self)

    @classmethod
    def sentences(cls, columns: Mapping[str, Any]) -> list[str]:
        """Return the sentence of each row of a table: field → a list, or one value for all rows."""
        n = max((len(column) for column in columns.values() if isinstance(column, list)), default=0)
        rows = [column if isinstance(column, list) else [column] * n for column in columns.values()]
        return [cls(**dict(zip(columns, row, strict=True))).sentence() for row in zip(*rows, strict=True)]


class UnknownEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a newer version: its name and all its fields."""

    event_type: str
    fields: Json


def event_type(event: Event | type[Event]) -> str:
    """Return the published name of an event.

    >>> from ithtel.events import Note
    >>> event_type(Note)
    'note'
    """
    return str(event.__struct_config__.tag)
