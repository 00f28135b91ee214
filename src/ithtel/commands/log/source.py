"""`log_of`, `history_of`: the one way from what a user names (a path, `LOG@-2`, a session, a `Log`) to its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.errors import LogError
from ithtel.reading.history.build import history
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.read import read
from ithtel.reading.lines.sessions import version_problem
from ithtel.recording.file.sink import MemorySink
from ithtel.recording.session import Session

if TYPE_CHECKING:
    import os

    from ithtel.reading.history.values import History

    Source = str | os.PathLike[str] | Log | Session


def log_of(source: Source, *, session: str | int | None = None) -> Log:
    """Return the log that a caller means.

    Args:
        source: A log file, folder or glob, `LOG@-2` for the session before the latest, a `Log`, or a session.
        session: For a path: an id, -2 for the session before the latest, or `"all"`.

    Raises:
        InputError: It is none of these, or names two sessions.
        MissingFileError: There is no such file.
        NoSessionError: There is no such session.
        LogError: It is not a log.
    """
    if isinstance(source, Session):
        return read_session(source)
    return source if isinstance(source, Log) else read(source, session=session)


def read_session(session: Session) -> Log:
    """Return what `session` has recorded so far, in a file or in memory."""
    if isinstance(session.sink, MemorySink):
        return Log.from_lines(session.sink.lines(), session=session.session_id)
    assert session.path is not None  # noqa: S101 - only a memory sink has no path
    return read(session.path, session=session.session_id)


def history_of(log: Log) -> History:
    """Return the executions of a log.

    Raises:
        LogError: The log is of a newer version.
    """
    version = None if log.session is None else log.session.schema_version
    if (problem := version_problem(repr(log.name), version)) is not None:
        raise LogError(problem)
    return history(log)


def is_private(source: object, past: History) -> bool:
    """Return whether the digests of a session are keyed, from its start or by a setting that was changed later."""
    return past.is_private or (isinstance(source, Session) and source.settings.private)
