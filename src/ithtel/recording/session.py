"""`Session`: one recording, from events and messages to numbered lines in a file.

The one road from `emit` to the disk:

    emit ──▶ _prepare, unless the head of the line is known and the event's texts are known to be clean:
      │        ├─ Cleaner     secrets, and text and values in a private session, are taken out
      │        ├─ learn       a seed or an input that the lines from here on name
      │        └─ head        level, sender and experiment of such lines; remembered until something changes
      ▼
    Line ◀── write (a plain message)              emit_many (columns of a table)
      ▼                                             ▼
    Writer.put ─▶ rotate if due                   Writer.put_rows
      ▼                                             ▼
    Journal.put   one line at a time              Journal.put_block
      ▼                                             ▼
    Delivery      number, encode, append, digest; keep in the backlog what the disk refuses
      ▼
    Sink          the file that several processes append to
      ▼
    Writer        back again: sync if asked for, report losses, seal what has become long

`log.seal`, `session.end` and the reports of a loss enter at `Writer.put` and `Journal.seal`.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from threading import get_ident
from typing import TYPE_CHECKING, Any, Self

import msgspec

from ithtel.errors import RecordingError
from ithtel.events import AlgorithmInit, DataLoad, RecordingPaused, RecordingResumed, SeedSet
from ithtel.recording.file.object_store import Keeper
from ithtel.recording.heads import Heads
from ithtel.recording.journal.writer import Writer
from ithtel.recording.lines.columns import Columns
from ithtel.recording.lines.event_plan import plan_of, plans
from ithtel.recording.lines.line import FAILURES, UNNUMBERED, Line, encode_event, more, sentence
from ithtel.recording.lines.timestamps import in_ns, timestamp
from ithtel.recording.secrets.cleaning import Cleaner
from ithtel.recording.span import cell_of_context, current_span, latest_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from ithtel.events import Event, ExceptionInfo, Provenance
    from ithtel.recording.file.sink import Sink
    from ithtel.recording.heads import Head, Place
    from ithtel.recording.settings import Settings


class Session:
    """One recording: a name, a file, a sequence of lines.

    Get one from `ithtel.start`. It is a context manager, and ends with the process unless it is ended before.
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
        self.is_paused = False
        self.is_closed = False
        self._is_off = False
        self._settings = settings
        self._cleaner = Cleaner(settings)
        self.redactor = self._cleaner.redactor
        self.keeper = Keeper.of(settings, sink.path)
        self._provenance = self._cleaner.provenance(provenance)
        self._trace_id = trace_id or secrets.token_hex(16)
        self._writer = Writer(name, sink, settings, self.redactor, clock)
        self._now = self._writer.now
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
        """The file that is being written, None if the lines are kept in memory."""
        return self.sink.path

    @property
    def settings(self) -> Settings:
        """How this session records; a change applies to the lines from then on."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.keeper = Keeper.of(settings, self.sink.path)
        self._cleaner.configure(settings)
        self._settings = settings
        self._renew()

    @property
    def provenance(self) -> Provenance:
        """What the lines from here on depend on."""
        return self._provenance

    @provenance.setter
    def provenance(self, provenance: Provenance) -> None:
        self._provenance = self._cleaner.provenance(provenance)
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
        return self._writer.journal.n_written

    @property
    def n_dropped(self) -> int:
        """How many events are not recorded: not made, not written, or left out because the log was long enough."""
        return self._writer.journal.n_dropped + self._writer.n_left_out

    @property
    def digest(self) -> str:
        """The digest of all that this process has written: what `ithtel verify --expect` takes."""
        return self._writer.journal.digest()

    def emit(
        self,
        event: Event,
        *,
        component: str | None = None,
        span_id: str | None = None,
        duration_ms: float | None = None,
    ) -> None:
        """Write `event` as one line, and hand it to the operating system before returning.

        A line that cannot be written is kept in memory and tried again; the caller never notices.

        Args:
            event: What happened.
            component: What emits it; the session's name unless given.
            span_id: The cell run it belongs to; the current one unless given.
            duration_ms: How long it took.

        Raises:
            RecordingError: The session has ended.
        """
        place = type(event), component, get_ident(), span_id or cell_of_context() or latest_cell.span_id
        head = self._heads.known.get(place)
        try:
            is_ready = head is not None and head[1](event) in self.redactor.clean
        except TypeError:  # not a text, despite the type of the event's field
            is_ready = False
        if head is None or not is_ready:
            prepared = self._prepare(event, place)
            if prepared is None:
                return
            head, event = prepared
        level, _texts, who, what, after = head
        try:
            msg = event.sentence()
        except FAILURES:
            msg = sentence(event)
        context = event if duration_ms is None else more(encode_event(event), duration_ms, None)
        now = self._now  # a function in an attribute is called faster as a local
        self._writer.put(Line(now(), level, msg, who, UNNUMBERED, what, context))
        if after is not None:
            after(event)

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
        cleaner, writer = self._cleaner, self._writer
        context = cleaner.context(context)
        if exception is not None:
            exception = cleaner.exception(exception)
        who = writer.who(None if component is None else cleaner.text(component), package, tid)
        what = writer.what(span_id or current_span())
        now = self._now()
        moment = now if ts is None else timestamp(in_ns(ts))
        around = more(context, duration_ms, exception)
        writer.put(Line(moment, level, cleaner.text(msg), who, UNNUMBERED, what, around))

    def emit_many(
        self,
        kind: type[Event],
        columns: Mapping[str, Any],
        *,
        component: str | None = None,
        span_id: str | None = None,
    ) -> int:
        """Write an event of `kind` for each row of a table and return their number: as `emit` does, but faster.

        Args:
            kind: The event.
            columns: Field → one value per row (an array of shape (n,), a list), or one for all rows.
            component: What emits them; the session's name unless given.
            span_id: The cell run they belong to; the current one unless given.

        Raises:
            InputError: A column is not a field of the event, a field is missing, or lengths differ.
            RecordingError: The session has ended.
        """
        table = Columns(kind, columns, self.redactor, self._cleaner.privacy)
        if self._is_off:
            self._refuse()
            return 0
        plan = plans.get(kind) or plan_of(kind)
        if plan.is_single or (plan.has_payload and self._writer.is_full()):
            for event in table.events():
                self.emit(event, component=component, span_id=span_id)
            return len(table)
        for rows in table.blocks():
            self._writer.put_rows(kind.level, rows, component, span_id)
        return len(table)

    def seal(self) -> None:
        """Write `log.seal` over what was written since the last one; do nothing if there is nothing.

        Call it at the end of each cell: it also checks that the file is still where it should be.
        """
        if not self._is_off:
            self._writer.seal()

    def pause(self, by: str) -> None:
        """Record nothing until `resume`, except that recording is paused."""
        if not self.is_paused:
            self._is_off = self.is_paused = True
            self._forget_heads()
            self._writer.put_own(self._cleaner.event(RecordingPaused(by=by)))

    def resume(self, by: str) -> None:
        """Record again."""
        if self.is_paused:
            self._is_off = self.is_paused = False
            self.emit(RecordingResumed(by=by))

    def count_loss(self, reason: str) -> None:
        """Count an event that could not even be made; the log reports it with the next line."""
        self._writer.journal.count_loss(self._cleaner.failure(reason))

    def new_run_id(self, kind: str) -> str:
        """Return an identity for a run of an algorithm, unique within this session: `bull-1`, then `bull-2`."""
        with self._writer.journal.lock:
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

        Each step is taken even if another one raises or is interrupted; an interrupted last step is left to the next
        call.
        """
        if self.is_closed:
            return
        with contextlib.ExitStack() as closing:
            closing.callback(self._end)
            while self._on_close:
                closing.callback(self._on_close[0])
                del self._on_close[0]

    def _end(self) -> None:
        self._is_off, self.is_paused = True, False
        self._forget_heads()
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
        """Continue in a forked child, with a sequence and a lock of its own."""
        self._writer.forked()
        self._renew()

    def _prepare(self, event: Event, place: Place) -> tuple[Head, Event] | None:
        """Return the head of an event's line and the event as it may be written; None if it must not be written."""
        heads = self._heads  # from before: a change of the session meanwhile replaces them
        kind = place[0]
        plan = plans.get(kind) or plan_of(kind)
        if self._is_off and not plan.is_learned:
            self._refuse()
            return None
        event = self._cleaner.event(event)
        if plan.is_learned:  # while recording is off, too
            self._learn(event)
        if self._is_off:
            self._refuse()
            return None
        if plan.has_payload and self._writer.is_full():
            if plan.is_payload:
                self._writer.n_left_out += 1
                return None
            event = msgspec.structs.replace(event, **dict.fromkeys(kind.payload))
        return heads.of(event, place, plan), event

    def _renew(self) -> None:
        self._writer.renew(self._settings, self._trace_id, self._provenance)
        self._forget_heads()

    def _forget_heads(self) -> None:
        self._heads = Heads(self._cleaner, self._writer, self.keeper, self._settings)

    def _refuse(self) -> None:
        if self.is_closed:
            raise RecordingError(f"session {self.name!r} has ended; start a new one with ithtel.start()")

    def _learn(self, event: Event) -> None:
        """Let the lines from here on name the seed and the input that they depend on."""
        with self._writer.journal.lock:
            match event:
                case SeedSet():
                    self.provenance = msgspec.structs.replace(self._provenance, random_seed=event.seed)
                case DataLoad() | AlgorithmInit() if event.input_hash is not None:
                    self.provenance = msgspec.structs.replace(self._provenance, input_hash=event.input_hash)
                case _:
                    pass
