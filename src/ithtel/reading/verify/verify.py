"""`verify_files`, `Verification`: whether a log has no gaps and its seals match (`ithtel.events.format.seal`)."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.errors import LogError
from ithtel.events import Envelope, SessionStart, decode_envelope, decode_event
from ithtel.reading.lines.blocks import blocks
from ithtel.reading.lines.files import unfolded
from ithtel.reading.lines.parse import UNREADABLE
from ithtel.reading.lines.record import Problems
from ithtel.reading.verify.chains import ChainVerdict, Status, Tally
from ithtel.reading.verify.finding import Finding, Place, first_of
from ithtel.reading.verify.torn import BEGIN, is_torn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ithtel.events.session import WorkerLines


_START = b'"event_type":"session.start"'
_RECENT = 4096
_MAX_DIGITS = 20
_PREFIX = "this line begins with something else than its own bytes"
_PREDECESSOR = "the lines that were in the file before this session are missing"
_UNREADABLE = "this is not a line of a log, or it was changed so that it cannot be read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """The result for a log; `finding` is the first change since it was written."""

    chains: tuple[ChainVerdict, ...]
    finding: Finding | None
    n_torn: int = 0
    """The number of lines that a process began and, because it was killed, did not complete."""

    @property
    def status(self) -> Status:
        """`intact`, `ended without close` (after a crash, which is not suspicious), or `changed`."""
        if self.finding is not None:
            return "changed"
        return (
            "intact"
            if not self.n_torn and all(chain.status == "intact" for chain in self.chains)
            else "ended without close"
        )

    def covers(self, digest: str) -> bool:
        """Return whether `digest` is that of a session here, now or at one of its seals."""
        return any(digest == chain.digest or digest in chain.seals for chain in self.chains)


def verify_files(groups: Iterable[tuple[Path, ...]], session_id: str | None = None) -> Verification:
    """Verify files, grouped by session name with rotated parts first: all sessions in them, or one.

    Memory is constant, except for the digests of the seals.

    Raises:
        LogError: A file cannot be opened or read to its end.
    """
    reading = _Reading(session_id=session_id)
    for n, paths in enumerate(groups):
        reading.begin(n)
        for place, line in _lines(paths, reading.position):
            reading.take(place, line)
    return reading.verification()


@dataclass(kw_only=True)
class _Reading:
    """What was found in the lines so far."""

    session_id: str | None
    position: int = 0
    group: int = 0
    tallies: dict[tuple[str, int], Tally] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    torn: list[tuple[Finding, str]] = field(default_factory=list)
    """Beginnings of lines, each with the digest of its line."""
    followed: set[str] = field(default_factory=set)
    """The digests of the lines that sessions say they found at the end of the file."""
    starts: list[tuple[Place, SessionStart]] = field(default_factory=list)
    """Sessions that follow a line which is not there."""
    is_pruned: bool = False
    """Whether a session deletes old parts of these files."""
    recent: deque[bytes] = field(default_factory=partial(deque, maxlen=_RECENT))

    def begin(self, group: int) -> None:
        """Begin with the files of another session name."""
        self._blame_missing()
        self.group, self.is_pruned = group, False
        self.recent.clear()

    def take(self, place: Place, line: bytes) -> None:
        """Take in the next line."""
        self.position = place.position
        envelope = _decoded(line)
        if envelope is None:
            envelope, whole = self._repaired(place, line)
        else:
            whole = line
        if envelope is not None:
            self._add(place, whole, envelope)
        self.recent.append(hashlib.sha256(line).digest())

    def verification(self) -> Verification:
        """Return the result."""
        self._blame_missing()
        self._blame_torn()
        chains = tuple(tally.verdict() for tally in self.tallies.values())
        found = [chain.finding for chain in chains if chain.finding is not None]
        return Verification(chains=chains, finding=self._named(first_of(found + self.findings)), n_torn=len(self.torn))

    def _named(self, finding: Finding | None) -> Finding | None:
        """Return the finding; instead of a missing line, a line before that place whose session or process differs."""
        begun = {tally.session_id for tally in self.tallies.values() if tally.has_start}
        if finding is None or finding.what != "removed":
            return finding
        for tally in self.tallies.values():
            is_alone = tally.n_lines == 1 and not tally.has_start and tally.session_id not in begun
            if is_alone and tally.first is not None and tally.first.position < finding.place.position:
                return Finding(place=tally.first, what="changed", detail="no session of this name began")
        return finding

    def _repaired(self, place: Place, line: bytes) -> tuple[Envelope | None, bytes]:
        """Return the whole line that follows the beginning of another one, if this is such a line."""
        at = line.rfind(BEGIN)
        whole = line[at:] if at > 0 else b""
        envelope = _decoded(whole) if whole else None
        head = line if envelope is None else line[:at]
        finding = Finding(place=place, what="added", detail=_UNREADABLE if envelope is None else _PREFIX)
        if is_torn(head):
            self.torn.append((finding, hashlib.sha256(line).hexdigest()))
        else:
            self.findings.append(finding)
        return envelope, whole

    def _add(self, place: Place, line: bytes, envelope: Envelope) -> None:
        sid, pid = envelope.provenance.session_id, envelope.pid
        if _START in line:
            self._follow(place, envelope)
        if self.session_id not in {None, sid}:
            return
        tally = self.tallies.get((sid, pid))
        if tally is None:
            tally = self.tallies[sid, pid] = Tally(session_id=sid, pid=pid, group=self.group)
        had_ended = tally.is_closed
        tally.add(place, line + b"\n", envelope)
        if tally.is_closed and not had_ended and tally.cover is not None:
            self._compare_workers(place, tally, tally.cover)

    def _follow(self, place: Place, envelope: Envelope) -> None:
        """Remember a session that begins after a line which is not there."""
        try:
            start = decode_event(envelope.context)
        except UNREADABLE:
            return
        if isinstance(start, SessionStart):
            self.is_pruned = self.is_pruned or bool(start.config.get("retention"))
            if start.follows is not None:
                self.followed.add(start.follows)
            if start.follows is not None and start.follows not in (each.hex() for each in reversed(self.recent)):
                self.starts.append((place, start))

    def _blame_missing(self) -> None:
        """Report that what was before a session is missing, unless its own settings delete old parts."""
        for place, start in self.starts:
            if not self.is_pruned and self.session_id in {None, start.session_id}:
                self.findings.append(Finding(place=place, what="removed", detail=_PREDECESSOR))
        self.starts = []

    def _compare_workers(self, place: Place, owner: Tally, cover: dict[str, WorkerLines]) -> None:
        """Compare the lines of the forked workers of a session with what its end says about them."""
        for pid, lines in cover.items():
            key = owner.session_id, int(pid) if pid.isdecimal() and len(pid) < _MAX_DIGITS else -1
            worker = self.tallies.get(key)
            if worker is None:
                self.findings.append(
                    Finding(
                        place=place, what="removed", detail=f"all {lines.n_lines} lines of process {pid} are missing"
                    )
                )
            else:
                worker.compare_cover(place, lines)
        known = owner.before_last.position if owner.before_last is not None else 0
        for (sid, pid_), tally in self.tallies.items():
            is_other = sid == owner.session_id and pid_ != owner.pid and str(pid_) not in cover
            if is_other and tally.group == owner.group and tally.first is not None and tally.first.position < known:
                tally.find(tally.first, "added", f"process {pid_} wrote no line of this session")

    def _blame_torn(self) -> None:
        """Report beginnings of lines that no process can have left.

        Each process that was killed leaves one at most. A process may have left it before it wrote any whole line: then
        the next session says that it found it.
        """
        ends = sorted(
            tally.last.position for tally in self.tallies.values() if not tally.is_closed and tally.last is not None
        )
        accepted: list[tuple[Finding, str]] = []
        for piece, digest in self.torn:
            is_last = piece.place.position == self.position and not _ends_in_line_feed(piece.place.path)
            if is_last or digest in self.followed:
                accepted.append((piece, digest))
            elif ends and ends[0] < piece.place.position:
                del ends[0]
                accepted.append((piece, digest))
            elif self.session_id is None or piece.detail == _PREFIX:
                self.findings.append(piece)
        self.torn = accepted


def _decoded(line: bytes) -> Envelope | None:
    try:
        return decode_envelope(line)
    except UNREADABLE:
        return None


def _ends_in_line_feed(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"
    except OSError:
        return False


def _lines(paths: tuple[Path, ...], position: int) -> Iterator[tuple[Place, bytes]]:
    for path, stream in unfolded(paths):
        problems = Problems()
        for start, lines in blocks(path, problems, stream=stream):
            for number, line in enumerate(lines, start):
                position += 1
                yield Place(path=str(path), line_number=number, position=position), line
        for problem in problems:
            if not problem.line_number:  # concerns the whole file
                raise LogError(str(problem))
