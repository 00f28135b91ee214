"""Runs a notebook in a fresh kernel of this interpreter; whatever happens, no process is left behind."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import IthtelError, MissingPackageError
from ithtel.plain_text import source as shown_source

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping

    Progress = Callable[[int, int, str], None]

TIMEOUT_S = 600.0
START_S = 60.0
MIN_INTERRUPT_S = 1.0
MAX_SOCKET_PATH = 90
"""In bytes; systems allow 104 or 108, of which a number takes some."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_TIMED_OUT = {"ename": "KeyboardInterrupt", "evalue": "", "traceback": []}


class CannotRunError(IthtelError, RuntimeError):
    """A notebook could not be run to its end; the message says at which cell and why."""


class Instructions(msgspec.Struct, frozen=True, kw_only=True):
    """What the kernel is to do besides: see `ithtel.replay.inside`."""

    states: list[list[dict[str, Any]]] = []
    entropies: list[list[tuple[str, str]]] = []
    paths: dict[str, str] = {}
    load: bool = False


def run(
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    folder: Path,
    env: Mapping[str, str],
    *,
    instructions: Instructions,
    timeout_s: float = TIMEOUT_S,
    progress: Progress | None = None,
) -> None:
    """Run the code cells of `notebook` in `folder`, in order; outputs are written into it.

    A cell that fails does not stop the others. A cell tagged `ithtel-interrupted` runs as long as it did, and is
    interrupted; tagged `ithtel-unfinished` or `ithtel-private`, it is not run.

    Raises:
        CannotRunError: A cell does not end in time, asks for input or kills the kernel, or no kernel starts.
        MissingPackageError: nbclient or ipykernel is not installed.
    """
    require()
    with tempfile.TemporaryDirectory(prefix="ithtel-kernel-") as private:
        path = Path(private) / "instructions.json"
        path.write_text(json.dumps(msgspec.to_builtins(instructions)), encoding="utf-8")
        _complete(_run(notebook, folder, dict(env), path, timeout_s, progress))


async def _run(  # noqa: PLR0917
    notebook: Any, folder: Path, env: dict[str, str], instructions: Path, timeout_s: float, progress: Progress | None,  # noqa: ANN401
) -> None:  # fmt: skip
    client = _client(notebook, folder, timeout_s)
    _connect_within(instructions.parent, client.km)
    group = None
    try:
        async with client.async_setup_kernel(env=env, cwd=str(folder), stdout=DEVNULL, stderr=DEVNULL, cleanup_kc=True):
            group = _process_group(client)
            stopping = Stopping()
            await _prepare(client, instructions)
            cells = [(i, cell) for i, cell in enumerate(notebook.cells) if _runs(cell)]
            for n, (index, cell) in enumerate(cells, start=1):
                if progress is not None:
                    progress(n, len(cells), cell.source)
                await _run_cell(client, cell, index, stopping)
    finally:
        atexit.unregister(client._cleanup_kernel)  # noqa: SLF001 - nbclient leaves it behind where no kernel started
        if group is not None:
            _end_group(group)


async def _prepare(client: Any, instructions: Path) -> None:  # noqa: ANN401
    code = (
        "from ithtel.replay.inside import begin; "
        f"begin(get_ipython(), {str(instructions)!r}); del begin  # ithtel: replay"
    )
    reply = await client.kc.execute_interactive(code, store_history=False, timeout=START_S, output_hook=lambda _: None)
    content = reply["content"]
    if content["status"] != "ok":
        raise CannotRunError(f"the kernel cannot be prepared: {content.get('ename')}: {content.get('evalue')}")


class Stopping:
    """Lets Ctrl-C and a request to end cancel what runs, so that the kernel is ended before we are."""

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
            except (RuntimeError, NotImplementedError, ValueError):  # not in the main thread: it does not come here
                return


async def _run_cell(client: Any, cell: Any, index: int, stopping: Stopping) -> None:  # noqa: ANN401
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    tags = cell.metadata.get("tags", [])
    label = _label(cell)
    client.interrupt_on_timeout = "ithtel-interrupted" in tags
    try:
        await client.async_execute_cell(cell, index)
    except CellTimeoutError:
        limit = client.timeout_func(cell)
        raise CannotRunError(
            f"cell {label} did not end within {limit:g} s; --timeout gives it longer, "
            "the tag ithtel-skip leaves it out of the record"
        ) from None
    except (DeadKernelError, RuntimeError) as error:
        if stopping.is_asked:
            raise KeyboardInterrupt from None
        if isinstance(error, DeadKernelError) or "died" in str(error).lower():
            raise CannotRunError(f"cell {label} killed the kernel: the replay ends there") from None
        raise
    for output in cell.outputs:
        if output.output_type == "error" and output.ename == "StdinNotImplementedError":
            raise CannotRunError(f"cell {label} asks for input, and nobody is there: give it the value as a variable")


