"""The sampler for where nobody may attach to this process: a thread that looks at the others' frames.

It needs the interpreter's lock to look, so it sees code that holds on to the lock less often than it is there, and it
cannot tell waiting from working. py-spy can do both; this is the fallback.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from ithtel.profiling.frames import RawFrame

if TYPE_CHECKING:
    from types import FrameType

    from ithtel.profiling.stacks import RawStacks

_PATIENCE_S = 2.0


class ThreadSampler:
    """Samples all threads of this process but its own."""

    def __init__(self, rate_hz: int, duration_s: float = 0) -> None:
        self._interval = 1 / rate_hz
        self._duration_s = duration_s
        self._seen: RawStacks = Counter()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="ithtel-sampler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> RawStacks:
        """End, and return what was seen."""
        self._is_over.set()
        self._thread.join(_PATIENCE_S)
        return self._seen

    def _sample(self) -> None:
        began = due = time.monotonic()
        me = threading.get_ident()
        while not self._is_over.wait(max(0.0, due - time.monotonic())):
            if self._duration_s and time.monotonic() - began > self._duration_s:
                return
            for thread, frame in sys._current_frames().items():  # noqa: SLF001 - the documented way to others' frames
                if thread != me:
                    self._seen[_stack(frame)] += 1
            due = max(due + self._interval, time.monotonic())


def _stack(frame: FrameType | None) -> tuple[RawFrame, ...]:
    frames = []
    while frame is not None:
        code = frame.f_code
        frames.append(RawFrame(code.co_qualname, code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return tuple(reversed(frames))
