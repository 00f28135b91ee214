"""Logs as a front end wants them: the session that is running, tables of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ithtel.errors import InputError, did_you_mean
from ithtel.events import EVENTS, event_type
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.read import read
from ithtel.recording.file.sink import MemorySink
from ithtel.recording.session import Session

if TYPE_CHECKING:
    import os

    import pandas as pd

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.record import Problem


@dataclass(frozen=True, kw_only=True, eq=False)
class Listing:
    """A table from a log, and what could not be read of it."""

    frame: pd.DataFrame
    problems: list[Problem]


def read_session(session: Session) -> Log:
    """Return what `session` has recorded so far, wherever it records to."""
    if isinstance(session.sink, MemorySink):
        return Log.from_lines(session.sink.lines(), session=session.session_id)
    assert session.path is not None  # noqa: S101 - only memory has no path
    return read(session.path, session=session.session_id)


def log_of(source: str | os.PathLike[str] | Log | Session) -> Log:
    """Return the log that a caller means: by its file, as a session that records, or as it is."""
    if isinstance(source, Session):
        return read_session(source)
    return source if isinstance(source, Log) else read(source)


def is_private(source: object, past: History) -> bool:
    """Say whether the digests of a session are keyed: since it began, or by a setting that was changed since."""
    return past.is_private or (isinstance(source, Session) and source.settings.private)


def list_events(source: str | os.PathLike[str], *, kind: str | None = None, summary: bool = False) -> Listing:
    """Return the lines of a log as a table, or how many there are by session, component and type.

    Raises:
        InputError: `kind` is no event of the log, nor one that this version knows.
    """
    log = read(source)
    frame = log.frame()
    if kind is not None:
        known = {event_type(event) for event in EVENTS} | {*frame["event_type"].dropna()}
        if kind not in known:
            raise InputError(f"no event type {kind!r}{did_you_mean(kind, known)}")
        frame = frame[frame["event_type"] == kind]
    if summary:
        keys = ["session_id", "component", "event_type"]
        frame = frame.fillna({"event_type": "(message)"}).groupby(keys, sort=True).size().reset_index(name="n_lines")
    else:
        frame = frame[["seq", "ts", "level", "component", "event_type", "msg"]]
    return Listing(frame=frame.reset_index(drop=True), problems=log.problems)


def list_epochs(source: str | os.PathLike[str]) -> Listing:
    """Return the epochs that a log holds."""
    log = read(source)
    return Listing(frame=log.epochs(), problems=log.problems)
