"""`Tally`, `ChainVerdict`: checks the numbers and seals of the lines of one session and process."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Literal

from ithtel.events import Envelope, LogSeal, RecordingLoss, SessionEnd, SessionStart, decode_event
from ithtel.events.format.seal import UNSEALED, Chain, unsealed
from ithtel.reading.lines.parse import UNREADABLE

Status = Literal["intact", "ended without close", "changed"]
What = Literal["changed", "removed", "added", "moved"]
_MARKS = (b'"event_type":"log.seal"', b'"event_type":"session.', b'"event_type":"recording.loss"')
_BLOCK = 256
_HEX = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line of a file; `position` counts lines across all files."""

    path: str
    line_number: int
    position: int

    def __str__(self) -> str:
        return f"{self.path}, line {self.line_number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A change to a log since it was written."""

    place: Place
    what: What
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: {self.detail}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainVerdict:
    """The result for the lines of one session and process."""

    session_id: str
    pid: int
    status: Status
    n_lines: int
    n_unsealed: int
    """The number of lines after the last seal, which no seal covers."""
    digest: str
    """The digest of all lines, which `--expect` compares."""
    seals: frozenset[str]
    """The digests at its seals."""
    finding: Finding | None


def first_of(findings: list[Finding]) -> Finding | None:
    """Return the first finding in the files; of two on one line, the one that sequence numbers show."""
    return min(findings, key=lambda finding: (finding.place.position, finding.what == "changed"), default=None)


@dataclass(kw_only=True, slots=True)
class _Gap:
    """Numbers that are missing before a line: filled by moved lines, or explained by `recording.loss`."""

    place: Place
    missing: range
    n_filled: int = 0
    n_lost: int = 0


@dataclass(kw_only=True, slots=True)
class Tally:
    """Checks the lines of one session and process, line by line."""

    session_id: str
    pid: int
    has_start: bool = False
    is_closed: bool = False
    n_lines: int = 0
    expected: int = 0
    sealed_until: int = 0
    """The number of the last seal."""
    chain: Chain = field(default_factory=Chain.begin)
    pending: list[bytes] = field(default_factory=list)
    checks: list[tuple[Place, str]] = field(default_factory=list)
    seals: set[str] = field(default_factory=set)
    gaps: list[_Gap] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    digest: str | None = None

    def add(self, place: Place, line: bytes, envelope: Envelope) -> None:
        """Take in the next line."""
        self.n_lines += 1
        if not self._number(place, envelope.seq):
            return
        match _marked(line, envelope):
            case LogSeal() as seal:
                self._compare(place, seal.sha256, seal.crc32)
                self.chain, self.checks = Chain.begin(seal.sha256), []
                self.sealed_until = envelope.seq
                self.seals.add(seal.sha256)
            case SessionEnd() as end:
                self.is_closed = True
                if self._has_closed(place, line, end):
                    return
            case SessionStart():
                self.has_start = True
            case RecordingLoss() as loss:
                self._explain(loss)
            case _Broken():
                self._find(place, "changed", "this line is not a valid event")
            case _:
                pass
        self._extend(place, line)

    def _number(self, place: Place, seq: int) -> bool:
        """Return whether the sequence number is the next one or a later one."""
        if seq == self.expected:
            self.expected += 1
            return True
        if seq > self.expected:
            self.gaps.append(_Gap(place=place, missing=range(self.expected, seq)))
            self.expected = seq + 1
            return True
        gap = next((gap for gap in self.gaps if seq in gap.missing), None)
        if gap is None:
            self._find(place, "added", f"a second line has seq {seq}")
        else:
            gap.n_filled += 1
            self._find(place, "moved", f"the line with seq {seq} belongs before {gap.place}")
        return False

    def _extend(self, place: Place, line: bytes) -> None:
        self.pending.append(line)
        self.checks.append((place, f"{zlib.crc32(line):08x}"))
        if len(self.pending) >= _BLOCK:
            self._absorb()

    def _absorb(self) -> None:
        if self.pending:
            self.chain = self.chain.extended(self.pending)
            self.pending = []

    def _compare(self, place: Place, sha256: str, crc32: str | None, last: bytes = b"") -> None:
        """Compare a digest with the lines since the last seal; if it does not match, find the line."""
        self._absorb()
        if self.chain.extended([last] if last else []).digest() == sha256:
            return
        if any(gap.missing.start >= self.sealed_until and not gap.n_lost for gap in self.gaps):
            return  # the missing lines explain it, and are reported
        wanted = crc32 or ""
        for at, (where, check) in enumerate(self.checks):
            if wanted and check != wanted[at * _HEX : (at + 1) * _HEX]:
                self._find(where, "changed", "this line was changed after it was written")
                return
        self._find(place, "changed", f"this seal does not match the {len(self.checks)} lines before it")

    def _has_closed(self, place: Place, line: bytes, end: SessionEnd) -> bool:
        """Check the end of the session, which seals itself; return False if it carries no seal."""
        zeros, digits = unsealed(line)
        if end.sha256 is None or digits is None:
            self._find(place, "changed", "this line has lost its seal")
            return False
        if digits == UNSEALED:  # lines before it could not be written
            return False
        self._compare(place, digits, end.crc32, zeros)
        self.digest, self.checks = digits, []
        return True

    def _explain(self, loss: RecordingLoss) -> None:
        if loss.first_seq is None or loss.last_seq is None:
            return
        for gap in self.gaps:
            if loss.first_seq <= gap.missing.start and gap.missing.stop - 1 <= loss.last_seq:
                gap.n_lost = len(gap.missing)

    def _find(self, place: Place, what: What, detail: str) -> None:
        self.findings.append(Finding(place=place, what=what, detail=detail))

    def verdict(self) -> ChainVerdict:
        """Return the result for the lines so far."""
        self._absorb()
        for gap in self.gaps:
            n = len(gap.missing) - gap.n_filled - gap.n_lost
            if n > 0:
                one = f"the line with seq {gap.missing.start} is missing"
                many = f"{n} lines are missing, with seq {gap.missing.start} to {gap.missing.stop - 1}"
                self._find(gap.place, "removed", f"before this line {one if n == 1 else many}")
            elif gap.n_filled:
                self._find(
                    gap.place, "moved", f"lines that belong before this one come later: from seq {gap.missing.start}"
                )
        first = first_of(self.findings)
        is_whole = self.is_closed or not self.has_start  # a forked worker writes neither start nor end
        return ChainVerdict(
            session_id=self.session_id,
            pid=self.pid,
            status="changed" if first else "intact" if is_whole else "ended without close",
            n_lines=self.n_lines,
            n_unsealed=len(self.checks),
            digest=self.digest or self.chain.digest(),
            seals=frozenset(self.seals),
            finding=first,
        )


class _Broken:
    """Stands for an event with an invalid field."""


def _marked(line: bytes, envelope: Envelope) -> object:
    """Return the event of a line that matters for verification, None for any other."""
    if not any(mark in line for mark in _MARKS):
        return None
    try:
        return decode_event(envelope.context)
    except UNREADABLE:
        return _Broken()
