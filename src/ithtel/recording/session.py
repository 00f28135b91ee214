"""A session: events go in, whole lines go out, in order and numbered."""

from __future__ import annotations

import contextlib
import secrets
import time
from threading import get_ident
from typing import TYPE_CHECKING, Any, Self

import msgspec

from ithtel.errors import RecordingError
from ithtel.events import (
    AlgorithmInit,
    CellEnd,
    DataLoad,
    Event,
    ExceptionInfo,
    Provenance,
    RecordingPaused,
    RecordingResumed,
    SeedSet,
)
from ithtel.events.values import encode_text
from ithtel.recording.file.object_store import Keeper
from ithtel.recording.journal.writer import Writer
from ithtel.recording.lines.columns import Columns
from ithtel.recording.lines.event_plan import plan_of, plans
from ithtel.recording.lines.line import FAILURES, encode, encode_event, more, sentence
from ithtel.recording.secrets.private_mode import Privacy
from ithtel.recording.secrets.redaction import Redactor
from ithtel.recording.span import cell_of_context, current_span, latest_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from ithtel.recording.file.sink import Sink
    from ithtel.recording.secrets.redaction import Texts
    from ithtel.recording.settings import Settings

_NO_CONTEXT = b"{}"
_MAX_READY = 512
Place = tuple[type[Event], str | None, int, str | None]
"""Kind, component, thread, cell run."""
Ready = tuple[str, "Callable[[Event], Texts]", msgspec.Raw, msgspec.Raw]
"""Level, what to search for secrets, what names the writer, what names the experiment."""


