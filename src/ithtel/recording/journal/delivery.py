"""`Delivery`: gives each line its number and appends it to the sink exactly once, in order, even when interrupted.

A signal may raise KeyboardInterrupt between any two steps, even between the system's write and the return to Python.
So a line is noted before it is written (`_pending`), and the next caller asks the sink whether it holds that line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.recording.file.locks import is_refusal
from ithtel.recording.journal.backlog import Backlog
from ithtel.recording.journal.sealing import Sealing
from ithtel.recording.lines.line import FAILURES, encode_line, encode_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.recording.file.sink import Sink
    from ithtel.recording.lines.line import Line
    from ithtel.recording.lines.timestamps import Clock

_BLOCK = 128


class Delivery:
    """The numbers, the backlog and the running digest of one session in this process.

    It has no lock: the journal calls it from one thread at a time, and never while another call is under way.
    """

    def __init__(self, sink: Sink, clock: Clock, *, backlog_bytes: int) -> None:
        self.sink = sink
        self._clock = clock
        self.seq = 0
        self.backlog = Backlog(backlog_bytes)
        self.sealing = Sealing()
        self.sink.fresh = self.sealing.fresh
        self.needs_attention = False
        """Whether a loss has to be recorded, or enough lines were written for a seal."""
        self.max_bytes = float("inf")
        """The size beyond which attention is needed."""
        self.is_failing = False
        """Whether the last line could not be written."""
        self.is_ended = False
        """Whether the last line of the session has been made: later ones are refused and counted."""
        self._pending: bytes | list[bytes] | None = None
        self._is_in_doubt = False

    @property
    def is_over(self) -> bool:
        """Whether more than `max_bytes` have been written."""
        return self.sealing.n_bytes > self.max_bytes

    def deliver(self, line: Line, is_last: bool = False) -> None:
        """Number `line` and append it; if this raises, `interrupted` brings it to its end."""
        if self._pending is not None or self.is_failing:
            self.recover()
        seq = line.seq = self.seq
        try:
            text = encode_lines([line])
        except FAILURES:
            text = encode_line(line)
        self._pending, self.is_ended = text, is_last
        if self.is_failing and self.backlog:
            self._finish()
            return
        sink = self.sink
        if self._clock.has_turned:  # to look costs as much as two calls
            self._clock.has_turned = False
            sink.look()
        write = sink.write  # a function in an attribute is called faster as a local
        written = write(text)
        if written != len(text):
            sink.carry_on(text, written or 0)
        fresh = self.sealing.fresh
        fresh.append(text)
        self.seq = seq + 1
        self._pending = None
        if self.is_failing:
            self._has_recovered()
        if len(fresh) >= _BLOCK:
            self.absorb()

    def deliver_block(self, make: Callable[[int], list[bytes]]) -> None:
        """Append the lines that `make` returns for the number of the first, all by one write."""
        self.recover()
        lines = make(self.seq)
        self._pending = lines
        if self.backlog:
            self._finish()
        else:
            self.sink.look()
            self.sink.append(b"".join(lines))
            self.sealing.fresh += lines
            self.seq += len(lines)
            self._pending = None
            if self.is_failing:
                self._has_recovered()
        self.absorb()

    def interrupted(self, error: BaseException) -> None:
        """Finish what `error` interrupted; raise it again unless it is a refusal by the operating system."""
        if not (isinstance(error, OSError) and is_refusal(error)):
            self.recover()
            raise error
        if self._pending is not None:
            self._finish()

    def recover(self) -> None:
        """Finish what an interrupt left half done, then try to write the backlog."""
        if self._pending is not None:
            self._finish()
        if self.backlog and self.backlog.is_time():
            self._write_backlog()

    def flush(self) -> None:
        """Try to write what waits, no matter when that was last tried."""
        if self.backlog or self._pending is not None:
            self.backlog.hurry()
            self.recover()

    def absorb(self) -> None:
        """Add the fresh lines to the digest, once they are known to be in the file."""
        self.sink.settle()
        self.sealing.absorb()
        if self.sealing.is_long or self.is_over:
            self.needs_attention = True

    def _finish(self) -> None:
        """Write the pending lines unless they are written already; keep them if that fails or others wait."""
        assert self._pending is not None  # noqa: S101 - for the type checker
        lines = [self._pending] if isinstance(self._pending, bytes) else self._pending
        seq = self.seq
        if not self._is_written(lines) and not self.backlog.holds_last(lines[-1]):
            failure = None if self.backlog else self._try(lines)
            if failure is not None:
                self.is_failing = True
                self.backlog.fail(failure)
            if failure is not None or self.backlog:
                for offset, line in enumerate(lines):
                    self.backlog.keep(seq + offset, line)
        self.seq = seq + len(lines)
        self._pending = None

    def _try(self, lines: list[bytes]) -> OSError | None:
        try:
            self.sink.look()
            self.sink.append(b"".join(lines))
        except OSError as error:
            if not is_refusal(error):
                raise
            return error
        self.sealing.fresh += lines
        return None

    def _is_written(self, lines: list[bytes]) -> bool:
        """Return whether `lines` have been written; note those that the sink holds and `fresh` does not yet."""
        fresh = self.sealing.fresh
        if fresh and fresh[-1] is lines[-1]:
            return True
        if not self.sink.holds(b"".join(lines)):
            return False
        fresh += lines
        return True

    def _write_backlog(self) -> None:
        while (line := self.backlog.head()) is not None:
            if not (self._is_in_doubt and self._is_written([line])):
                self._is_in_doubt = True
                error = self._try([line])
                if error is not None:
                    self._is_in_doubt = False
                    self.backlog.fail(error)
                    return
            self.backlog.written()
            self._is_in_doubt = False
        self._has_recovered()

    def _has_recovered(self) -> None:
        self.is_failing = False
        self.needs_attention = True
