"""A profiler: py-spy where it may attach, the sampler within this process where it may not."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Literal

from ithtel.profiling.pyspy import AttachError, Options, PySpy
from ithtel.profiling.sampler import ThreadSampler
from ithtel.profiling.stacks import RawStacks, parse

Sampler = Literal["py-spy", "in-process"]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What a profiler saw, and how."""

    raw: RawStacks
    options: Options
    sampler: Sampler
    reason: str | None
    """Why it was not py-spy."""
    duration_s: float
    """For how long samples were taken, at most."""


class Profiler:
    """Samples this process from `start` to `stop`, or another one, which only py-spy can.

    >>> profiler = Profiler(Options())
    >>> profiler.start(); profiler.stop().duration_s > 0
    True
    """

    def __init__(self, options: Options, pid: int | None = None) -> None:
        self.options = options
        self.reason: str | None = None
        self._pid = pid
        self._tool: PySpy | ThreadSampler | None = None
        self._started = 0.0

    def start(self) -> None:
        """Begin.

        Raises:
            AttachError: py-spy may not attach, and it is another process.
        """
        tool: PySpy | ThreadSampler = PySpy(os.getpid() if self._pid is None else self._pid, self.options)
        try:
            tool.start()
        except AttachError as error:
            if self._pid is not None:
                raise AttachError(f"{error} (another process is sampled by py-spy or not at all)") from None
            self.reason = str(error)
            tool = ThreadSampler(self.options.rate_hz, self.options.duration_s)
            tool.start()
        self._tool, self._started = tool, time.monotonic()

    def wait(self) -> None:
        """Wait until the other process ends, or the time is over."""
        if isinstance(self._tool, PySpy):
            self._tool.wait()

    def stop(self) -> Samples:
        """End, and return what was seen; nothing is left behind whatever happens."""
        tool, self._tool = self._tool, None
        duration = self.options.sampled_s(time.monotonic() - self._started)
        return Samples(
            raw=parse("" if tool is None else tool.stop()),
            options=self.options,
            sampler="py-spy" if isinstance(tool, PySpy) else "in-process",
            reason=self.reason,
            duration_s=duration,
        )
