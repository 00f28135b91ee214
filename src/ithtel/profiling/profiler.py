"""`Profiler`: sample a process by py-spy, or by a thread inside of it if py-spy may not attach."""

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
    """The result of a profiler."""

    raw: RawStacks
    options: Options
    sampler: Sampler
    reason: str | None
    """Why the sampler was not py-spy."""
    duration_s: float
    """For how long samples were taken, at most."""


class Profiler:
    """Samples this process from `start` to `stop`, or another one, for which py-spy is required.

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
        """Start sampling.

        Raises:
            AttachError: py-spy may not attach to another process.
        """
        tool: PySpy | ThreadSampler = PySpy(os.getpid() if self._pid is None else self._pid, self.options)
        try:
            tool.start()
        except AttachError as error:
            if self._pid is not None:
                raise AttachError(f"{error} (only py-spy can sample another process)") from None
            self.reason = str(error)
            tool = ThreadSampler(self.options.rate_hz, self.options.duration_s)
            tool.start()
        self._tool, self._started = tool, time.monotonic()

    def wait(self) -> None:
        """Wait until the other process ends, or until the duration is over."""
        if isinstance(self._tool, PySpy):
            self._tool.wait()

    def stop(self) -> Samples:
        """Stop sampling and return the samples; cleans up even after an error."""
        tool, self._tool = self._tool, None
        duration = self.options.sampled_s(time.monotonic() - self._started)
        return Samples(
            raw=parse("" if tool is None else tool.stop()),
            options=self.options,
            sampler="py-spy" if isinstance(tool, PySpy) else "in-process",
            reason=self.reason,
            duration_s=duration,
        )
