"""`Tally`, `ChainVerdict`: checks the numbers and seals of the lines of one session and process."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from ithtel.events import (
    Envelope,
    LogSeal,
    RecordingLoss,
    SessionEnd,
    SessionStart,
    UnknownEvent,
    decode_event,
    fields_of,
)
from ithtel.events.format.seal import UNSEALED, Chain, unsealed
from ithtel.reading.lines.parse import UNREADABLE
from ithtel.reading.verify.finding import Finding, Place, What, first_of
from ithtel.reading.verify.gaps import Gap, Gaps

if TYPE_CHECKING:
    from ithtel.events.session import WorkerLines

Status = Literal["intact", "ended without close", "changed"]
_MARKS = (
    b'"event_type":"log.seal"', b'"event_type":"session.', b'"event_type":"recording.loss"', b'"crc32":"'
)  # fmt: skip
_SEAL_FIELDS = {"sha256", "crc32"}
_BLOCK = 256
_HEX = 8
_RECENT = 4096


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


@dataclass(kw_only=True, slots=True)
class Tally:
    """Checks the lines of one session and process, line by line."""

    session_id: str
    pid: int
    group: int = 0
    """The files that its first line is in."""
    has_start: bool = False
    is_closed: bool = False
    first: Place | None = None
    last: Place | None = None
    before_last: Place | None = None
    cover: dict[str, WorkerLines] | None = None
    """What forked workers had written when the session ended; None if that is unknown."""
    n_lines: int = 0
    n_covered: int | None = None
    """How many lines the end of the session covers, if this is the chain of a forked worker."""
    expected: int = 0
    sealed_until: int = 0
    """The number of the last seal."""
    chain: Chain = field(default_factory=Chain.begin)
    pending: list[bytes] = field(default_factory=list)
    checks: list[tuple[Place, str]] = field(default_factory=list)
    seals: set[str] = field(default_factory=set)
    gaps: Gaps = field(default_factory=Gaps)
    finding: Finding | None = None
    digest: str | None = None
    total: hashlib._Hash = field(default_factory=hashlib.sha256)
    recent: deque[tuple[int, hashlib._Hash]] = field(default_factory=partial(deque, maxlen=_RECENT))
    """The digest over all lines of a forked worker, after each of the last ones."""

    def add(self, place: Place, line: bytes, envelope: Envelope) -> None:
        """Take in the next line."""
        self.n_lines += 1
        self.first, self.before_last, self.last = self.first or place, self.last, place
        if not self.has_start:
            self.total.update(line)
            self.recent.append((self.n_lines, self.total.copy()))
        if not self._number(place, envelope.seq):
            return
        event = _marked(line, envelope)
        if isinstance(event, SessionEnd):
            self.is_closed, self.cover = True, event.workers
            if self._has_closed(place, line, event):
                return
        self._take(place, event, envelope)
        self._extend(place, line)

    def _take(self, place: Place, event: object, envelope: Envelope) -> None:
        """Take in what an event says about other lines."""
        match event:
            case LogSeal() as seal:
                self._close_block(place, seal)
                self.sealed_until = envelope.seq
            case SessionStart() as start:
                self.has_start = True
                if start.session_id != envelope.provenance.session_id:
                    self.find(place, "changed", "this line names two sessions")
            case RecordingLoss(first_seq=int(first), last_seq=int(last)):
                self.gaps.explain(first, last)
            case _Broken():
                self.find(place, "changed", "this line is not a valid event")
            case _:
                pass

    def compare_cover(self, place: Place, cover: WorkerLines) -> None:
        """Compare this worker's lines with what the end of its session, at `place`, says about them."""
        self.n_covered = cover.n_lines
        if self.n_lines < cover.n_lines:
            self.find(place, "removed", f"{cover.n_lines - self.n_lines} lines of process {self.pid} are missing")
            return
        found = next((running for n, running in self.recent if n == cover.n_lines), None)
        if self.finding is not None or found is None or found.hexdigest() == cover.lines_sha256:
            return
        if cover.n_lines == self.n_lines and (where := self._differing(cover.crc32)) is not None:
            self.find(where, "changed", "this line was changed after it was written")
            return
        self.find(self.last or place, "changed", f"the lines of process {self.pid} up to here are not as they were")

    def _number(self, place: Place, seq: int) -> bool:
        """Return whether the sequence number is the next one or a later one."""
        if seq == self.expected:
            self.expected += 1
            return True
        if seq > self.expected:
            self.gaps.add(Gap(place=place, first=self.expected, stop=seq))
            self.expected = seq + 1
            return True
        gap = self.gaps.holding(seq)
        if gap is None:
            self.find(place, "added", f"a second line has seq {seq}")
        else:
            gap.n_filled += 1
            self.find(place, "moved", f"the line with seq {seq} belongs before {gap.place}")
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

    def _close_block(self, place: Place, seal: LogSeal) -> None:
        """Check a seal, and begin the next digest with it."""
        self._absorb()
        if self.chain.digest() != seal.sha256:
            self._locate(place, seal.crc32)
        elif seal.n_lines != len(self.checks) or seal.crc32 not in {None, self._crc32()}:
            self.find(place, "changed", "this seal was changed after it was written")
        self.chain, self.checks = Chain.begin(seal.sha256), []
        self.seals.add(seal.sha256)

    def _has_closed(self, place: Place, line: bytes, end: SessionEnd) -> bool:
        """Check the end of the session, which seals itself; return False if it carries no seal."""
        zeros, digits = unsealed(line)
        if end.sha256 is None or digits is None:
            self.find(place, "changed", "this line has lost its seal")
            return False
        if digits == UNSEALED:  # lines before it could not be written
            return False
        self._absorb()
        if self.chain.extended([zeros]).digest() != digits:
            repaired = zeros.replace((end.crc32 or "?").encode(), self._crc32().encode())
            if self.chain.extended([repaired]).digest() == digits:
                self.find(place, "changed", "this line was changed after it was written")
            else:
                self._locate(place, end.crc32)
            self.cover = None  # it may be what was changed
        self.digest, self.checks = digits, []
        return True

    def _crc32(self) -> str:
        return "".join(check for _, check in self.checks)

    def _locate(self, place: Place, crc32: str | None) -> None:
        """Find the line that makes the seal at `place` differ: the last of `checks` belong to the last of `crc32`."""
        if self.gaps.is_open_since(self.sealed_until):
            return  # the missing lines explain it, and are reported
        where = self._differing(crc32 or "")
        if where is not None:
            self.find(where, "changed", "this line was changed after it was written")
        else:
            self.find(place, "changed", f"this seal does not match the {len(self.checks)} lines before it")

    def _differing(self, wanted: str) -> Place | None:
        """Return the first line since the last seal whose checksum is not `wanted`, which the last line ends."""
        skipped = max(0, len(self.checks) - len(wanted) // _HEX)
        for at, (where, check) in enumerate(self.checks[skipped:] if wanted else []):
            if check != wanted[at * _HEX : (at + 1) * _HEX]:
                return where
        return None

    def find(self, place: Place, what: What, detail: str) -> None:
        """Add a finding; only the first in the files is kept."""
        new = Finding(place=place, what=what, detail=detail)
        self.finding = new if self.finding is None else first_of([self.finding, new])

    def verdict(self) -> ChainVerdict:
        """Return the result for the lines so far."""
        self._absorb()
        for gap in self.gaps:
            n = gap.n_missing
            if n > 0:
                one = f"the line with seq {gap.first} is missing"
                many = f"{n} lines are missing, with seq {gap.first} to {gap.stop - 1}"
                self.find(gap.place, "removed", f"before this line {one if n == 1 else many}")
            elif gap.n_filled:
                self.find(gap.place, "moved", f"lines that belong before this one come later: from seq {gap.first}")
        is_covered = self.n_covered is not None and self.n_covered >= self.n_lines
        is_whole = self.is_closed or is_covered
        return ChainVerdict(
            session_id=self.session_id,
            pid=self.pid,
            status="changed" if self.finding else "intact" if is_whole else "ended without close",
            n_lines=self.n_lines,
            n_unsealed=0 if is_covered else len(self.checks),
            digest=self.digest or self.chain.digest(),
            seals=frozenset(self.seals),
            finding=self.finding,
        )


class _Broken:
    """Stands for an event with an invalid field."""


def _marked(line: bytes, envelope: Envelope) -> object:
    """Return the event of a line that matters for verification, None for any other."""
    if not any(mark in line for mark in _MARKS):
        return None
    try:
        event = decode_event(envelope.context)
        if (event is None or isinstance(event, UnknownEvent)) and fields_of(envelope.context).keys() >= _SEAL_FIELDS:
            return _Broken()  # a seal whose name was changed
    except UNREADABLE:
        return _Broken()
    return event
