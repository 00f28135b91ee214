"""`start`, `stop`, `current`, `Sessions`: the sessions of this process."""

from __future__ import annotations

import atexit
import hashlib
import os
import secrets
import sys
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.events import SCHEMA_VERSION, Provenance, SessionStart, utc_timestamp
from ithtel.events.format.files import check_name
from ithtel.events.values import canonical_digest
from ithtel.provenance import environment, git
from ithtel.recording.file.sink import Sink, open_sink
from ithtel.recording.import_hook import when_imported
from ithtel.recording.journal.workers import last_line
from ithtel.recording.session import Session
from ithtel.recording.settings import Settings, from_environment
from ithtel.recording.upkeep import parse_rotation
from ithtel.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_override: ContextVar[Session | None] = ContextVar("ithtel_session", default=None)


class Sessions:
    """The open sessions of a process, the current one last. The process owns one instance."""

    def __init__(self) -> None:
        self._open: list[Session] = []
        self._lock = threading.RLock()
        self._is_watching = False

    @property
    def current(self) -> Session | None:
        """The session that takes events now."""
        override = _override.get()
        if override is not None:
            return override
        return self._open[-1] if self._open else None

    def push(self, session: Session) -> None:
        """Make `session` the current one until it ends."""
        with self._lock:
            if not self._is_watching:
                self._is_watching = True
                atexit.register(self.close_all)
                os.register_at_fork(after_in_child=self._after_fork)
            self._open.append(session)
        session.on_closed(partial(self._forget, session))

    def close_all(self) -> None:
        """End every open session, the current one first."""
        while self._open:
            self._open[-1].close()

    def _forget(self, session: Session) -> None:
        with self._lock:
            if session in self._open:
                self._open.remove(session)

    def _after_fork(self) -> None:
        self._lock = threading.RLock()
        for session in self._open:
            session.after_fork()


sessions = Sessions()


def current() -> Session | None:
    """Return the session that takes events now, None if nothing is being recorded.

    >>> import ithtel
    >>> ithtel.current() is None
    True
    """
    return sessions.current


@contextmanager
def overriding(session: Session) -> Iterator[Session]:
    """Let `session` take the events of this context and of no other thread, for tests."""
    token = _override.set(session)
    try:
        yield session
    finally:
        _override.reset(token)


def start(
    name: str = "script",
    log_dir: str | os.PathLike[str] | None = None,
    experiment_id: str | None = None,
    *,
    base: Settings | None = None,
    notebook: str | None = None,
    sink: Sink | None = None,
    clock: Callable[[], float] = time.time,
    **settings: object,
) -> Session:
    """Start a session; `ithtel.start` documents it, and also observes SciPy if the settings ask for that.

    Args:
        name: See `ithtel.start`.
        log_dir: See `ithtel.start`.
        experiment_id: See `ithtel.start`.
        base: Settings to which the environment and `settings` are applied.
        notebook: The notebook's file, if there is one.
        sink: Takes the lines instead of a file.
        clock: Returns the seconds since 1970.
        settings: See `ithtel.start`.
    """
    check_name(name)
    if log_dir is not None:
        settings["log_dir"] = log_dir
    chosen = from_environment(base=base).replaced(**settings)
    notice = None
    if sink is None:
        sink, notice = open_sink(
            Path(chosen.log_dir),
            name,
            schedule=parse_rotation(chosen.rotation),
            file_mode=int(chosen.file_mode, 8),
            folder_mode=int(chosen.folder_mode, 8),
        )
    session = Session(
        name,
        sink,
        chosen,
        _provenance(chosen, experiment_id, clock),
        trace_id=hashlib.sha256(experiment_id.encode()).hexdigest()[:32] if experiment_id else None,
        notice=notice,
        clock=clock,
    )
    session.emit(_session_start(session, notebook, clock))
    sessions.push(session)
    if chosen.loguru:
        _bridge(session)
    if chosen.git:
        _look_up_git(session)
    return session


def stop() -> Session | None:
    """End the current session and return it, None if there was none."""
    session = sessions.current
    if session is not None:
        session.close()
    return session


def _provenance(settings: Settings, experiment_id: str | None, clock: Callable[[], float]) -> Provenance:
    moment = datetime.fromtimestamp(clock(), UTC)
    head = git.git_head(Path.cwd())
    return Provenance(
        session_id=f"sess_{moment:%Y%m%d_%H%M%S}_{secrets.token_hex(3)}",
        git_sha=head.sha[:8] if head is not None and head.sha else None,
        input_hash=None,
        random_seed=None,
        experiment_id=experiment_id,
        config_hash=canonical_digest(settings),
    )


def _session_start(session: Session, notebook: str | None, clock: Callable[[], float]) -> SessionStart:
    facts = environment.platform_facts()
    return SessionStart(
        session_id=session.session_id,
        name=session.name,
        experiment_id=session.provenance.experiment_id,
        start_time=utc_timestamp(clock()),
        ithtel_version=__version__,
        schema_version=SCHEMA_VERSION,
        argv=list(sys.argv),
        cwd=str(Path.cwd()),
        notebook=notebook,
        config={name: getattr(session.settings, name) for name in session.settings.__struct_fields__},
        config_hash=canonical_digest(session.settings),
        follows=_last_line_sha256(session.path),
        **msgspec.structs.asdict(facts),
    )


def _last_line_sha256(path: Path | None) -> str | None:
    line = None if path is None else last_line(path)
    return None if line is None else hashlib.sha256(line).hexdigest()


def _bridge(session: Session) -> None:
    """Record what is logged through loguru, as soon as loguru is imported."""

    def connect() -> None:
        from ithtel.recording import loguru_bridge as bridge

        if not session.is_closed:
            session.on_close(bridge.connect(session))

    session.on_close(when_imported("loguru", connect))


def _look_up_git(session: Session) -> None:
    """Write `git.state` when git has answered; a session that ends earlier waits at most two seconds."""

    def look_up() -> None:
        state = git.git_state(folder)
        if state is not None and not session.is_closed:
            session.emit(state)

    folder = Path.cwd()
    if git.git_head(folder) is None:
        return
    thread = threading.Thread(target=look_up, name="ithtel-git", daemon=True)
    thread.start()
    session.on_close(partial(thread.join, timeout=2.0))
