"""Checking a log: was it changed since it was written, does each line fit the schemas?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ithtel.errors import InputError, NoSessionError
from ithtel.events import EVENTS, UnknownEvent, event_type
from ithtel.reading.lines.files import find_files
from ithtel.reading.lines.read import read
from ithtel.reading.lines.record import Problem
from ithtel.reading.lines.sessions import version_problem
from ithtel.reading.verify.verify import Verification, verify_files

_DIGITS = 64


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What `ithtel verify` says."""

    verification: Verification
    is_expected: bool | None
    """Whether the digest that was expected is one of this log's; None where none was given."""

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against the log. A crash does not."""
        return self.verification.finding is None and self.is_expected is not False

    def lines(self) -> list[str]:
        """Return the verdict as lines of text: the finding first, then a line a session and process."""
        found = self.verification
        first = f"changed: {found.finding}" if found.finding is not None else found.status
        if self.is_expected is False:
            first += ", but not the log expected: no such digest"
        elif self.is_expected:
            is_whole = found.finding is None
            first += ", and it is the log expected" if is_whole else "; of the log expected, it holds the digest only"
        return [first, *map(_chain_line, found.chains)]


def verify(source: str | os.PathLike[str], expect: str | None = None) -> Verdict:
    """Return whether a log is as it was written, by its numbers and seals.

    Args:
        source: A log, a folder of logs, a glob: all sessions in it; or `LOG@-1`, one session.
        expect: A digest that was kept elsewhere: of the whole log, or of one of its seals.

    Raises:
        MissingFileError: There is no such file.
        NoSessionError: There is no session in it.
        LogError: A file cannot be opened, or not be read to its end.
        InputError: `expect` is no digest.
    """
    if expect is not None:
        expect = expect.lower().removeprefix("sha256:").strip()
        if len(expect) != _DIGITS or not set(expect) <= set("0123456789abcdef"):
            raise InputError(f"{expect!r} is no digest: 64 hexadecimal digits are needed")
    name, session_id = os.fspath(source), None
    if "@" in name and not Path(name).exists():
        session_id = read(name).session_id
        name = name.rpartition("@")[0]
    groups = [group.paths for group in find_files(Path(name).expanduser())]
    found = verify_files(groups, session_id)
    if not found.chains:
        why = "it is empty" if found.finding is None else f"no line can be read ({found.finding})"
        raise NoSessionError(f"no session in {name!r}: {why}")
    return Verdict(verification=found, is_expected=None if expect is None else found.covers(expect))


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What `ithtel validate` says."""

    n_lines: int
    n_unknown: int
    """Events of a newer version, which no schema here describes."""
    problems: list[Problem]


def validate(source: str | os.PathLike[str]) -> Validation:
    """Return which lines of a log do not fit the schemas, and how many there are.

    Raises:
        MissingFileError: There is no such file.
    """
    log = read(source, None if "@" in os.fspath(source) and not Path(source).exists() else "all")
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


def _chain_line(chain: object) -> str:
    from ithtel.reading.verify.chains import ChainVerdict

    assert isinstance(chain, ChainVerdict)  # noqa: S101 - for the type checker
    tail = f", {chain.n_unsealed} after the last seal" if chain.n_unsealed else ""
    return f"{chain.session_id} process {chain.pid}: {chain.status}, {chain.n_lines} lines{tail}, digest {chain.digest}"
