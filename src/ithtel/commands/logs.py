"""Logs as a front end wants them: the session that is running, the picture of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.reading import Log, read
from ithtel.reading.timeline import timeline as timeline_of
from ithtel.recording.session import Session
from ithtel.recording.sink import MemorySink
from ithtel.viewer.figure import Picture

if TYPE_CHECKING:
    import os


def read_session(session: Session) -> Log:
    """Return what `session` has recorded so far, wherever it records to."""
    if isinstance(session.sink, MemorySink):
        return Log.from_lines(session.sink.lines(), session=session.session_id)
    assert session.path is not None  # noqa: S101 - only memory has no path
    return read(session.path, session=session.session_id)


def timeline(source: str | os.PathLike[str] | Log | Session, theme: str = "auto") -> Picture:
    """Return a log as a picture: its series with the epochs, its cells, seeds, data and algorithms in order.

    Args:
        source: A log file, folder or glob, `LOG@-2` for the session before the latest, a `Log`, or a session.
        theme: `light`, `dark`, or `auto` for a picture that is legible on both.

    Raises:
        MissingFileError: There is no such file.
        LogError: It is not a log.
    """
    log = read_session(source) if isinstance(source, Session) else source if isinstance(source, Log) else read(source)
    return Picture(timeline_of(log), theme=theme)
