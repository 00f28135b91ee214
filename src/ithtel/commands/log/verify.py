"""`verify`, `validate`: whether a log was changed after it was written, and whether its lines fit the schemas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.errors import InputError, NoSessionError
from ithtel.events import EVENTS, UnknownEvent, event_type
from ithtel.reading.lines.files import find_files
from ithtel.reading.lines.read import ALL, names_session, read
from ithtel.reading.lines.record import Problem
from ithtel.reading.lines.sessions import version_problem
from ithtel.reading.verify.verify import Verification, verify_files

if TYPE_CHECKING:
    import os

    from ithtel.reading.lines.log import Log
    from ithtel.reading.verify.chains import ChainVerdict

_DIGITS = 64


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The result of `ithtel verify`."""

    verification: Verification
    is_expected: bool | None
    """Whether the expected digest is one of this log's; None if none was given."""

    @property
    def is_good(self) -> bool:
        """Whether the log is as it was written and as expected. A crash does not count against it."""
        return self.verification.finding is None and self.is_expected is not False

    def lines(self) -> list[str]:
        """Return the verdict as lines of text: the finding first, then one line per session and process."""
        found = self.verification
        first = f"changed: {found.finding}" if found.finding is not None else found.status
        if self.is_expected is False:
            first += ", but not the expected log: it has no such digest"
        elif self.is_expected:
            is_whole = found.finding is None
            first += ", and it is the expected log" if is_whole else "; it contains the expected digest"
        return [first, *map(_chain_line, found.chains)]


def verify(source: str | os.PathLike[str], expect: str | None = None) -> Verdict:
    """Return whether a log is as it was written, judging by its sequence numbers and seals.

    Args:
        source: A log, a folder of logs, a glob: all sessions in it; or `LOG@-1`, one session.
        expect: A digest that was stored elsewhere: of the whole log, or of one of its seals.

    Raises:
        MissingFileError: There is no such file.
        NoSessionError: There is no session in it.
        LogError: A file cannot be opened, or cannot be read to its end.
        InputError: `expect` is not a digest.
    """
    if expect is not None:
        expect = expect.lower().removeprefix("sha256:").strip()
        if len(expect) != _DIGITS or not set(expect) <= set("0123456789abcdef"):
            raise InputError(f"expected a digest of 64 hexadecimal digits, got {expect!r}")
    log = _named_session(source) or read(source, ALL)
    found = verify_log(log)
    if not found.chains:
        reason = "it is empty" if found.finding is None else f"no line can be read ({found.finding})"
        raise NoSessionError(f"no session in {log.name!r}: {reason}")
    return Verdict(verification=found, is_expected=None if expect is None else found.covers(expect))


def verify_log(log: Log) -> Verification:
    """Verify the files of a log: the session that it reads, or all sessions in them."""
    return verify_files([group.paths for group in find_files(Path(log.name))], log.session_id)


@dataclass(frozen=True, kw_only=True)
class Validation:
    """The result of `ithtel validate`."""

    n_lines: int
    n_unknown: int
    """Events of a newer version, for which there is no schema here."""
    problems: list[Problem]


def validate(source: str | os.PathLike[str]) -> Validation:
    """Return the lines of a log that do not fit the schemas, and the number of lines.

    Raises:
        MissingFileError: There is no such file.
    """
    log = _named_session(source) or read(source, ALL)
    n_lines = n_unknown = 0
    known = {event_type(event) for event in EVENTS}
    for record in log:
        n_lines += 1
        n_unknown += isinstance(record.event, UnknownEvent) and record.event_type not in known
    later = [
        Problem(log.name, 0, problem)
        for each in log.sessions
        if (problem := version_problem(f"session {each.session_id}", each.schema_version))
    ]
    return Validation(n_lines=n_lines, n_unknown=n_unknown, problems=[*log.problems, *later])


def _named_session(source: str | os.PathLike[str]) -> Log | None:
    """Return the log of `LOG@-2`; None if no session is named."""
    return read(source) if names_session(source) else None


def _chain_line(chain: ChainVerdict) -> str:
    tail = f", {chain.n_unsealed} after the last seal" if chain.n_unsealed else ""
    return f"{chain.session_id} process {chain.pid}: {chain.status}, {chain.n_lines} lines{tail}, digest {chain.digest}"
