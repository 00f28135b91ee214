"""`Record`, `Problem`, `Problems`: what reading a line returns or reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.events import Envelope, Event, Json, UnknownEvent, event_type, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PROBLEMS = 10_000


class Record(msgspec.Struct, frozen=True, gc=False):
    """One line of a log, decoded; positional because making one is the innermost loop of reading.

    `path` names the source: a file, or `<memory>`. `raw` is the line without its line feed.
    """

    envelope: Envelope
    event: Event | UnknownEvent | None
    path: str
    line_number: int
    raw: bytes

    @property
    def event_type(self) -> str | None:
        """The name of the event; None for a plain message."""
        if self.event is None:
            return None
        return self.event.event_type if isinstance(self.event, UnknownEvent) else event_type(self.event)

    @property
    def context(self) -> Json:
        """All fields of the line's context, known to this version or not."""
        return fields_of(self.envelope.context)

    @property
    def session_id(self) -> str:
        """The session that wrote the line."""
        return self.envelope.provenance.session_id


class Problem(msgspec.Struct, frozen=True):
    """Something in a log that could not be read or is malformed; `line_number` is 0 for the file as a whole.

    >>> print(Problem("logs/ndjson/demo.jsonl", 3, "not JSON"))
    logs/ndjson/demo.jsonl, line 3: not JSON
    """

    path: str
    line_number: int
    message: str

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line_number}" if self.line_number else self.path
        return f"{where}: {self.message}"


class Problems:
    """Collects problems; beyond `limit` it only counts them, so that a file of garbage cannot fill the memory."""

    def __init__(self, limit: int = MAX_PROBLEMS) -> None:
        self._limit = limit
        self._kept: list[Problem] = []
        self._n_more = 0

    def add(self, path: str, line_number: int, message: str) -> None:
        """Add one problem."""
        if len(self._kept) < self._limit:
            self._kept.append(Problem(path, line_number, message))
        else:
            self._n_more += 1

    def __iter__(self) -> Iterator[Problem]:
        yield from self._kept
        if self._n_more:
            yield Problem(self._kept[-1].path, 0, f"{self._n_more} more problems are not listed")
