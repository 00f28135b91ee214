"""`read`, `names_session`: open the log that a user names."""

from __future__ import annotations

import os
from pathlib import Path

from ithtel.errors import InputError, LogError
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.sessions import choose, version_problem
from ithtel.reading.lines.source import FileSource

ALL = "all"
LATEST = "-1"


def read(source: str | os.PathLike[str], session: str | int | None = None) -> Log:
    """Open the log that `source` names: a file, a folder (`logs`), a glob, or `LOG@-2`, the session before the latest.

    The rotated and compressed parts of a file belong to it. The latest session is read unless `session` names another:
    an id, -2 for the one before the latest, or `"all"`. A suffix `@…` of `source` does the same.

    Raises:
        MissingFileError: There is no such file.
        NoSessionError: There is no such session.
        LogError: Nothing in the files can be read, or the session has a newer schema version.

    >>> for record in read("logs/ndjson/demo.jsonl@-1"):  # doctest: +SKIP
    ...     print(record.envelope.msg)
    """
    if not isinstance(source, str | os.PathLike):
        raise InputError(f"expected a log file, a folder or LOG@-2, got {type(source).__name__}")
    path, wanted = _split(os.fspath(source), session)
    log = Log(FileSource(path))
    if wanted == ALL:
        return log
    if not log.sessions and log.problems:
        raise LogError(f"cannot read anything in {str(path)!r}: {log.problems[0]}")
    chosen = log.of_session(choose(log.sessions, wanted, repr(str(path))))
    info = chosen.session
    if info is not None and (problem := version_problem(repr(str(path)), info.schema_version)) is not None:
        raise LogError(problem)
    return chosen


def names_session(source: str | os.PathLike[str]) -> bool:
    """Return whether `source` is `LOG@…`, and not the name of an existing file."""
    head, at, tail = os.fspath(source).rpartition("@")
    return bool(at and head and "/" not in tail and not Path(source).exists())


def _split(source: str, session: str | int | None) -> tuple[Path, str]:
    """Return the path and the session that `source` and `session` name."""
    head, _, tail = source.rpartition("@")
    has_suffix = names_session(source)
    if has_suffix and session is not None:
        raise InputError(f"{source!r} and session={session!r} both name a session: give only one of them")
    path = head if has_suffix else source
    wanted = tail if has_suffix else LATEST if session is None else str(session)
    return Path(path).expanduser(), wanted.removeprefix("@")
