"""Two records compared, as every front end wants it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ithtel.commands.log.source import read_session
from ithtel.errors import InputError, LogError
from ithtel.reading.diff.diff import diff as compare
from ithtel.reading.history.build import history
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.object_store import Contents
from ithtel.reading.lines.read import names_session, read
from ithtel.reading.lines.sessions import version_problem
from ithtel.recording.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.reading.diff.verdict import Difference
    from ithtel.reading.history.values import History
    from ithtel.reading.lines.record import Problem

    Source = str | os.PathLike[str] | Log | Session


def diff(a: Source, b: Source | None = None, rtol: float | None = None, atol: float | None = None) -> Difference:
    """Compare two sessions cell by cell: what is the same, where they first part, and why.

    Args:
        a: The record that is compared with: a log (`LOG@-2` for the session before the latest), a `Log`, a session.
        b: The other one; unless given, the last two sessions of `a` are compared.
        rtol: Relative tolerance of numbers.
        atol: Absolute tolerance.

    Raises:
        InputError: A tolerance is negative, or only one session is given.
        MissingFileError: There is no such file.
        NoSessionError: There is no such session.
        LogError: It is no log, of a newer version, or one of two sessions is private.

    Example:
        >>> from ithtel.reading.lines.log import Log
        >>> log = Log.from_lines([])
        >>> diff(log, log).is_identical
        True
    """
    if b is None:
        if not isinstance(a, str | os.PathLike):
            raise InputError("one session is given; two are possible, or the file of a log that holds two")
        if names_session(a):
            raise InputError(
                f"{os.fspath(a)!r} is one session: name a second one to compare it with, "
                "or the log alone for its last two"
            )
        ours, theirs = read(a, session=-2), read(a, session=-1)
    else:
        ours, theirs = opened(a), opened(b)
    contents = Contents.beside(ours, theirs)
    difference = compare(history_of(ours), history_of(theirs), rtol, atol, contents=contents)
    for log, which in ((theirs, "second"), (ours, "first")):
        if log.problems:
            difference = difference.with_note(_unread(log.problems, which))
    return difference


def changed(session: Session) -> Difference | None:
    """Compare a session, as far as it has come, with the last one of the same notebook; None where there is none."""
    log = read_session(session)
    earlier = [each for each in log.sessions if each.session_id != session.session_id]
    if not earlier:
        return None
    before = log.of_session(earlier[-1].session_id)
    return compare(history_of(before), history_of(log), contents=Contents.beside(log), is_partial=True)


def opened(source: Source) -> Log:
    """Return the log that is meant."""
    if isinstance(source, Session):
        return read_session(source)
    return source if isinstance(source, Log) else read(source)


def history_of(log: Log) -> History:
    """Return what ran.

    Raises:
        LogError: The log is of a newer version.
    """
    found = history(log)
    if (problem := version_problem(repr(log.name), found.schema_version)) is not None:
        raise LogError(problem)
    return found


def _unread(problems: Sequence[Problem], which: str) -> str:
    """Say what could not be read of a record: what a comparison misses may be in it."""
    where = f"line {problems[0].line_number}: " if problems[0].line_number else ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"the {which} record, {where}{problems[0].message}{more}"
