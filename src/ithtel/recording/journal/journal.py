"""Numbers lines and hands them to the sink, each once, in order, whatever interrupts it.

A signal may raise KeyboardInterrupt between any two steps of `put`, even between the system's write and the return to
Python. So what is about to be written is noted first (`_pending`), and whoever comes next asks the sink whether it
holds it. A signal handler or a finalizer that emits in the middle of `put` finds `_busy` and leaves its line for after.
"""

from __future__ import annotations

import os
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Raw

from ithtel.events.format.seal import sealed
from ithtel.recording.file.locks import is_systems
from ithtel.recording.journal.backlog import Backlog
from ithtel.recording.journal.sealing import Sealing
from ithtel.recording.lines.line import (
    FAILURES,
    MICROSECONDS,
    MILLISECOND,
    UNNUMBERED,
    Line,
    encode,
    encode_line,
    encode_lines,
    in_ns,
    to_the_millisecond,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.events import Event
    from ithtel.recording.file.sink import Sink

_BLOCK = 128
_NEVER = -MILLISECOND, ""
"""A millisecond that has passed."""


class Journal:
    """The lines of one session in this process."""

    def __init__(self, sink: Sink, clock: Callable[[], float], *, backlog_bytes: int) -> None:
        self.sink = sink
        self.clock_ns = time.time_ns if clock is time.time else lambda: in_ns(clock())
        self.needs_attention = False
        """Whether a loss is to be recorded, or so many lines were written that a seal is due."""
        self.limit = float("inf")
        """The bytes beyond which attention is needed."""
        self._backlog_bytes = backlog_bytes
        self.begin()

    def begin(self) -> None:
        """Begin to count, as a new process does."""
        self.lock = threading.RLock()
        self.pid = os.getpid()
        self.seq = 0
        self.backlog = Backlog(self._backlog_bytes)
        self.is_unwell = False
        """Whether the last line could not be written."""
        self.is_ended = False
        """Whether the last line of all has been made: what comes after it is refused, and counted."""
        self._busy = False
        self._in_doubt = False
        self._pending: bytes | list[bytes] | None = None
        self._is_payload = False
        self._waiting = self.backlog.lines
        self._deferred: list[Callable[[], None]] = []
        self._is_catching_up = False
        self._sealing = Sealing()
        self.sink.fresh = self._sealing.fresh
        self._millisecond: tuple[int, str] = _NEVER
        """The one that the last event was written in, and how timestamps begin in it."""

    @property
    def n_written(self) -> int:
        """How many lines the sink has taken."""
        return self.seq - len(self.backlog) - self.backlog.n_lost

    @property
    def n_dropped(self) -> int:
        """How many events are not on record and never will be."""
        return self.backlog.n_lost + self.backlog.n_unmade

    @property
    def is_over(self) -> bool:
        """Whether more bytes have been written than the limit."""
        return self.n_bytes > self.limit

    @property
    def is_long(self) -> bool:
        """Whether so many lines have been written since the last seal that another is due."""
        return self._sealing.is_long

    @property
    def n_bytes(self) -> int:
        """How many bytes have been written."""
        return self._sealing.n_bytes

    def put(self, line: Line | Callable[[], Line | None], is_payload: bool = False, *, is_last: bool = False) -> None:
        """Give `line` the next number, and write it; one that depends on the lines before is made when it is due."""
        with self.lock:
            if self._busy:
                self._deferred.append(partial(self.put, line, is_payload, is_last=is_last))
                return
            if self.is_ended:
                self.backlog.n_unmade += 1
                return
            self._busy = True
            try:
                if self._pending is not None or self.is_unwell:
                    self._recover()
                made = line if isinstance(line, Line) else line()
                if made is None:
                    return
                seq = made.seq = self.seq
                text = encode_line(made)
                self._is_payload = is_payload
                self._pending, self.is_ended = text, is_last
                if self._waiting:
                    self._finish()
                else:
                    self.sink.look()
                    self.sink.append(text)
                    fresh = self._sealing.fresh
                    fresh.append(text)
                    self.seq = seq + 1
                    self._pending = None
                    if self.is_unwell:
                        self._is_well_again()
                    if len(fresh) >= _BLOCK:
                        self._absorb()
            except BaseException as error:  # noqa: BLE001 - it is raised again, but for the sink's own
                self._interrupted(error)
            finally:
                self._busy = self._is_payload = False
            if self._deferred:
                self._put_deferred()

    def put_event(  # noqa: PLR0917 - keywords cost more
        self, level: str, msg: str, who: Raw, what: Raw, context: Event | Raw, is_payload: bool = False
    ) -> None:
        """Write one event as `put` does: one function, since each call would cost as much as the lock."""
        clock_ns = self.clock_ns
        now = clock_ns()
        began, stamp = self._millisecond
        is_due = not 0 <= now - began < MILLISECOND
        if is_due:
            began, stamp = self._turn(now)
        ts = stamp + MICROSECONDS[(now - began) // 1000]
        with self.lock:
            if self._busy or self._pending is not None or self.is_unwell or self.is_ended or is_payload:
                self.put(Line(ts, level, msg, who, UNNUMBERED, what, context), is_payload)
                return
            self._busy = True
            try:
                seq = self.seq
                line = Line(ts, level, msg, who, seq, what, context)
                try:
                    text = encode_lines([line])
                except FAILURES:
                    text = encode_line(line)
                self._pending = text
                if is_due:
                    self.sink.look()
                write = self.sink.write
                written = write(text)
                if written != len(text):
                    self.sink.carry_on(text, written or 0)
                fresh = self._sealing.fresh
                fresh.append(text)
                self.seq = seq + 1
                self._pending = None
                if len(fresh) >= _BLOCK:
                    self._absorb()
            except BaseException as error:  # noqa: BLE001 - it is raised again, but for the sink's own
                self._interrupted(error)
            finally:
                self._busy = False
            if self._deferred:
                self._put_deferred()

    def put_block(self, make: Callable[[int], list[bytes]], is_payload: bool = False) -> None:
        """Write lines by one append; `make` gives them, from the number of the first."""
        if not self.alone(partial(self._put_block, make, is_payload)):
            self._deferred.append(partial(self.put_block, make, is_payload))

    def end(
        self, make_seal: Callable[[int, str, str], Line], make: Callable[[str], Line], release: Callable[[], None]
    ) -> None:
        """Write the last seal and `session.end`, sealed by its own digest, then do `release`; a second call, the rest.

        Args:
            make_seal: As `seal` takes it.
            make: Gives the last line from the CRC-32 of the lines before.
            release: Lets go of the sink.
        """

        def end() -> Line:
            self._absorb()
            chain = self._sealing.chain
            line = make(chain.checks())
            if not self.backlog:
                line.seq = self.seq
                line.context = Raw(sealed(encode_line(line), chain)[-len(encode(line.context)) - 2 : -2])
            return line

        with self.lock:
            if self._busy:
                self._deferred.append(partial(self.end, make_seal, make, release))
                return
            if not self.is_ended:
                self.seal(make_seal)
                self.put(end, is_last=True)
            self.flush()
            if self.backlog:
                self.backlog.drop_all()
            release()

    def seal(self, make: Callable[[int, str, str], Line]) -> None:
        """Write a seal over the lines since the last one, if there are any; `make` gives it."""

        def seal() -> Line | None:
            if self.backlog:
                return None
            self._absorb()
            return make(*self._sealing.begin_next()) if self._sealing.has_news() else None

        self.put(seal)

    def flush(self) -> None:
        """Try to write what waits, whenever it was tried last."""
        if self.backlog or self._pending is not None:
            self.backlog.hurry()
            self.alone(self._recover)

    def digest(self) -> str:
        """Return the digest of the lines since the last seal, and of that seal."""
        self.alone(self._sealing.absorb)
        return self._sealing.chain.digest()

    def fail(self, error: OSError) -> None:
        """Note a failure in which no line was lost; a signal handler's error goes on to the caller."""
        if not is_systems(error):
            raise error
        with self.lock:
            self.backlog.fail(error)
            self.needs_attention = True

    def count_loss(self, reason: str) -> None:
        """Count an event that could not even be made."""
        with self.lock:
            self.backlog.count(reason)
            self.needs_attention = True

    def alone(self, action: Callable[[], None]) -> bool:
        """Do `action` while no line is written; False where a signal handler asks for it in the middle of one."""
        with self.lock:
            if self._busy:
                return False
            self._busy = True
            try:
                action()
            except BaseException as error:  # noqa: BLE001 - it is raised again, but for the sink's own
                self._interrupted(error)
            finally:
                self._busy = self._is_payload = False
            if self._deferred:
                self._put_deferred()
            return True

    def _turn(self, now_ns: int) -> tuple[int, str]:
        """Return when the millisecond of a moment began, and how timestamps begin in it: so do those that follow."""
        self._millisecond = found = now_ns - now_ns % MILLISECOND, to_the_millisecond(now_ns)
        return found

    def _put_block(self, make: Callable[[int], list[bytes]], is_payload: bool) -> None:
        if self.is_ended:
            self.backlog.n_unmade += len(make(self.seq))
            return
        self._recover()
        lines = make(self.seq)
        self._pending, self._is_payload = lines, is_payload
        if self.backlog:
            self._finish()
        else:
            self.sink.look()
            self.sink.append(b"".join(lines))
            self._sealing.fresh += lines
            self.seq += len(lines)
            self._pending = None
            if self.is_unwell:
                self._is_well_again()
        self._absorb()

    def _put_deferred(self) -> None:
        """Write what was emitted in the middle of something else."""
        if self._is_catching_up:
            return
        self._is_catching_up = True
        try:
            while self._deferred:
                self._deferred.pop(0)()
        finally:
            self._is_catching_up = False

    def _interrupted(self, error: BaseException) -> None:
        """Bring what was under way to its end; only what the sink itself complains about goes no further."""
        if not (isinstance(error, OSError) and is_systems(error)):
            self._recover()
            raise error
        if self._pending is not None:
            self._finish()

    def _recover(self) -> None:
        """Finish what an interrupt left half done, then try what waits."""
        if self._pending is not None:
            self._finish()
        if self.backlog and self.backlog.is_time():
            self._write_backlog()

    def _finish(self) -> None:
        """Write the pending lines unless they are written already; keep them where that fails, or others wait."""
        assert self._pending is not None  # noqa: S101 - for the type checker
        lines = [self._pending] if isinstance(self._pending, bytes) else self._pending
        seq = self.seq
        if not self._is_done(lines) and not self.backlog.holds_last(lines[-1]):
            failure = None if self.backlog else self._try(lines)
            if failure is not None:
                self.is_unwell = True
                self.backlog.fail(failure)
            if failure is not None or self.backlog:
                for offset, line in enumerate(lines):
                    self.backlog.keep(seq + offset, line, is_payload=self._is_payload)
        self.seq = seq + len(lines)
        self._pending = None

    def _try(self, lines: list[bytes]) -> OSError | None:
        try:
            self.sink.look()
            self.sink.append(b"".join(lines))
        except OSError as error:
            if not is_systems(error):
                raise
            return error
        self._sealing.fresh += lines
        return None

    def _is_done(self, lines: list[bytes]) -> bool:
        """Say whether `lines` have been written; what the sink holds, but we did not note, is noted now."""
        if self._sealing.fresh and self._sealing.fresh[-1] is lines[-1]:
            return True
        if not self.sink.holds(b"".join(lines)):
            return False
        self._sealing.fresh += lines
        return True

    def _write_backlog(self) -> None:
        while (line := self.backlog.head()) is not None:
            if not (self._in_doubt and self._is_done([line])):
                self._in_doubt = True
                error = self._try([line])
                if error is not None:
                    self._in_doubt = False
                    self.backlog.fail(error)
                    return
            self.backlog.written()
            self._in_doubt = False
        self._is_well_again()

    def _is_well_again(self) -> None:
        self.is_unwell = False
        self.needs_attention = True

    def _absorb(self) -> None:
        """Let go of the fresh lines, once they are where they should be: into the digest."""
        self.sink.settle()
        self._sealing.absorb()
        if self.is_long or self.is_over:
            self.needs_attention = True
