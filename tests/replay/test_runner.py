"""Who interrupts what runs brings it to its end, beside a running event loop too; signals stay the caller's."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from nbformat import v4

from ithtel.replay.runner import Instructions, Stopping, _complete, run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path
    from types import FrameType
    from typing import Any

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals are POSIX's")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, as at a prompt; afterwards all is as it was."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def beside_a_loop(running: Coroutine[Any, Any, None]) -> None:
    """Complete it where a loop is running already, as a cell of a notebook does."""

    async def cell() -> None:
        _complete(running)

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(cell())
    finally:
        loop.close()


def press(when: threading.Event) -> threading.Thread:
    """Press Ctrl-C as soon as it is time; return who does."""

    def work() -> None:
        assert when.wait(60)
        time.sleep(0.1)  # until it is waited for
        ident = threading.main_thread().ident
        assert ident is not None
        signal.pthread_kill(ident, signal.SIGINT)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def threads() -> list[str]:
    """Return the names of the threads that replay."""
    return [thread.name for thread in threading.enumerate() if thread.name == "ithtel-replay"]


@pytest.mark.parametrize("complete", [_complete, beside_a_loop])
def test_an_interrupt_ends_what_runs_before_it_is_raised(complete: Callable[[Any], None]) -> None:
    """What it has to tidy up is done by then."""
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
    assert (["tidied up"], []) == (done, threads())


def test_a_second_interrupt_ends_what_tidies_up_too_long() -> None:
    """And waits for that, too."""
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
    assert (["ended"], []) == (done, threads())


@pytest.mark.kernel
def test_an_interrupt_in_a_notebook_ends_the_kernel(tmp_path: Path) -> None:
    """The kernel's process is gone when the interrupt is raised."""
    has_begun = threading.Event()
    source = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\nos.rename('pid', 'kernel')\ntime.sleep(600)"
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])

    async def cell() -> None:
        run(notebook, tmp_path, os.environ, instructions=Instructions())

    def look() -> None:
        while not (tmp_path / "kernel").exists():
            time.sleep(0.05)
        has_begun.set()

    looking, by = threading.Thread(target=look, daemon=True), press(has_begun)
    looking.start()
    loop = asyncio.new_event_loop()
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(cell())
    loop.close()
    by.join()
    assert [] == threads()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "kernel").read_text()), 0)


@pytest.mark.parametrize("complete", [_complete, beside_a_loop])
def test_a_failure_is_raised_where_it_is_waited_for(complete: Callable[[Any], None]) -> None:
    """As it is."""

    async def running() -> None:
        await asyncio.sleep(0)
        raise OSError("no kernel")

    with pytest.raises(OSError, match="no kernel"):
        complete(running())


@pytest.mark.parametrize("complete", [_complete, beside_a_loop])
@pytest.mark.parametrize("fails", [False, True])
def test_the_callers_handlers_of_signals_are_put_back(complete: Callable[[Any], None], *, fails: bool) -> None:
    """Those for Ctrl-C and for a request to end, also where nbclient removes its own."""
    called: list[int] = []

    def handler(number: int, _frame: FrameType | None) -> None:
        called.append(number)

    for number in SIGNALS:
        signal.signal(number, handler)

    async def running() -> None:
        Stopping()
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


def test_a_request_to_end_cancels_what_runs() -> None:
    """SIGTERM is Ctrl-C, and no more than that afterwards."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    async def running() -> None:
        stopping = Stopping()
        asyncio.get_running_loop().call_later(0.1, signal.raise_signal, signal.SIGTERM)
        try:
            await asyncio.sleep(60)
        finally:
            assert stopping.is_asked

    with pytest.raises(KeyboardInterrupt):
        _complete(running())
    assert signal.SIG_DFL is signal.getsignal(signal.SIGTERM)


def test_without_the_main_thread_nothing_is_asked_of_signals() -> None:
    """Python allows them nowhere else."""
    done: list[int] = []

    async def running() -> None:
        Stopping()
        await asyncio.sleep(0)
        done.append(1)

    thread = threading.Thread(target=lambda: _complete(running()))
    thread.start()
    thread.join()
    assert [1] == done
