"""`run_to_completion`, `CancelOnSignal`: run a coroutine to its end from scripts and notebooks, and stop it cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CancelOnSignal:
    """Cancels the running task on Ctrl-C and on SIGTERM, so that its kernel ends before this process does."""

    def __init__(self) -> None:
        self.is_asked = False
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop() -> None:
            self.is_asked = True
            if task is not None:
                task.cancel()

        for number in _SIGNALS:
            try:
                loop.add_signal_handler(number, stop)
            except (RuntimeError, NotImplementedError, ValueError):  # signals only reach the main thread
                return


def run_to_completion(running: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, even if an event loop is already running, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        try:
            with _restored_signal_handlers():
                asyncio.run(running)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        return
    _run_in_thread(running)


def _run_in_thread(running: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in a thread. An interrupt cancels it, and is raised once it has ended.

    A second interrupt also cancels its clean-up.
    """
    ended = threading.Event()
    failures: list[BaseException] = []
    interrupts: list[BaseException] = []
    cancels: list[Callable[[], object]] = []

    async def cancellable() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine always runs in a task
        cancels.append(lambda: loop.call_soon_threadsafe(task.cancel))
        if interrupts:  # the interrupt came before there was anything to cancel
            task.cancel()
        await running

    def work() -> None:
        try:
            asyncio.run(cancellable())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failures.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=work, name="ithtel-replay")
    thread.start()
    while not ended.is_set():  # in Python 3.11 and 3.12 an interrupted `join` takes the thread for ended
        try:
            ended.wait()
        except BaseException as error:  # noqa: BLE001 - raised again once the thread has ended
            interrupts.append(error)
            for cancel in cancels:
                with contextlib.suppress(RuntimeError):  # it has ended in the meantime
                    cancel()
    thread.join()
    for first in interrupts[:1] or failures:
        raise first


@contextlib.contextmanager
def _restored_signal_handlers() -> Iterator[None]:
    """Restore the caller's signal handlers afterwards: event loops and nbclient leave Python's defaults behind."""
    is_main = threading.current_thread() is threading.main_thread()  # no other thread may set handlers
    before = {number: signal.getsignal(number) for number in _SIGNALS} if is_main else {}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:  # None: set outside of Python, and not restorable from here
                signal.signal(number, handler)