def _client(notebook: Any, folder: Path, timeout_s: float) -> Any:  # noqa: ANN401
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    manager = AsyncKernelManager(kernel_name="python3")
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    # the kernel of this very interpreter, whatever kernelspecs are installed
    manager._kernel_spec = KernelSpec(argv=argv, display_name="ithtel replay", language="python")  # noqa: SLF001

    def limit(cell: Any) -> float:  # noqa: ANN401
        recorded_ms = cell.metadata.get("ithtel", {}).get("duration_ms") or 0.0
        if "ithtel-interrupted" in cell.metadata.get("tags", []):
            return max(MIN_INTERRUPT_S, float(recorded_ms) / 1e3)
        return max(timeout_s, 5 * float(recorded_ms) / 1e3)

    return NotebookClient(
        notebook, km=manager, timeout_func=limit, startup_timeout=START_S, allow_errors=True, record_timing=False,
        error_on_timeout=_TIMED_OUT, resources={"metadata": {"path": str(folder)}}, store_widget_state=False,
        log=_silent(),
    )  # fmt: skip


def _connect_within(private: Path, manager: Any) -> None:  # noqa: ANN401
    """Let the kernel be reached by sockets in a folder of its own: a free TCP port may be taken before it starts."""
    sockets = private / "kernel"
    if os.name == "posix" and len(os.fsencode(sockets)) <= MAX_SOCKET_PATH:
        manager.transport, manager.ip = "ipc", str(sockets)


def _silent() -> Any:  # noqa: ANN401 - a logger that says nothing: what goes wrong is said by us
    import logging

    log = logging.getLogger("ithtel.replay.silent")
    log.propagate = False
    log.addHandler(logging.NullHandler())
    log.setLevel(logging.CRITICAL + 1)
    return log


def _runs(cell: Any) -> bool:  # noqa: ANN401
    tags = cell.metadata.get("tags", [])
    return (
        cell.cell_type == "code" and bool(cell.source.strip()) and not {"ithtel-unfinished", "ithtel-private"} & {*tags}
    )


def _label(cell: Any) -> str:  # noqa: ANN401
    about = cell.metadata.get("ithtel", {})
    number = about.get("execution_count") or about.get("place")
    return f"[{number}]" if number else f"`{shown_source(cell.source, 40)}`"


def require() -> None:
    """Say what is missing, before anything is tried.

    Raises:
        MissingPackageError: nbformat, nbclient or ipykernel is not installed.
    """
    try:
        import ipykernel  # noqa: F401
        import nbclient  # noqa: F401
        import nbformat  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(f"{error.name} is not installed: pip install 'ithtel[replay]'") from None


def _process_group(client: Any) -> int | None:  # noqa: ANN401
    """Return the process group of the kernel: jupyter_client makes it one of its own."""
    process = getattr(client.km.provisioner, "process", None)
    pid = getattr(process, "pid", None)
    if pid is None or not hasattr(os, "getpgid"):
        return None
    try:
        group = os.getpgid(pid)
    except OSError:
        return None
    return group if group != os.getpgid(0) else None


def _end_group(group: int) -> None:
    """End what the kernel's cells have started and not ended."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _complete(running: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, also where an event loop is running already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        try:
            with _callers_signals():
                asyncio.run(running)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        return
    _complete_beside(running)


def _complete_beside(running: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in a thread; what interrupts the waiting cancels it, and is raised once it has ended.

    Interrupted again, what it does to tidy up is cancelled, too.
    """
    ended = threading.Event()
    failures: list[BaseException] = []
    interrupts: list[BaseException] = []
    cancels: list[Callable[[], object]] = []

    async def cancellable() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101 - this is it
        cancels.append(lambda: loop.call_soon_threadsafe(task.cancel))
        if interrupts:  # before there was anything to cancel
            task.cancel()
        await running

    def work() -> None:
        try:
            asyncio.run(cancellable())
        except BaseException as error:  # noqa: BLE001 - it is raised again where the caller waits
            failures.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=work, name="ithtel-replay")
    thread.start()
    while not ended.is_set():  # a `join` that is interrupted takes the thread for ended, in Python 3.11 and 3.12
        try:
            ended.wait()
        except BaseException as error:  # noqa: BLE001 - it is raised again when nothing runs any more
            interrupts.append(error)
            for cancel in cancels:
                with contextlib.suppress(RuntimeError):  # it has ended in the meantime
                    cancel()
    thread.join()
    for first in interrupts[:1] or failures:
        raise first


@contextlib.contextmanager
def _callers_signals() -> Iterator[None]:
    """Put back the caller's own handlers of signals: event loops, and nbclient, leave Python's when they are done."""
    is_main = threading.current_thread() is threading.main_thread()  # none else may
    before = {number: signal.getsignal(number) for number in _SIGNALS} if is_main else {}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:  # None: it was not set from Python, and cannot be
                signal.signal(number, handler)
