"""`diff`, `changed`: compare two recorded sessions cell by cell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ithtel.commands.log.source import history_of, log_of, read_session
from ithtel.errors import InputError
from ithtel.reading.diff.diff import diff as compare
from ithtel.reading.lines.object_store import Contents
from ithtel.reading.lines.read import names_session, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.commands.log.source import Source
    from ithtel.reading.diff.verdict import Difference
    from ithtel.reading.lines.record import Problem
    from ithtel.recording.session import Session


def diff(a: Source, b: Source | None = None, rtol: float | None = None, atol: float | None = None) -> Difference:
    """Compare two sessions cell by cell: what is the same, where they first differ, and why.

    Args:
        a: The first session: a log (`LOG@-2` for the session before the latest), a `Log`, or a session.
        b: The second one; if not given, the last two sessions of `a` are compared.
        rtol: Relative tolerance of numbers.
        atol: Absolute tolerance.

    Raises:
        InputError: A tolerance is negative, or only one session is given.
        MissingFileError: There is no such file.
        NoSessionError: There is no such session.
        LogError: It is not a log, is of a newer version, or one of the sessions is private.

    Example:
        >>> from ithtel.reading.lines.log import Log
        >>> log = Log.from_lines([])
        >>> diff(log, log).is_identical
        True
    """
    if b is None:
        if not isinstance(a, str | os.PathLike):
            raise InputError("expected two sessions, or the file of a log with two, got one")
        if names_session(a):
            raise InputError(
                f"{os.fspath(a)!r} is one session: name a second one, or the log alone to compare its last two"
            )
        ours, theirs = read(a, session=-2), read(a, session=-1)
    else:
        ours, theirs = log_of(a), log_of(b)
    contents = Contents.beside(ours, theirs)
    difference = compare(history_of(ours), history_of(theirs), rtol, atol, contents=contents)
    for log, which in ((theirs, "second"), (ours, "first")):
        if log.problems:
            difference = difference.with_note(_unread(log.problems, which))
    return difference


def changed(session: Session) -> Difference | None:
    """Compare a running session with the previous one of the same notebook; None if there is none."""
    log = read_session(session)
    earlier = [each for each in log.sessions if each.session_id != session.session_id]
    if not earlier:
        return None
    before = log.of_session(earlier[-1].session_id)
    return compare(history_of(before), history_of(log), contents=Contents.beside(log), is_partial=True)


def _unread(problems: Sequence[Problem], which: str) -> str:
    """Return a note on lines that could not be read: a comparison may miss what they held."""
    where = f"line {problems[0].line_number}: " if problems[0].line_number else ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"the {which} log, {where}{problems[0].message}{more}"
