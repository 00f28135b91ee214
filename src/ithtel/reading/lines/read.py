"""From what a user names to the log that it means."""

from __future__ import annotations

import os
from pathlib import Path

from ithtel.errors import InputError, LogError
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.sessions import choose, newer
from ithtel.reading.lines.source import FileSource

ALL = "all"
LATEST = "-1"


def read(source: str | os.PathLike[str], session: str | int | None = None) -> Log:
    """Open the log that `source` names: a file, a folder (`logs`), a glob, or `LOG@-2`, the session before the latest.

    The rotated and compressed parts of a file belong to it. The latest session is read, unless `session` says
    otherwise: an id, -2 for the one before the latest, `"all"`. What follows `@` in `source` says the same.

    Raises:
        MissingFileError: There is no such file.
        NoSessionError: There is no such session.
        LogError: Nothing in the files can be read, or the session is of a newer version of the format.

    >>> for record in read("logs/ndjson/demo.jsonl@-1"):  # doctest: +SKIP
    ...     print(record.envelope.msg)
    """
    if not isinstance(source, str | os.PathLike):
        raise InputError(f"of a log the file, the folder or LOG@-2 is needed, not {type(source).__name__}")
    path, wanted = _split(os.fspath(source), session)
    log = Log(FileSource(path))
    if wanted == ALL:
        return log
    if not log.sessions and log.problems:
        raise LogError(f"nothing in {str(path)!r} can be read: {log.problems[0]}")
    chosen = log.of_session(choose(log.sessions, wanted, repr(str(path))))
    if chosen.session is not None and (said := newer(chosen.session)) is not None:
        raise LogError(f"{str(path)!r} is {said}")
    return chosen


def names_session(source: str | os.PathLike[str]) -> bool:
    """Say whether it is `LOG@…`, and no file that is called so."""
    head, at, tail = os.fspath(source).rpartition("@")
    return bool(at and head and "/" not in tail and not Path(source).exists())


def _split(source: str, session: str | int | None) -> tuple[Path, str]:
    """Return the path and the session that are meant."""
    head, _, tail = source.rpartition("@")
    has_suffix = names_session(source)
    if has_suffix and session is not None:
        raise InputError(f"{source!r} names a session, and so does session={session!r}: give one of them")
    path = head if has_suffix else source
    wanted = tail if has_suffix else LATEST if session is None else str(session)
    return Path(path).expanduser(), wanted.removeprefix("@")
