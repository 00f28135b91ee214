"""A coroutine runs to its end, an interrupt ends it cleanly, and the caller keeps its signal handlers."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from interrupts import press, replay_threads
from ithtel.replay.kernel.event_loop import CancelOnSignal, run_to_completion

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import FrameType
    from typing import Any

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals are POSIX's")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, as at a prompt; the handlers are restored afterwards."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def beside_a_loop(running: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end while an event loop is running, as a notebook cell does."""

    async def cell() -> None:
        run_to_completion(running)

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(cell())
    finally:
        loop.close()


@pytest.mark.parametrize("complete", [run_to_completion, beside_a_loop])
def test_an_interrupt_is_raised_after_the_coroutine_has_ended(complete: Callable[[Any], None]) -> None:
    """Its clean-up is complete by then."""
    done, has_begun = [], threading.Event()

    async def running() -> None:
        try:
            has_begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.2)
            done.append("tidied up")

    by = press(has_begun)
    with pytest.raises(KeyboardInterrupt):
        complete(running())
    by.join()
    assert (["tidied up"], []) == (done, replay_threads())


def test_a_second_interrupt_ends_a_long_clean_up() -> None:
    """It is raised once the clean-up has ended, too."""
    done, has_begun, tidies_up = [], threading.Event(), threading.Event()

    async def running() -> None:
        try:
            has_begun.set()
            await asyncio.sleep(60)
        finally:
            try:
                tidies_up.set()
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0.2)
                done.append("ended")

    by = [press(has_begun), press(tidies_up)]
    with pytest.raises(KeyboardInterrupt):
        beside_a_loop(running())
    for thread in by:
        thread.join()
    assert (["ended"], []) == (done, replay_threads())


@pytest.mark.parametrize("complete", [run_to_completion, beside_a_loop])
def test_a_failure_is_raised_in_the_callers_thread(complete: Callable[[Any], None]) -> None:
    """The exception is the original one."""

    async def running() -> None:
        await asyncio.sleep(0)
        raise OSError("no kernel")

    with pytest.raises(OSError, match="no kernel"):
        complete(running())


@pytest.mark.parametrize("complete", [run_to_completion, beside_a_loop])
@pytest.mark.parametrize("fails", [False, True])
def test_the_callers_signal_handlers_are_restored(complete: Callable[[Any], None], *, fails: bool) -> None:
    """For SIGINT and SIGTERM, even if nbclient removes its own handlers."""
    called: list[int] = []

    def handler(number: int, _frame: FrameType | None) -> None:
        called.append(number)

    for number in SIGNALS:
        signal.signal(number, handler)

    async def running() -> None:
        CancelOnSignal()
        await asyncio.sleep(0)
        for number in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)
        if fails:
            raise OSError("no kernel")

    if fails:
        with pytest.raises(OSError, match="no kernel"):
            complete(running())
    else:
        complete(running())
    assert [handler, handler] == [signal.getsignal(number) for number in SIGNALS]
    signal.raise_signal(signal.SIGTERM)
    assert [signal.SIGTERM] == called


def test_sigterm_cancels_the_coroutine() -> None:
    """SIGTERM acts like Ctrl-C while the coroutine runs, and has its default effect afterwards."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    async def running() -> None:
        stopping = CancelOnSignal()
        asyncio.get_running_loop().call_later(0.1, signal.raise_signal, signal.SIGTERM)
        try:
            await asyncio.sleep(60)
        finally:
            assert stopping.is_asked

    with pytest.raises(KeyboardInterrupt):
        run_to_completion(running())
    assert signal.SIG_DFL is signal.getsignal(signal.SIGTERM)


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    """Python sets signal handlers only in the main thread."""
    done: list[int] = []

    async def running() -> None:
        CancelOnSignal()
        await asyncio.sleep(0)
        done.append(1)

    thread = threading.Thread(target=lambda: run_to_completion(running()))
    thread.start()
    thread.join()
    assert [1] == done
