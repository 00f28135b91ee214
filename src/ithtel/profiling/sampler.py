"""`ThreadSampler`: a thread that samples the other threads of its process, for when py-spy may not attach.

It needs the GIL to look, so it underestimates code that holds the GIL for long, and cannot tell waiting from working.
py-spy has neither limit; this is the fallback. It also runs in programs whose Python does not have ithtel
(`within/sitecustomize.py`), so it imports only the standard library.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_PATIENCE_S = 2.0
_EVERY_S = 1.0


class ThreadSampler:
    """Samples all threads of this process except its own.

    Args:
        rate_hz: Samples per second.
        duration_s: Sampling ends after this many seconds; 0 means that it ends when stopped.
        file: Where to write the stacks, every second and at the end, so that they survive a killed process.
    """

    def __init__(self, rate_hz: int, duration_s: float = 0, file: str | None = None) -> None:
        self._interval = 1 / rate_hz
        self._duration_s = duration_s
        self._file = None if file is None else Path(file)
        self._pid = os.getpid()
        self._seen: Counter[str] = Counter()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="ithtel-sampler", daemon=True)

    def start(self) -> None:
        """Start sampling."""
        self._thread.start()

    def stop(self) -> str:
        """Stop sampling and return the folded stacks; in a fork of the process nothing is written."""
        self._is_over.set()
        if os.getpid() == self._pid:
            self._thread.join(_PATIENCE_S)
            self._write()
        return self._folded()

    def _sample(self) -> None:
        began = due = written = time.monotonic()
        while not self._is_over.wait(max(0.0, due - time.monotonic())):
            now = time.monotonic()
            if self._duration_s and now - began > self._duration_s:
                return
            self._look()
            if now - written > _EVERY_S:
                self._write()
                written = now
            due = max(due + self._interval, time.monotonic())

    def _look(self) -> None:
        me = threading.get_ident()
        for thread, frame in sys._current_frames().items():  # noqa: SLF001 - the documented way to the frames of other threads
            if thread != me:
                self._seen[_stack(frame)] += 1

    def _folded(self) -> str:
        return "".join(f"{stack} {n}\n" for stack, n in self._seen.items())

    def _write(self) -> None:
        """Replace the file in one step, so that readers never see a part of it."""
        if self._file is not None:
            part = self._file.with_suffix(".part")
            part.write_text(self._folded(), encoding="utf-8", errors="replace")
            part.replace(self._file)


def _stack(frame: FrameType | None) -> str:
    """Return a stack as py-spy writes it, the outermost frame first."""
    frames = []
    while frame is not None:
        code = frame.f_code
        name = getattr(code, "co_qualname", code.co_name)  # Python before 3.11 has no qualified names
        where = code.co_filename if frame.f_lineno is None else f"{code.co_filename}:{frame.f_lineno}"
        frames.append(f"{name} ({where})")
        frame = frame.f_back
    return ";".join(reversed(frames))
