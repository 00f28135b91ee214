"""`Log`: the records of a log as a value that can be iterated repeatedly and is streamed each time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar, overload

from ithtel.events import Event, UnknownEvent
from ithtel.plain_text import place
from ithtel.reading.lines.record import Problem, Problems, Record
from ithtel.reading.lines.sessions import SessionIndex, SessionInfo
from ithtel.reading.lines.source import FileSource, MemorySource, Stream, merged

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

_E = TypeVar("_E", bound=Event)


class Log:
    """The records of one session of a log, or of all sessions; made by `read` or `Log.from_lines`.

    No records are kept in memory: each iteration reads the files again. Records are in the order of their lines within
    a file, and in the order of `ts`, `pid` and `seq` across files.
    """

    def __init__(self, source: FileSource | MemorySource, session_id: str | None = None) -> None:
        self._source = source
        self._session_id = session_id
        self._problems: tuple[object, list[Problem]] | None = None
        self._index: tuple[object, list[list[SessionInfo]]] | None = None

    @classmethod
    def from_lines(cls, lines: Iterable[bytes], session: str | None = None) -> Log:
        """Return the log of lines in memory; `session` is the id of one session, None means all.

        >>> Log.from_lines([b"garbage"]).problems
        [Problem(path='<memory>', line_number=1, message='not JSON: invalid character (byte 0)')]
        """
        return cls(MemorySource(list(lines) if isinstance(lines, Iterator) else lines), session)

    @property
    def name(self) -> str:
        """The name of the source: a path, a glob or `<memory>`."""
        return self._source.name

    @property
    def session_id(self) -> str | None:
        """The id of the session that is read; None if all are."""
        return self._session_id

    def of_session(self, session_id: str) -> Log:
        """Return the log of one session; the index of the files is kept."""
        log = Log(self._source, session_id)
        log._index = self._index
        return log

    def __repr__(self) -> str:
        return f"Log({place(self.name)!r})"

    def __iter__(self) -> Iterator[Record]:
        state, problems = self._source.state(), Problems()
        yield from merged(self._streams(), problems, self._session_id)
        self._problems = (state, list(problems))

    @property
    def problems(self) -> list[Problem]:
        """Everything that could not be read or is malformed, in order; reads the log unless it has been read."""
        if self._problems is None or self._problems[0] != self._source.state():
            for _ in self:
                pass
        return [] if self._problems is None else self._problems[1]

    @property
    def sessions(self) -> list[SessionInfo]:
        """All sessions in the files, oldest first."""
        found = self._indexed()
        return found[0] if len(found) == 1 else list(heapq.merge(*found, key=lambda session: session.start_time))

    @property
    def session(self) -> SessionInfo | None:
        """The session that is read; the latest if all are read; None if there is none."""
        sessions = [each for each in self.sessions if self._session_id in (None, each.session_id)]
        return sessions[-1] if sessions else None

    @overload
    def events(self) -> Iterator[Event | UnknownEvent]: ...
    @overload
    def events(self, kind: type[_E]) -> Iterator[_E]: ...
    @overload
    def events(self, kind: str) -> Iterator[Event | UnknownEvent]: ...
    def events(self, kind: type[Event] | str | None = None) -> Iterator[Event | UnknownEvent]:
        """Yield the events, all of them or those of one kind: a struct, or the name of an event.

        >>> list(Log.from_lines([]).events("note"))
        []
        """
        for record in self:
            event = record.event
            if event is None:
                continue
            if kind is None or (record.event_type == kind if isinstance(kind, str) else isinstance(event, kind)):
                yield event

    def frame(self) -> pd.DataFrame:
        """Return all records as a table, one row per line; see `ithtel.reading.lines.tables`."""
        from ithtel.reading.lines.tables import records_frame

        return records_frame(self)

    def epochs(self) -> pd.DataFrame:
        """Return all epochs as a table: the fields of `epoch_detected`, `session_id`, and `pid` if runs share an id."""
        from ithtel.reading.lines.tables import epochs_frame

        return epochs_frame(self)

    def _streams(self) -> list[Stream]:
        """Return the streams to read: if there are several, those that contain the session."""
        streams = self._source.streams()
        if self._session_id is None or len(streams) == 1:
            return streams
        holds = [any(each.session_id == self._session_id for each in sessions) for sessions in self._indexed()]
        return [stream for stream, has in zip(streams, holds, strict=False) if has]

    def _indexed(self) -> list[list[SessionInfo]]:
        """Return the sessions of each stream; indexed again when the files have changed."""
        state = self._source.state()
        if self._index is None or self._index[0] != state:
            self._index = (state, [_sessions_of(stream) for stream in self._source.streams()])
        return self._index[1]


def _sessions_of(stream: Stream) -> list[SessionInfo]:
    index = SessionIndex()
    index.add_all(stream.envelopes(Problems()), stream.name)
    return index.sessions()
