"""`Backlog`, `Loss`: lines that could not be written, kept in order up to a limit and counted beyond it."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import deque

import msgspec

from ithtel.recording.lines.line import is_payload

_N_PATIENT = 8
_MAX_WAIT_S = 1.0


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an outage: how many events were lost, which lines, and why."""

    n_dropped: int
    first_seq: int | None
    last_seq: int | None
    reason: str


class Backlog:
    """Lines that wait for the disk, first in first out; payload is dropped first when memory is full."""

    def __init__(self, max_bytes: int) -> None:
        self.n_lost = 0
        """Lines that had a number and were given up."""
        self.n_unmade = 0
        """Events that never became a line."""
        self._max_bytes = max_bytes
        self._lines: deque[tuple[int, bytes]] = deque()
        self._n_bytes = 0
        self._lost: list[int] = []
        self._n_unmade = 0
        self._n_late = 0
        self._n_failures = 0
        self._retry_at = 0.0
        self._reason = ""
        self._has_warned = False

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def has_news(self) -> bool:
        """Whether something went wrong that the log does not report yet."""
        return bool(self._reason)

    def head(self) -> bytes | None:
        """Return the line to be written next."""
        return self._lines[0][1] if self._lines else None

    def holds_last(self, line: bytes) -> bool:
        """Return whether `line` came in last."""
        return bool(self._lines) and self._lines[-1][1] is line

    def keep(self, seq: int, line: bytes) -> None:
        """Keep a line that could not be written; if memory is full, drop payload first, then this line.

        A line that is kept or was given up already, because an interrupt came between, is left as it is.
        """
        if (self._lines and seq <= self._lines[-1][0]) or (self._lost and seq <= self._lost[-1]):
            return
        while self._n_bytes + len(line) > self._max_bytes and self._drop_payload():
            pass
        if self._n_bytes + len(line) > self._max_bytes:
            self._drop(seq)
        else:
            self._lines.append((seq, line))
            self._n_bytes += len(line)

    def written(self) -> None:
        """Remove the head, which has been written."""
        _seq, line = self._lines.popleft()
        self._n_bytes -= len(line)
        self._n_late += 1

    def fail(self, error: Exception) -> None:
        """Note that writing failed, and wait longer each time before the next attempt."""
        if getattr(error, "errno", None):  # else it only waits behind another
            self._reason = getattr(error, "strerror", None) or str(error)
        if not self.is_time():
            return
        self._n_failures += 1
        if self._n_failures > _N_PATIENT:
            wait = min(_MAX_WAIT_S, 0.001 * 2 ** min(self._n_failures - _N_PATIENT, 10))
            self._retry_at = time.monotonic() + wait
        self._warn()

    def hurry(self) -> None:
        """Allow the next attempt at once."""
        self._retry_at = 0.0

    def is_time(self) -> bool:
        """Return whether writing may be tried again."""
        return time.monotonic() >= self._retry_at

    def count(self, reason: str) -> None:
        """Count an event that could not even be made."""
        self._n_unmade += 1
        self.n_unmade += 1
        self._reason = reason

    def drop_all(self) -> None:
        """Give up what is kept, because the process ends."""
        for seq, _line in self._lines:
            self._drop(seq)
        self._lines.clear()
        self._n_bytes = 0

    def take_news(self) -> Loss:
        """Return what happened since the last call, and start to count again."""
        lost = sorted(self._lost)
        late = f"; {self._n_late} lines were written late" if self._n_late else ""
        loss = Loss(
            n_dropped=len(lost) + self._n_unmade,
            first_seq=lost[0] if lost else None,
            last_seq=lost[-1] if lost else None,
            reason=self._reason + late,
        )
        self._lost, self._n_unmade, self._n_late, self._n_failures, self._retry_at = [], 0, 0, 0, 0.0
        self._reason = ""
        return loss

    def _drop_payload(self) -> bool:
        for at, (seq, line) in enumerate(self._lines):
            if is_payload(line):
                del self._lines[at]
                self._n_bytes -= len(line)
                self._drop(seq)
                return True
        return False

    def _drop(self, seq: int) -> None:
        self._lost.append(seq)
        self.n_lost += 1

    def _warn(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            with contextlib.suppress(Exception):  # the user may have closed stderr
                sys.stderr.write(
                    f"ithtel: cannot write the log ({self._reason}); your code is not affected; lines are kept in"
                    " memory and retried\n"
                )
