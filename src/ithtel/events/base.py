"""What every event is: a frozen struct, named by its tag, that can say itself in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

SCHEMA_VERSION = 1
"""Raised when a reader of the version before would misread a line; new events and fields do not raise it."""

# The scalar types of the contract (docs/events.md). A float may be null because JSON has no NaN or infinity.
Number = Annotated[float | None, Meta(description="null where the number is not finite")]
Sha256 = Annotated[str, Meta(description="64 hexadecimal digits")]
Digest = Annotated[str, Meta(description="`sha256:` and 64 hexadecimal digits")]
Timestamp = Annotated[str, Meta(description="UTC, ISO 8601, microseconds, `Z`")]
Json = dict[str, Any]
VOLATILE = frozenset({"trace_id", "session_id", "pid", "duration_ms", "overhead_ms", "mtime_ns"})
"""Fields of events that no two runs share."""

Withheld = Literal["absent", "keyed", "derived", "renamed", "parts", "quoted", "unsaid"]
"""What a private session does with a field (`private`; `field.key` names a key of a free mapping).

- `absent`: null, or empty where the field cannot be null.
- `keyed`: a digest becomes another that only who has the session's key could make; `derived`: the digest that a
  generated id ends in does.
- `renamed`: a column's name becomes `column` and eight digits, equal for equal names; `parts`: fingerprints by name,
  in which the names do; `quoted`: the names in quotes within a dtype do.
- `unsaid`: a reason, of which is said only that there was one.
"""
Private = Mapping[str, Withheld]
"""Field → what a private session does with it."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event_type"):
    """Something that happened. A field whose default is None is absent from the line when it is None."""

    level: ClassVar[str] = "INFO"
    free_text: ClassVar[tuple[str, ...]] = ()
    """Fields that may hold anything a user wrote: secrets are searched for in these, and only in these."""
    paths: ClassVar[tuple[str, ...]] = ()
    """Fields that hold a path or a host's identifier: the home folder becomes `~`; secrets are searched for too."""
    payload: ClassVar[tuple[str, ...]] = ()
    """Optional fields that are left out once the log is as long as it may get."""
    is_payload: ClassVar[bool] = False
    """Whether the whole event is left out then."""
    private: ClassVar[Private] = {}
    """What a private session does with which fields: no text, no values, no names of columns, no digest to guess."""

    def sentence(self) -> str:
        """Say it to a person, in one line."""
        return event_type(self)

    @classmethod
    def sentences(cls, columns: Mapping[str, Any]) -> list[str]:
        """Return the sentence of each row of a table: field → a list, or one value for all rows."""
        n = max((len(column) for column in columns.values() if isinstance(column, list)), default=0)
        rows = [column if isinstance(column, list) else [column] * n for column in columns.values()]
        return [cls(**dict(zip(columns, row, strict=True))).sentence() for row in zip(*rows, strict=True)]


class UnknownEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a newer version: its name, and all it carries."""

    event_type: str
    fields: Json


def event_type(event: Event | type[Event]) -> str:
    """Return the name that the contract gives to an event.

    >>> from ithtel.events import Note
    >>> event_type(Note)
    'note'
    """
    return str(event.__struct_config__.tag)
