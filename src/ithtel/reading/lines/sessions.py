"""Which sessions a log holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.errors import NoSessionError, did_you_mean
from ithtel.events import SCHEMA_VERSION, Envelope, SessionEnd, SessionStart, decode_event
from ithtel.reading.lines.parse import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARK = b'"session.'


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that a log holds about one session; times as in the envelope (UTC, ISO 8601)."""

    session_id: str
    name: str
    start_time: str
    last_time: str
    end_time: str | None
    n_events: int
    is_complete: bool
    experiment_id: str | None
    schema_version: int | None
    ithtel_version: str | None
    python: str | None
    notebook: str | None
    git_sha: str | None
    random_seed: int | None


def version_problem(name: str, version: int | None, newest: int = SCHEMA_VERSION) -> str | None:
    """Return a message if this ithtel would misread what was written in a newer `version`, else None.

    >>> version_problem("'demo.jsonl'", 3, newest=2)
    "'demo.jsonl' has schema version 3, but this ithtel reads versions up to 2: install a newer ithtel"
    """
    if version is None or version <= newest:
        return None
    return f"{name} has schema version {version}, but this ithtel reads versions up to {newest}: install a newer ithtel"


class SessionIndex:
    """Summarizes envelopes, one entry per session, in the order of their first lines."""

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}

    def add_all(self, lines: Iterable[tuple[Envelope, bytes]], name: str) -> None:
        """Take in the lines of one file; `name` is its name, used for sessions whose start is not in it."""
        tallies = self._tallies
        for envelope, raw in lines:
            session_id = envelope.provenance.session_id
            tally = tallies.get(session_id)
            if tally is None:
                tally = tallies[session_id] = _Tally(name, envelope)
            tally.n_events += 1
            tally.last = envelope
            if _MARK in raw:
                tally.keep_bounds(envelope)

    def sessions(self) -> list[SessionInfo]:
        """Return the sessions, in the order of their first lines."""
        return [tally.info(session_id) for session_id, tally in self._tallies.items()]


class _Tally:
    def __init__(self, name: str, first: Envelope) -> None:
        self.name = name
        self.first = first
        self.last = first
        self.n_events = 0
        self.start: SessionStart | None = None
        self.end_time: str | None = None

    def keep_bounds(self, envelope: Envelope) -> None:
        """Keep the start and the end of the session."""
        try:
            event = decode_event(envelope.context)
        except UNREADABLE:
            return
        if isinstance(event, SessionStart) and self.start is None:
            self.start = event
        elif isinstance(event, SessionEnd):
            self.end_time = envelope.ts

    def info(self, session_id: str) -> SessionInfo:
        start, provenance = self.start, self.last.provenance
        return SessionInfo(
            session_id=session_id,
            name=start.name if start else self.name,
            start_time=start.start_time if start else self.first.ts,
            last_time=self.last.ts,
            end_time=self.end_time,
            n_events=self.n_events,
            is_complete=self.end_time is not None,
            experiment_id=start.experiment_id if start else provenance.experiment_id,
            schema_version=start.schema_version if start else None,
            ithtel_version=start.ithtel_version if start else None,
            python=start.python if start else None,
            notebook=start.notebook if start else None,
            git_sha=provenance.git_sha,
            random_seed=provenance.random_seed,
        )


def choose(sessions: list[SessionInfo], wanted: str, where: str) -> str:
    """Return the id of the session that `wanted` names: `-1` (the latest), `-2` …, or an id.

    Raises:
        NoSessionError: There is no such session.
    """
    if not sessions:
        raise NoSessionError(f"no session in {where}: it is empty")
    if wanted.startswith("-") and wanted[1:].isdigit() and int(wanted):
        if int(wanted[1:]) <= len(sessions):
            return sessions[int(wanted)].session_id
        count = f"{len(sessions)} session" + "s" * (len(sessions) > 1)
        raise NoSessionError(f"no session {wanted} in {where}: it holds {count} (-1 is the latest)")
    ids = [session.session_id for session in sessions]
    if wanted in ids:
        return wanted
    raise NoSessionError(f"no session {wanted!r} in {where}{did_you_mean(wanted, ids)}")
