"""`Writer`: puts lines into the journal, and does what a line may require: rotation, syncing, seals, loss reports."""

from __future__ import annotations

import mmap
import zlib
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING

from msgspec import Raw

from ithtel.events import LogSeal, RecordingLoss, SessionEnd
from ithtel.events.format.seal import UNSEALED
from ithtel.recording.file.maintenance import Maintenance
from ithtel.recording.journal.journal import Journal
from ithtel.recording.journal.workers import workers_of
from ithtel.recording.lines.line import UNNUMBERED, Line, LineFormat, encode, sentence
from ithtel.recording.lines.timestamps import Clock
from ithtel.recording.quantities import needed_bytes
from ithtel.recording.span import current_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.events import Event, Provenance
    from ithtel.events.session import WorkerLines
    from ithtel.recording.file.sink import Sink
    from ithtel.recording.lines.columns import Row
    from ithtel.recording.secrets.redaction import Redactor
    from ithtel.recording.settings import Settings

_CLOCK_SLACK_S = 60.0
"""How much older than the session the time of its files may seem."""
_ENVELOPE_BYTES = 600
"""About what the envelope adds to a context; rotation need not know it exactly."""
_FULL = "the log has reached max_log_bytes: output text, sketches and steps are omitted from here on"


class Writer:
    """Writes the lines of one session in this process."""

    def __init__(
        self, name: str, sink: Sink, settings: Settings, redactor: Redactor, clock: Callable[[], float]
    ) -> None:
        self.n_left_out = 0
        """How many events were not written because the log is as long as it may get."""
        timestamps = Clock(clock)
        self.now = timestamps.now
        """Returns the timestamp of the present moment."""
        self.journal = Journal(sink, timestamps, backlog_bytes=needed_bytes("backlog", settings.backlog) or 0)
        self._is_full = False
        self._session_id = ""
        self._has_workers = mmap.mmap(-1, 1)  # a forked process sets it, and this process sees it
        self._is_worker = False
        self._name = name
        self._sink = sink
        self._redactor = redactor
        self._clock = clock
        self._began = clock()
        self._maintenance = Maintenance(sink, settings)

    def renew(self, settings: Settings, trace_id: str, provenance: Provenance) -> None:
        """Use these settings, trace id and provenance for the lines from here on."""
        self._maintenance.configure(settings)
        self._session_id = provenance.session_id
        self._must_sync = settings.durability == "disk"
        delivery = self.journal.delivery
        delivery.max_bytes = needed_bytes("max_log_bytes", settings.max_log_bytes) or float("inf")
        self._is_full = self._is_full and delivery.is_over
        self._format = LineFormat(
            pid=self.journal.pid,
            trace_id=trace_id,
            provenance=provenance,
            package=settings.package,
            env=settings.env,
        )

    def who(self, component: str | None, package: str | None = None, tid: int | None = None) -> Raw:
        """Return the fields of a line from `component` to `tid`."""
        return self._format.who(component or self._name, package, tid or get_ident())

    def what(self, span_id: str | None) -> Raw:
        """Return the fields of a line from `trace_id` to `provenance`."""
        return self._format.what(span_id)

    def put(self, line: Line) -> None:
        """Write one line."""
        if self._maintenance.is_on:
            self._rotate(len(encode(line.context)) + _ENVELOPE_BYTES)
        journal = self.journal
        journal.put(line)
        if self._must_sync:
            self.sync()
        if journal.delivery.needs_attention:
            self.attend()

    def put_own(self, event: Event) -> None:
        """Write an event by which the recording reports on itself."""
        self.put(self._own(event))

    def put_rows(self, level: str, rows: list[Row], component: str | None, span_id: str | None) -> None:
        """Write one line per row, all by one append."""
        start = b'{"ts":%b,"level":%b,"msg":' % (encode(self.now()), encode(level))
        who = b',"component":%b,"seq":' % bytes(self.who(component))
        what = b',"trace_id":%b,"context":' % bytes(self.what(span_id or current_span()))

        def make(first: int) -> list[bytes]:
            return [
                b"%b%b%b%d%b%b}\n" % (start, msg, who, seq, what, context)
                for seq, (msg, context) in enumerate(rows, first)
            ]

        if self._maintenance.is_on:
            self._rotate(sum(len(context) + _ENVELOPE_BYTES for _, context in rows))
        self.journal.put_block(make)
        if self._must_sync:
            self.sync()
        if self.journal.delivery.needs_attention:
            self.attend()

    def is_full(self) -> bool:
        """Return whether the log is as long as it may get; the first time, record that it is."""
        if self.journal.delivery.is_over and not self._is_full:
            self.attend()
        return self._is_full

    def seal(self) -> None:
        """Write `log.seal` if there is anything to seal, and check that the file is still where it should be."""
        self.settle()
        self.journal.seal(self._seal_line)

    def end(self, duration_ms: float, n_dropped: int) -> None:
        """Write the last seal and `session.end`, and close the sink; a second call takes the steps that are left."""
        if not self.journal.delivery.is_ended:
            self.settle()
        self.journal.end(self._seal_line, partial(self._end_line, duration_ms, n_dropped), self._release)
        self._maintenance.finish()

    def settle(self) -> None:
        """Write what waits, and write again what has vanished with its file."""
        self._with_sink(self._sink.settle)
        self.journal.flush()
        if self.journal.delivery.needs_attention:
            self.attend()

    def sync(self) -> None:
        """Force what was written to the disk."""
        self._with_sink(self._sink.sync)

    def attend(self) -> None:
        """Record what went wrong, once it can be recorded, and seal what has become long."""
        with self.journal.lock:
            self._attend()

    def forked(self) -> None:
        """Continue in a forked child, with an open file and numbers of its own."""
        forked = getattr(self._sink, "forked", None)
        if forked is not None:
            forked()
        self._maintenance.forked()
        self.journal.begin()
        self._is_worker = True
        self.journal.delivery.needs_attention = True

    def _attend(self) -> None:
        delivery = self.journal.delivery
        delivery.needs_attention = False
        if self._is_worker:
            self._has_workers[0] = 1
        if delivery.is_over and not self._is_full:
            self._is_full = True
            delivery.max_bytes = float("inf")
            self.put_own(RecordingLoss(n_dropped=0, first_seq=None, last_seq=None, reason=_FULL))
        if delivery.backlog.has_news and not delivery.backlog and not delivery.is_failing:
            loss = delivery.backlog.take_news()
            reason = self._redactor.text(loss.reason)
            self.put_own(
                RecordingLoss(n_dropped=loss.n_dropped, first_seq=loss.first_seq, last_seq=loss.last_seq, reason=reason)
            )
        if delivery.sealing.is_long:
            self.journal.seal(self._seal_line)

    def _rotate(self, n_bytes: int) -> None:
        now = self._clock()
        if self._maintenance.is_due(n_bytes, now):
            self.journal.seal(self._seal_line)
            self._with_sink(partial(self._maintenance.rotate, n_bytes, now))

    def _release(self) -> None:
        self.sync()
        self._with_sink(self._sink.close)

    def _with_sink(self, action: Callable[[], None]) -> None:
        """Call `action`, which uses the file, while no line is written; note what the system refuses."""

        def guarded() -> None:
            try:
                action()
            except OSError as error:
                self.journal.fail(error)

        self.journal.alone(guarded)

    def _own(self, event: Event) -> Line:
        who, what = self.who(None), self.what(current_span())
        return Line(self.now(), event.level, sentence(event), who, UNNUMBERED, what, Raw(encode(event)))

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
                workers=self._workers(),
            )
        )

    def _workers(self) -> dict[str, WorkerLines] | None:
        """Return what forked processes have written; None if that is not known."""
        if self._is_worker or (path := self._sink.path) is None:
            return None
        if not self._has_workers[0]:
            return {}
        try:
            return workers_of(path, self._session_id, self.journal.pid, self._began - _CLOCK_SLACK_S)
        except (OSError, EOFError, ValueError, zlib.error):
            return None
