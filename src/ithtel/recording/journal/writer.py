"""From an encoded event to a line in the sink: envelope, number, seal, rotation, what to do when the disk is full."""

from __future__ import annotations

from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING

from msgspec import Raw

from ithtel.events import LogSeal, RecordingLoss, SessionEnd
from ithtel.events.format.seal import UNSEALED
from ithtel.recording.file.maintenance import Maintenance
from ithtel.recording.journal.journal import Journal
from ithtel.recording.lines.line import UNNUMBERED, Line, LineFormat, encode, in_ns, sentence, timestamp
from ithtel.recording.quantities import needed_bytes
from ithtel.recording.span import current_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.events import Event, Provenance
    from ithtel.recording.file.sink import Sink
    from ithtel.recording.lines.columns import Row
    from ithtel.recording.secrets.redaction import Redactor
    from ithtel.recording.settings import Settings

_ENVELOPE_BYTES = 600
"""About what the envelope adds to a context; rotation need not know it exactly."""


class Writer:
    """Writes the lines of one session in this process."""

    def __init__(
        self, name: str, sink: Sink, settings: Settings, redactor: Redactor, clock: Callable[[], float]
    ) -> None:
        self.n_left_out = 0
        """How many events were not written because the log is as long as it may get."""
        self.journal = Journal(sink, clock, backlog_bytes=needed_bytes("backlog", settings.backlog) or 0)
        self._is_over = False
        self._name = name
        self._sink = sink
        self._redactor = redactor
        self._clock = clock
        self._maintenance = Maintenance(sink, settings)

    @property
    def is_plain(self) -> bool:
        """Whether a line only needs to be put into the journal: no rotation, no way to the disk to wait for."""
        return not (self._maintenance.is_on or self._must_sync)

    def renew(self, settings: Settings, trace_id: str, provenance: Provenance) -> None:
        """Take over what the lines from here on have in common."""
        self._maintenance.configure(settings)
        self._must_sync = settings.durability == "disk"
        self.journal.limit = needed_bytes("max_log_bytes", settings.max_log_bytes) or float("inf")
        self._is_over = self._is_over and self.journal.is_over
        self._format = LineFormat(
            pid=self.journal.pid,
            trace_id=trace_id,
            provenance=provenance,
            package=settings.package,
            env=settings.env,
        )

    def leaves_out_payload(self) -> bool:
        """Say whether the log is as long as it may get; the first time, the record says so."""
        if self.journal.is_over and not self._is_over:
            self.attend()
        return self._is_over

    def who_and_what(self, component: str | None, tid: int, span_id: str | None) -> tuple[Raw, Raw]:
        """Return what the lines of one component, thread and cell have in common."""
        return self._format.who(component or self._name, None, tid), self._format.what(span_id)

    def event(  # noqa: PLR0917 - the innermost loop; keywords cost more
        self, level: str, msg: str, who: Raw, what: Raw, context: Raw, is_payload: bool
    ) -> None:
        """Write one event."""
        journal = self.journal
        if self._maintenance.is_on:
            self._rotate(len(context) + _ENVELOPE_BYTES)
        journal.put_event(level, msg, who, what, context, is_payload)
        if self._must_sync:
            self.sync()
        if journal.needs_attention:
            self.attend()

    def put(self, line: Line) -> None:
        """Write one line."""
        if self._maintenance.is_on:
            self._rotate(len(encode(line.context)) + _ENVELOPE_BYTES)
        self.journal.put(line)
        if self._must_sync:
            self.sync()

    def message(
        self,
        level: str,
        msg: str,
        context: Raw,
        *,
        component: str | None,
        package: str | None,
        span_id: str | None,
        tid: int | None,
        ts: float | None,
    ) -> None:
        """Write one line that says itself where it comes from."""
        moment = timestamp(self.journal.clock_ns() if ts is None else in_ns(ts))
        who = self._format.who(component or self._name, package, tid or get_ident())
        what = self._format.what(span_id or current_span())
        self.put(Line(moment, level, msg, who, UNNUMBERED, what, context))
        if self.journal.needs_attention:
            self.attend()

    def rows(self, level: str, rows: list[Row], component: str | None, span_id: str | None, is_payload: bool) -> None:
        """Write a line a row by one append."""
        start = b'{"ts":%b,"level":%b,"msg":' % (encode(timestamp(self.journal.clock_ns())), encode(level))
        who = b',"component":%b,"seq":' % bytes(self._format.who(component or self._name, None, get_ident()))
        what = b',"trace_id":%b,"context":' % bytes(self._format.what(span_id or current_span()))

        def make(first: int) -> list[bytes]:
            return [
                b"%b%b%b%d%b%b}\n" % (start, msg, who, seq, what, context)
                for seq, (msg, context) in enumerate(rows, first)
            ]

        if self._maintenance.is_on:
            self._rotate(sum(len(context) + _ENVELOPE_BYTES for _, context in rows))
        self.journal.put_block(make, is_payload)
        if self.journal.needs_attention:
            self.attend()
        if self._must_sync:
            self.sync()

    def seal(self) -> None:
        """Write `log.seal`, if there is anything to seal, and see whether the file is still where it should be."""
        self.settle()
        self.journal.seal(self._seal_line)

    def end(self, duration_ms: float, n_dropped: int) -> None:
        """Write the last seal and `session.end`, and release the sink; what was interrupted goes on where it was."""
        if not self.journal.is_ended:
            self.settle()
        self.journal.end(self._seal_line, partial(self._end_line, duration_ms, n_dropped), self._release)
        self._maintenance.finish()

    def settle(self) -> None:
        """Write what waits, and write again what has vanished with its file."""
        self._with_sink(self._sink.settle)
        self.journal.flush()
        if self.journal.needs_attention:
            self.attend()

    def sync(self) -> None:
        """Bring what was written to the disk."""
        self._with_sink(self._sink.sync)

    def _release(self) -> None:
        self.sync()
        self._with_sink(self._sink.close)

    def forked(self) -> None:
        """Go on in a forked child: its own open file, its own numbers."""
        forked = getattr(self._sink, "forked", None)
        if forked is not None:
            forked()
        self._maintenance.forked()
        self.journal.begin()

    def _rotate(self, n_bytes: int) -> None:
        now = self._clock()
        if self._maintenance.is_due(n_bytes, now):
            self.journal.seal(self._seal_line)
            self._with_sink(partial(self._maintenance.rotate, n_bytes, now))

    def _with_sink(self, action: Callable[[], None]) -> None:
        """Do something with the file while no line is written; what the system refuses is noted."""

        def guarded() -> None:
            try:
                action()
            except OSError as error:
                self.journal.fail(error)

        self.journal.alone(guarded)

    def _own(self, event: Event) -> Line:
        who = self._format.who(self._name, None, get_ident())
        what = self._format.what(current_span())
        moment = timestamp(self.journal.clock_ns())
        return Line(moment, event.level, sentence(event), who, UNNUMBERED, what, Raw(encode(event)))

    def _seal_line(self, n_lines: int, sha256: str, crc32: str) -> Line:
        return self._own(LogSeal(n_lines=n_lines, sha256=sha256, crc32=crc32))

    def _end_line(self, duration_ms: float, n_dropped: int, crc32: str) -> Line:
        return self._own(
            SessionEnd(
                n_events=self.journal.n_written,
                n_dropped=n_dropped,
                duration_ms=duration_ms,
                sha256=UNSEALED,
                crc32=crc32,
            )
        )

    def attend(self) -> None:
        """Record what went wrong, once it can be recorded, and seal what has become long."""
        with self.journal.lock:
            self._attend(self.journal)

    def _attend(self, journal: Journal) -> None:
        journal.needs_attention = False
        if journal.is_over and not self._is_over:
            self._is_over = True
            journal.limit = float("inf")
            reason = (
                "the log is as long as max_log_bytes allows: output text, sketches and steps are left out from here on"
            )
            self.put(self._own(RecordingLoss(n_dropped=0, first_seq=None, last_seq=None, reason=reason)))
        if journal.backlog.has_news and not journal.backlog and not journal.is_unwell:
            loss = journal.backlog.take_news()
            reason = self._redactor.text(loss.reason)
            said = RecordingLoss(
                n_dropped=loss.n_dropped, first_seq=loss.first_seq, last_seq=loss.last_seq, reason=reason
            )
            self.put(self._own(said))
        if journal.is_long:
            journal.seal(self._seal_line)
