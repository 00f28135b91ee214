"""What could not be written: kept in order up to a limit, counted beyond it."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import deque

import msgspec

_PATIENT = 8
_MAX_WAIT_S = 1.0


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What an outage came to."""

    n_dropped: int
    first_seq: int | None
    last_seq: int | None
    reason: str


class Backlog:
    """Lines that wait for the disk. The first in is the first out; payload gives way when memory is full."""

    def __init__(self, max_bytes: int) -> None:
        self.n_lost = 0
        """Lines that had a number and were given up."""
        self.n_unmade = 0
        """Events that never became a line."""
        self._max_bytes = max_bytes
        self.lines: deque[tuple[int, bytes, bool]] = deque()
        self._n_bytes = 0
        self._lost: list[int] = []
        self._n_unmade = 0
        self._n_late = 0
        self._n_failures = 0
        self._retry_at = 0.0
        self._reason = ""
        self._has_warned = False

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def has_news(self) -> bool:
        """Whether something went wrong that the record does not say yet."""
        return bool(self._reason)

    def head(self) -> bytes | None:
        """Return the line whose turn it is."""
        return self.lines[0][1] if self.lines else None

    def holds_last(self, line: bytes) -> bool:
        """Say whether `line` came in last."""
        return bool(self.lines) and self.lines[-1][1] is line

    def keep(self, seq: int, line: bytes, *, is_payload: bool) -> None:
        """Keep a line that could not be written; where memory is full, payload goes first, then what comes last.

        A line that is kept, or was given up, already, since an interrupt came between, is left as it is.
        """
        if (self.lines and seq <= self.lines[-1][0]) or (self._lost and seq <= self._lost[-1]):
            return
        while self._n_bytes + len(line) > self._max_bytes and self._drop_payload():
            pass
        if self._n_bytes + len(line) > self._max_bytes:
            self._drop(seq)
        else:
            self.lines.append((seq, line, is_payload))
            self._n_bytes += len(line)

    def written(self) -> None:
        """Take out the head: it has been written."""
        _seq, line, _ = self.lines.popleft()
        self._n_bytes -= len(line)
        self._n_late += 1

    def fail(self, error: Exception) -> None:
        """Note that writing failed, and wait longer each time before it is tried again."""
        if getattr(error, "errno", None):  # else it only waits behind another
            self._reason = getattr(error, "strerror", None) or str(error)
        if not self.is_time():
            return
        self._n_failures += 1
        if self._n_failures > _PATIENT:
            wait = min(_MAX_WAIT_S, 0.001 * 2 ** min(self._n_failures - _PATIENT, 10))
            self._retry_at = time.monotonic() + wait
        self._warn()

    def hurry(self) -> None:
        """Let writing be tried at once."""
        self._retry_at = 0.0

    def is_time(self) -> bool:
        """Say whether writing may be tried again."""
        return time.monotonic() >= self._retry_at

    def count(self, reason: str) -> None:
        """Count an event that could not even be made."""
        self._n_unmade += 1
        self.n_unmade += 1
        self._reason = reason

    def drop_all(self) -> None:
        """Give up what is kept: there is no more time."""
        for seq, _line, _ in self.lines:
            self._drop(seq)
        self.lines.clear()
        self._n_bytes = 0

    def take_news(self) -> Loss:
        """Return what happened since the last call, and begin anew."""
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
        for at, (seq, line, is_payload) in enumerate(self.lines):
            if is_payload:
                del self.lines[at]
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
                    f"ithtel: cannot write the log ({self._reason}); your code is not affected, lines are kept in"
                    " memory and tried again\n"
                )
