"""Ctrl-C at a chosen moment, and what is left of a replay afterwards."""

from __future__ import annotations

import signal
import threading
import time

REPLAY_THREAD = "ithtel-replay"


def press(when: threading.Event) -> threading.Thread:
    """Press Ctrl-C shortly after `when` is set; return the thread that does it."""

    def work() -> None:
        assert when.wait(60)
        time.sleep(0.1)  # until the main thread waits
        ident = threading.main_thread().ident
        assert ident is not None
        signal.pthread_kill(ident, signal.SIGINT)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def replay_threads() -> list[str]:
    """Return the names of the threads of replays that still run."""
    return [thread.name for thread in threading.enumerate() if thread.name == REPLAY_THREAD]