class Session:
    """One recording: a name, a file, a sequence of lines.

    Get one from `ithtel.start`; it is a context manager, and ends with the process if nobody ends it before.
    When `emit` returns, the line is with the operating system, and secrets in its free text have been replaced.
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
        self.notice = notice
        self.sink = sink
        self.redactor = Redactor(pattern=settings.redact)
        self._privacy = Privacy() if settings.private else None
        self.keeper = Keeper.of(settings, sink.path)
        self.is_paused = False
        self.is_closed = False
        self._is_off = False
        self._settings = settings
        self._provenance = self._without_secrets(provenance)
        self._trace_id = trace_id or secrets.token_hex(16)
        self._writer = Writer(name, sink, settings, self.redactor, clock)
        self._journal = self._writer.journal
        self._ready: dict[Place, Ready] = {}
        """Where, as the session is now, an event needs nothing but to be encoded; another dict after every change."""
        self._n_runs: dict[str, int] = {}
        self._on_close: list[Callable[[], None]] = []
        self._on_closed: list[Callable[[], None]] = []
        self._started = time.monotonic()
        self._renew()

    @property
    def session_id(self) -> str:
        """The identity of this session in its log."""
        return self._provenance.session_id

    @property
    def path(self) -> Path | None:
        """The file that is being written, None where the lines are kept in memory."""
        return self.sink.path

    @property
    def settings(self) -> Settings:
        """How this session records; what is set here holds for the lines from then on."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.keeper = Keeper.of(settings, self.sink.path)
        self.redactor.set_pattern(settings.redact)
        self._privacy = (self._privacy or Privacy()) if settings.private else None
        self._settings = settings
        self._renew()

    @property
    def provenance(self) -> Provenance:
        """What the lines from here on depend on."""
        return self._provenance

    @provenance.setter
    def provenance(self, provenance: Provenance) -> None:
        self._provenance = self._without_secrets(provenance)
        self._renew()

    @property
    def trace_id(self) -> str:
        """What the lines of one experiment have in common: 32 hexadecimal digits."""
        return self._trace_id

    @trace_id.setter
    def trace_id(self, trace_id: str) -> None:
        self._trace_id = trace_id
        self._renew()

    @property
    def n_events(self) -> int:
        """How many lines this process has written."""
        return self._journal.n_written

    @property
    def n_dropped(self) -> int:
        """How many events are not on record: not made, not written, or left out since the log was long enough."""
        return self._journal.n_dropped + self._writer.n_left_out

    @property
    def digest(self) -> str:
        """The digest of all that this process has written: what `ithtel verify --expect` takes."""
        return self._journal.digest()

    def emit(
        self,
        event: Event,
        *,
        component: str | None = None,
        span_id: str | None = None,
        duration_ms: float | None = None,
    ) -> None:
        """Write `event` as one line, and hand it to the operating system before returning.

        What cannot be written is kept in memory and tried again; that never reaches the caller.

        Args:
            event: What happened.
            component: What emits it; the session's name unless given.
            span_id: The cell run it belongs to; the current one unless given.
            duration_ms: How long what happened took.

        Raises:
            RecordingError: The session has ended.
        """
        place = type(event), component, get_ident(), span_id or cell_of_context() or latest_cell.span_id
        ready = self._ready.get(place)
        if ready is None or duration_ms is not None:
            self._emit_with_care(event, place, duration_ms)
            return
        level, texts, who, what = ready
        try:
            is_clean = texts(event) in self.redactor.clean
        except TypeError:  # no text, whatever the event says of its fields
            is_clean = False
        if not is_clean:
            self._emit_with_care(event, place, duration_ms)
            return
        try:
            msg = event.sentence()
        except FAILURES:
            msg = sentence(event)
        journal = self._journal
        journal.put_event(level, msg, who, what, event)
        if journal.needs_attention:
            self._writer.attend()

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
        """Write one plain line around a context that is encoded already, as the loguru bridge does."""
        if self._is_off:
            self._refuse()
            return
        redactor = self.redactor
        if context != _NO_CONTEXT:
            context = encode(redactor.value(msgspec.json.decode(context)))
        if exception is not None:
            exception = redactor.value(exception)
            if self._privacy is not None:
                exception = self._privacy.exception(exception)
        message = redactor.text(encode_text(msg))
        named = None if component is None else redactor.text(component)
        around = more(context, duration_ms, exception)
        self._writer.message(level, message, around, component=named, package=package, span_id=span_id, tid=tid, ts=ts)

    def emit_many(
        self,
        kind: type[Event],
        columns: Mapping[str, Any],
        *,
        component: str | None = None,
        span_id: str | None = None,
    ) -> int:
        """Write an event of `kind` for each row of a table, and return how many: as `emit` would, but faster.

        Args:
            kind: The event.
            columns: Field → one value a row (an array of shape (n,), a list), or one for all rows.
            component: What emits them; the session's name unless given.
            span_id: The cell run they belong to; the current one unless given.

        Raises:
            InputError: A column is no field of the event, a field is missing, or lengths differ.
            RecordingError: The session has ended.
        """
        table = Columns(kind, columns, self.redactor, self._privacy)
        if self._is_off:
            self._refuse()
            return 0
        plan = plans.get(kind) or plan_of(kind)
        if plan.is_single or (plan.has_payload and self._writer.leaves_out_payload()):
            for event in table.events():
                self.emit(event, component=component, span_id=span_id)
            return len(table)
        for rows in table.blocks():
            self._writer.rows(kind.level, rows, component, span_id, plan.is_payload)
        return len(table)

    def seal(self) -> None:
        """Write `log.seal` over what was written since the last one; where there is nothing, do nothing.

        Call it at the end of each cell; it also sees to it that the file is still where it should be.
        """
        if not self._is_off:
            self._writer.seal()

    def pause(self, by: str) -> None:
        """Record nothing until `resume`; that it is so is recorded."""
        if not self.is_paused:
            self._is_off, self.is_paused, self._ready = True, True, {}
            self._record(RecordingPaused(by=by), (RecordingPaused, None, get_ident(), current_span()), None)

    def resume(self, by: str) -> None:
        """Record again."""
        if self.is_paused:
            self._is_off = self.is_paused = False
            self.emit(RecordingResumed(by=by))

    def count_loss(self, reason: str) -> None:
        """Count an event that could not even be made; the next one that is written says so."""
        self._journal.count_loss(reason if self._privacy is None else self._privacy.failure(reason))

    def new_run_id(self, kind: str) -> str:
        """Return an identity for a run of an algorithm, unique within this session: `bull-1`, then `bull-2`."""
        with self._journal.lock:
            self._n_runs[kind] = self._n_runs.get(kind, 0) + 1
            return f"{kind}-{self._n_runs[kind]}"

    def on_close(self, action: Callable[[], None]) -> None:
        """Call `action` when the session is about to end, the latest first."""
        self._on_close.append(action)

    def on_closed(self, action: Callable[[], None]) -> None:
        """Call `action` when the session has ended, the latest first."""
        self._on_closed.append(action)

    def close(self) -> None:
        """Write the last seal and `session.end`, and release the file; a second call does nothing.

        Each step is taken, whatever another raises or interrupts; if it is the last one, the next call takes it.
        """
        if self.is_closed:
            return
        with contextlib.ExitStack() as closing:
            closing.callback(self._end)
            while self._on_close:
                closing.callback(self._on_close[0])
                del self._on_close[0]

    def _end(self) -> None:
        self._is_off, self._ready, self.is_paused = True, {}, False
        self._writer.end((time.monotonic() - self._started) * 1e3, self.n_dropped)
        self.is_closed = True
        while self._on_closed:
            self._on_closed.pop()()

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
        self._writer.forked()
        self._renew()

    def _emit_with_care(self, event: Event, place: Place, duration_ms: float | None) -> None:
        """Write an event of any kind in any state of the session; `emit` does the same for what needs no care."""
        kind = place[0]
        plan = plans.get(kind) or plan_of(kind)
        if plan.is_learned:  # while recording is off, too
            self._learn(self._cleaned(event))
        if self._is_off:
            self._refuse()
        else:
            self._record(event, place, duration_ms)

    def _record(self, event: Event, place: Place, duration_ms: float | None) -> None:
        """Write an event of any kind, though recording may be off; note where the next of its kind needs no care."""
        ready = self._ready
        kind, component, tid, span_id = place
        plan = plans.get(kind) or plan_of(kind)
        event = self._cleaned(event)
        writer = self._writer
        named = None if component is None else self.redactor.text(component)
        who, what = writer.who_and_what(named, tid, span_id)
        if plan.is_plain and self._privacy is None and writer.is_plain:
            if len(ready) >= _MAX_READY:
                ready.clear()
            ready[place] = plan.level, plan.texts, who, what
            self.redactor.remember(plan.texts(event))
        if plan.has_payload and writer.leaves_out_payload():
            if plan.is_payload:
                writer.n_left_out += 1
                return
            event = msgspec.structs.replace(event, **dict.fromkeys(kind.payload))
        context = more(encode_event(event), duration_ms, None)
        writer.event(plan.level, sentence(event), who, what, context, plan.is_payload)
        if plan.is_kept and self.keeper is not None:
            self.keeper.see(event)
        if kind is CellEnd and self._settings.durability == "cell":
            writer.sync()

    def _cleaned(self, event: Event) -> Event:
        """Return `event` without secrets, and in a private session without text and values."""
        event = self.redactor.event(event)
        return event if self._privacy is None else self._privacy.event(event)

    def _without_secrets(self, provenance: Provenance) -> Provenance:
        named = provenance.experiment_id
        if named is None:
            return provenance
        return msgspec.structs.replace(provenance, experiment_id=self.redactor.text(encode_text(named)))

    def _renew(self) -> None:
        self._writer.renew(self._settings, self._trace_id, self._provenance)
        self._ready = {}

    def _refuse(self) -> None:
        if self.is_closed:
            raise RecordingError(f"session {self.name!r} has ended; start a new one with ithtel.start()")

    def _learn(self, event: Event) -> None:
        """Let the lines from here on name the seed and the input that they depend on."""
        with self._journal.lock:
            match event:
                case SeedSet():
                    self.provenance = msgspec.structs.replace(self._provenance, random_seed=event.seed)
                case DataLoad() | AlgorithmInit() if event.input_hash is not None:
                    self.provenance = msgspec.structs.replace(self._provenance, input_hash=event.input_hash)
                case _:
                    pass
