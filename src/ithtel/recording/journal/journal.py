"""`Journal`: the lock around the lines of one session, so that each is put into the file by itself.

A signal handler or a finalizer that emits while a line is being written finds `_is_busy` set, and its line is written
afterwards. `delivery` shows how a line gets into the file.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Raw

from ithtel.events.format.seal import sealed
from ithtel.recording.file.locks import is_refusal
from ithtel.recording.journal.delivery import Delivery
from ithtel.recording.lines.line import encode, encode_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.recording.file.sink import Sink
    from ithtel.recording.lines.line import Line
    from ithtel.recording.lines.timestamps import Clock


class Journal:
    """The lines of one session in this process."""

    def __init__(self, sink: Sink, clock: Clock, *, backlog_bytes: int) -> None:
        self._sink = sink
        self._clock = clock
        self._backlog_bytes = backlog_bytes
        self.begin()

    def begin(self) -> None:
        """Start to count at zero, as a new process does."""
        self.lock = threading.RLock()
        self.pid = os.getpid()
        self.delivery = Delivery(self._sink, self._clock, backlog_bytes=self._backlog_bytes)
        self._is_busy = False
        self._deferred: list[Callable[[], None]] = []
        self._is_catching_up = False

    @property
    def n_written(self) -> int:
        """How many lines the sink has taken."""
        backlog = self.delivery.backlog
        return self.delivery.seq - len(backlog) - backlog.n_lost

    @property
    def n_dropped(self) -> int:
        """How many events are not recorded and never will be."""
        return self.delivery.backlog.n_lost + self.delivery.backlog.n_unmade

    def put(self, line: Line) -> None:
        """Write one line; what the system refuses is kept and tried again.

        `alone` written out: this is the innermost loop, and each call in it would cost as much as the lock.
        """
        with self.lock:
            if self._is_busy:
                self._deferred.append(partial(self.put, line))
                return
            delivery = self.delivery
            if delivery.is_ended:
                delivery.backlog.n_unmade += 1
                return
            self._is_busy = True
            try:
                delivery.deliver(line)
            except BaseException as error:  # noqa: BLE001 - it is raised again, except for refusals by the system
                delivery.interrupted(error)
            finally:
                self._is_busy = False
            if self._deferred:
                self._put_deferred()

    def put_block(self, make: Callable[[int], list[bytes]]) -> None:
        """Write lines by one append; `make` returns them from the number of the first."""

        def put() -> None:
            delivery = self.delivery
            if delivery.is_ended:
                delivery.backlog.n_unmade += len(make(delivery.seq))
            else:
                delivery.deliver_block(make)

        if not self.alone(put):
            self._deferred.append(partial(self.put_block, make))

    def seal(self, make: Callable[[int, str, str], Line]) -> None:
        """Write the seal that `make` returns over the lines since the last one, if there are any."""

        def seal() -> Line | None:
            sealing = self.delivery.sealing
            if self.delivery.backlog:
                return None
            self.delivery.absorb()
            return make(*sealing.begin_next()) if sealing.has_news() else None

        self._put_made(seal)

    def end(
        self, make_seal: Callable[[int, str, str], Line], make: Callable[[str], Line], release: Callable[[], None]
    ) -> None:
        """Write the last seal and `session.end`, which seals itself, then call `release`.

        After an interrupt, a second call takes the steps that are left.

        Args:
            make_seal: As for `seal`.
            make: Returns the last line, given the CRC-32 of the lines before it.
            release: Closes the sink.
        """

        def end() -> Line:
            self.delivery.absorb()
            chain = self.delivery.sealing.chain
            line = make(chain.checks())
            if not self.delivery.backlog:
                line.seq = self.delivery.seq
                line.context = Raw(sealed(encode_line(line), chain)[-len(encode(line.context)) - 2 : -2])
            return line

        with self.lock:
            if self._is_busy:
                self._deferred.append(partial(self.end, make_seal, make, release))
                return
            if not self.delivery.is_ended:
                self.seal(make_seal)
                self._put_made(end, is_last=True)
            self.flush()
            if self.delivery.backlog:
                self.delivery.backlog.drop_all()
            release()

    def flush(self) -> None:
        """Try to write what waits, no matter when that was last tried."""
        self.alone(self.delivery.flush)

    def digest(self) -> str:
        """Return the digest of the lines since the last seal, and of that seal."""
        self.alone(self.delivery.sealing.absorb)
        return self.delivery.sealing.chain.digest()

    def fail(self, error: OSError) -> None:
        """Note a failure in which no line was lost; a signal handler's own error is raised again."""
        if not is_refusal(error):
            raise error
        with self.lock:
            self.delivery.backlog.fail(error)
            self.delivery.needs_attention = True

    def count_loss(self, reason: str) -> None:
        """Count an event that could not even be made."""
        with self.lock:
            self.delivery.backlog.count(reason)
            self.delivery.needs_attention = True

    def alone(self, action: Callable[[], None]) -> bool:
        """Call `action` while no line is written; return False if a signal handler asks while one is."""
        with self.lock:
            if self._is_busy:
                return False
            self._is_busy = True
            try:
                action()
            except BaseException as error:  # noqa: BLE001 - it is raised again, except for refusals by the system
                self.delivery.interrupted(error)
            finally:
                self._is_busy = False
            if self._deferred:
                self._put_deferred()
            return True

    def _put_made(self, make: Callable[[], Line | None], *, is_last: bool = False) -> None:
        """Write a line that depends on the lines before it: `make` returns it when its turn has come."""

        def put() -> None:
            delivery = self.delivery
            if delivery.is_ended:
                delivery.backlog.n_unmade += 1
                return
            delivery.recover()
            line = make()
            if line is not None:
                delivery.deliver(line, is_last)

        if not self.alone(put):
            self._deferred.append(partial(self._put_made, make, is_last=is_last))

    def _put_deferred(self) -> None:
        """Write what was emitted while another line was being written."""
        if self._is_catching_up:
            return
        self._is_catching_up = True
        try:
            while self._deferred:
                self._deferred.pop(0)()
        finally:
            self._is_catching_up = False
