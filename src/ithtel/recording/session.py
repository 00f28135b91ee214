"""A session: events go in, whole lines go out, in order and numbered."""

from __future__ import annotations

import os
import secrets
import threading
import time
from typing import TYPE_CHECKING, Self

import msgspec

from ithtel.errors import RecordingError
from ithtel.events import (
    AlgorithmInit,
    DataLoad,
    Envelope,
    Event,
    ExceptionInfo,
    Provenance,
    RecordingLoss,
    RecordingPaused,
    RecordingResumed,
    SeedSet,
    SessionEnd,
    utc_timestamp,
)
from ithtel.events.values import encode_text
from ithtel.recording.span import current_span

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from ithtel.recording.settings import Settings
    from ithtel.recording.sink import Sink

_encode = msgspec.json.Encoder().encode


class Session:
    """One recording: a name, a file, a sequence of lines.

    Get one from `ithtel.start`; it is a context manager, and ends with the process if nobody ends it before.
    When `emit` returns, the line is with the operating system.
    """

    def __init__(
        self,
        name: str,
        sink: Sink,
        settings: Settings,
        provenance: Provenance,
        *,
        trace_id: str | None = None,
        notice: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.settings = settings
        self.provenance = provenance
        self.trace_id = trace_id or secrets.token_hex(16)
        self.notice = notice
        self.sink = sink
        self.is_paused = False
        self.is_closed = False
        self._clock = clock
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._seq = 0
        self._lost: list[int] = []
        self._n_dropped = 0
        self._reason = ""
        self._n_runs: dict[str, int] = {}
        self._on_close: list[Callable[[], None]] = []
        self._started = time.monotonic()

    @property
    def session_id(self) -> str:
        """The identity of this session in its log."""
        return self.provenance.session_id

    @property
    def path(self) -> Path | None:
        """The file that is being written, None where the lines are kept in memory."""
        return self.sink.path

    @property
    def n_events(self) -> int:
        """How many lines this process has written."""
        return self._seq - self._n_dropped

    @property
    def n_dropped(self) -> int:
        """How many lines could not be written."""
        return self._n_dropped

    def emit(
        self,
        event: Event,
        *,
        component: str | None = None,
        span_id: str | None = None,
        duration_ms: float | None = None,
    ) -> None:
        """Write `event` as one line, and hand it to the operating system before returning.

        Args:
            event: What happened.
            component: What emits it; the session's name unless given.
            span_id: The cell run it belongs to; the current one unless given.
            duration_ms: How long what happened took.

        Raises:
            RecordingError: The session has ended.
        """
        if isinstance(event, SeedSet | DataLoad | AlgorithmInit):
            self._learn(event)
        self.write(
            event.level,
            event.sentence(),
            _encode(event),
            component=component,
            span_id=span_id,
            duration_ms=duration_ms,
        )

    def write(
        self,
        level: str,
        msg: str,
        context: bytes,
        *,
        component: str | None = None,
        package: str | None = None,
        span_id: str | None = None,
        duration_ms: float | None = None,
        exception: ExceptionInfo | None = None,
        tid: int | None = None,
        ts: float | None = None,
    ) -> None:
        """Write one line around a context that is encoded already; `emit` and the loguru bridge come down to it."""
        if self.is_closed:
            raise RecordingError(f"session {self.name!r} has ended; start a new one with ithtel.start()")
        if self.is_paused:
            return
        moment = utc_timestamp(self._clock() if ts is None else ts)
        with self._lock:
            envelope = Envelope(
                ts=moment,
                level=level,
                msg=encode_text(msg),
                component=component or self.name,
                package=package or self.settings.package,
                env=self.settings.env,
                pid=self._pid,
                tid=tid or threading.get_ident(),
                seq=self._seq,
                trace_id=self.trace_id,
                span_id=span_id or current_span(),
                provenance=self.provenance,
                context=msgspec.Raw(context),
                duration_ms=duration_ms,
                exception=exception,
            )
            self._append(_encode(envelope) + b"\n")

    def pause(self, by: str) -> None:
        """Record nothing until `resume`; that it is so is recorded."""
        if not self.is_paused:
            self.emit(RecordingPaused(by=by))
            self.is_paused = True

    def resume(self, by: str) -> None:
        """Record again."""
        if self.is_paused:
            self.is_paused = False
            self.emit(RecordingResumed(by=by))

    def count_loss(self, reason: str) -> None:
        """Count an event that could not even be made; the next one that is written says so."""
        with self._lock:
            self._lost.append(self._seq)
            self._n_dropped += 1
            self._reason = reason

    def new_run_id(self, kind: str) -> str:
        """Return an identity for a run of an algorithm, unique within this session: `bull-1`, `bull-2` …"""
        with self._lock:
            self._n_runs[kind] = self._n_runs.get(kind, 0) + 1
            return f"{kind}-{self._n_runs[kind]}"

    def on_close(self, action: Callable[[], None]) -> None:
        """Call `action` when the session ends, the latest first."""
        self._on_close.append(action)

    def close(self) -> None:
        """Write `session.end` and release the file; a second call does nothing."""
        if self.is_closed:
            return
        for action in reversed(self._on_close):
            action()
        duration_ms = (time.monotonic() - self._started) * 1e3
        self.emit(SessionEnd(n_events=self._seq, n_dropped=self._n_dropped, duration_ms=duration_ms))
        self.is_closed = True
        self.sink.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "ended" if self.is_closed else "paused" if self.is_paused else "recording"
        return f"<Session {self.name}: {state}>"

    def after_fork(self) -> None:
        """Go on in a forked child: its own process, its own sequence, a lock that nobody holds."""
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._seq = 0
        self._lost = []
        self._n_dropped = 0

    def _learn(self, event: SeedSet | DataLoad | AlgorithmInit) -> None:
        """Let the lines from here on name the seed and the input that they depend on."""
        match event:
            case SeedSet():
                self.provenance = msgspec.structs.replace(self.provenance, random_seed=event.seed)
            case _ if event.input_hash is not None:
                self.provenance = msgspec.structs.replace(self.provenance, input_hash=event.input_hash)

    def _append(self, line: bytes) -> None:
        """Append one line under the lock; what cannot be written is counted, and said once writing works again."""
        try:
            self.sink.append(line)
        except OSError as error:
            self._lost.append(self._seq)
            self._n_dropped += 1
            self._reason = str(error)
            self._seq += 1
            return
        self._seq += 1
        if self._lost:
            lost, self._lost = self._lost, []
            self.emit(
                RecordingLoss(n_dropped=len(lost), first_seq=lost[0], last_seq=lost[-1], reason=self._reason)
            )
