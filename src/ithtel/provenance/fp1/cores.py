"""`side_by_side`: run jobs in threads, since the slow parts (hashing, statistics of a block) release the GIL."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
MAX_THREADS = 4


def side_by_side(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run `jobs`, as many at once as there are cores, and return their results in order.

    The calling thread does its share, which saves starting a thread. After a failure no further job is started, and the
    error of the first failed job in order is raised. An interrupt waits for running jobs, which takes milliseconds.

    >>> side_by_side([lambda: 1, lambda: 2])
    [1, 2]
    """
    waiting = deque(enumerate(jobs))
    results: dict[int, T] = {}
    errors: dict[int, Exception] = {}

    def work() -> None:
        while waiting:
            with contextlib.suppress(IndexError):
                place, job = waiting.popleft()
                try:
                    results[place] = job()
                except Exception as error:  # noqa: BLE001 - raised again below, in the caller's thread
                    errors[place] = error
                    waiting.clear()

    n_others = min(MAX_THREADS, os.cpu_count() or 1, len(jobs)) - 1
    others = [threading.Thread(target=work, name="ithtel-digest", daemon=True) for _ in range(n_others)]
    try:
        with contextlib.suppress(RuntimeError):  # no threads in a browser or while the interpreter shuts down
            for thread in others:
                thread.start()
        work()
    finally:
        waiting.clear()
        for thread in others:
            if thread.ident is not None:
                thread.join()
    if errors:
        raise errors[min(errors)]
    return [results[place] for place in range(len(jobs))]
