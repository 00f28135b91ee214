"""`WorkElsewhere`: whether a cell gave work to other processes, in which nothing is recorded."""

from __future__ import annotations

import sys
from typing import Any

_COUNTERS = (
    ("multiprocessing.process", "_process_counter", "count(1)"),
    ("multiprocessing.pool", "job_counter", "count(0)"),
)
"""Counters of processes and of jobs, and what they show when they have just been imported. The first also counts the
processes of `concurrent.futures`, of loky and of PyTorch's loaders of data."""
_EXECUTORS = ("joblib.externals.loky.reusable_executor", "loky.reusable_executor")
"""Modules that keep an executor whose workers live on, and get work without a new process."""


class WorkElsewhere:
    """Compares counters of `multiprocessing` and loky before and after a cell; it imports neither."""

    def __init__(self) -> None:
        self._before: list[tuple[str, Any]] = []

    def look(self) -> None:
        """Read the counters before a cell."""
        self._before = _counts()

    def was_done(self) -> bool:
        """Return whether processes were started or given work since `look`."""
        return _counts() != self._before


def _counts() -> list[tuple[str, Any]]:
    """Return the counters that have counted. Showing an `itertools.count` is the only way to read it unmoved."""
    shown = [(name, repr(getattr(sys.modules.get(name), each, None)), fresh) for name, each, fresh in _COUNTERS]
    found: list[tuple[str, Any]] = [(name, count) for name, count, fresh in shown if count not in (fresh, "None")]
    for name in _EXECUTORS:
        queued = getattr(getattr(sys.modules.get(name), "_executor", None), "_queue_count", None)
        if queued:
            found.append((name, queued))
    return found
