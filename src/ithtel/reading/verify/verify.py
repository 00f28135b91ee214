"""`verify_files`, `Verification`: whether a log has no gaps and its seals match (`ithtel.events.format.seal`)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.errors import LogError
from ithtel.events import Envelope, decode_envelope
from ithtel.reading.lines.blocks import blocks
from ithtel.reading.lines.files import unfolded
from ithtel.reading.lines.parse import UNREADABLE
from ithtel.reading.lines.record import Problems
from ithtel.reading.verify.chains import ChainVerdict, Finding, Place, Status, Tally, first_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_BEGIN = b'{"ts":"'
_UNREADABLE = "this is not a line of a log, or it was changed so that it cannot be read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """The result for a log; `finding` is the first change since it was written."""

    chains: tuple[ChainVerdict, ...]
    finding: Finding | None

    @property
    def status(self) -> Status:
        """`intact`, `ended without close` (after a crash, which is not suspicious), or `changed`."""
        if self.finding is not None:
            return "changed"
        return "intact" if all(chain.status == "intact" for chain in self.chains) else "ended without close"

    def covers(self, digest: str) -> bool:
        """Return whether `digest` is that of a session here, now or at one of its seals."""
        return any(digest == chain.digest or digest in chain.seals for chain in self.chains)


def verify_files(groups: Iterable[tuple[Path, ...]], session_id: str | None = None) -> Verification:
    """Verify files, grouped by session name with rotated parts first: all sessions in them, or one.

    Memory is constant, except for the digests of the seals.

    Raises:
        LogError: A file cannot be opened or read to its end.
    """
    tallies: dict[tuple[str, int], Tally] = {}
    strays: list[Finding] = []
    torn: Finding | None = None
    for place, line in _lines(groups):
        envelope = _decoded(line)
        if envelope is None:
            line = line[max(0, line.rfind(_BEGIN)) :] if line.startswith(_BEGIN) else line  # noqa: PLW2901
            envelope = _decoded(line)  # after the torn beginning of a line whose process was killed
        if envelope is None:
            if torn is not None:
                strays.append(torn)
            torn = Finding(place=place, what="added", detail=_UNREADABLE)
            if not _is_truncated(line):
                strays, torn = [*strays, torn], None
            continue
        key = envelope.provenance.session_id, envelope.pid
        if torn is not None and key in tallies:  # before a new session, a crash tore it
            strays.append(torn)
        torn = None
        if session_id in (None, key[0]):
            tallies.setdefault(key, Tally(session_id=key[0], pid=key[1])).add(place, line + b"\n", envelope)
    if torn is not None and _ends_in_line_feed(torn.place.path):  # the line was complete, so no crash tore it
        strays.append(torn)
    chains = tuple(tally.verdict() for tally in tallies.values())
    findings = [chain.finding for chain in chains if chain.finding is not None]
    return Verification(chains=chains, finding=first_of(findings + strays))


def _decoded(line: bytes) -> Envelope | None:
    try:
        return decode_envelope(line)
    except UNREADABLE:
        return None


def _is_truncated(line: bytes) -> bool:
    try:
        decode_envelope(line)
    except UNREADABLE as error:
        return "truncated" in str(error)
    return False


def _ends_in_line_feed(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"
    except OSError:
        return False


def _lines(groups: Iterable[tuple[Path, ...]]) -> Iterator[tuple[Place, bytes]]:
    position = 0
    for paths in groups:
        for path, stream in unfolded(paths):
            problems = Problems()
            for start, lines in blocks(path, problems, stream=stream):
                for number, line in enumerate(lines, start):
                    position += 1
                    yield Place(path=str(path), line_number=number, position=position), line
            for problem in problems:
                if not problem.line_number:  # concerns the whole file
                    raise LogError(str(problem))
