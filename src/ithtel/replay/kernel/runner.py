"""`run`: run a notebook in a fresh kernel of this interpreter, and leave no process behind."""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import IthtelError, MissingPackageError
from ithtel.plain_text import source as shown_source
from ithtel.replay.kernel.event_loop import CancelOnSignal, run_to_completion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ithtel.replay.options import RunOptions

START_S = 60.0
MIN_INTERRUPT_S = 1.0
MAX_SOCKET_PATH = 90
"""In bytes; systems allow 104 or 108, of which a number takes some."""
_TIMED_OUT = {"ename": "KeyboardInterrupt", "evalue": "", "traceback": []}


class CannotRunError(IthtelError, RuntimeError):
    """A notebook could not be run to its end; the message names the cell and the reason."""


class Instructions(msgspec.Struct, frozen=True, kw_only=True):
    """What the kernel sets up before the first cell: see `ithtel.replay.kernel.setup`."""

    states: list[list[dict[str, Any]]] = []
    entropies: list[list[tuple[str, str, str]]] = []
    starts: list[str | None] = []
    answers: list[list[tuple[str, str]]] = []
    exchanges: list[str] | None = None
    paths: dict[str, str] = {}
    load: bool = False


def run(
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    folder: Path,
    env: Mapping[str, str],
    *,
    instructions: Instructions,
    options: RunOptions,
    python: str | None = None,
) -> None:
    """Run the code cells of `notebook` in `folder`, in order, and write their outputs into it.

    A cell that fails does not stop the others. A cell tagged `ithtel-interrupted` is interrupted after its recorded
    duration. Cells tagged `ithtel-unfinished` or `ithtel-private` are not run. `python` is the kernel's interpreter;
    None means this one.

    Raises:
        CannotRunError: A cell exceeds its time, asks for input or kills the kernel, or no kernel starts.
        MissingPackageError: nbclient or ipykernel is not installed.
    """
    require()
    with tempfile.TemporaryDirectory(prefix="ithtel-kernel-") as private:
        path = Path(private) / "instructions.json"
        path.write_text(json.dumps(msgspec.to_builtins(instructions)), encoding="utf-8")
        run_to_completion(_run(notebook, folder, dict(env), path, options, python))


def require() -> None:
    """Check that the packages of the extra `replay` are installed.

    Raises:
        MissingPackageError: nbformat, nbclient or ipykernel is not installed.
    """
    try:
        import ipykernel  # noqa: F401
        import nbclient  # noqa: F401
        import nbformat  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(f"{error.name} is not installed: pip install 'ithtel[replay]'") from None


async def _run(  # noqa: PLR0917
    notebook: Any,  # noqa: ANN401
    folder: Path,
    env: dict[str, str],
    instructions: Path,
    options: RunOptions,
    python: str | None,
) -> None:
    client = _client(notebook, folder, options.timeout_s, python or sys.executable)
    _use_private_sockets(instructions.parent, client.km)
    group = None
    try:
        async with client.async_setup_kernel(env=env, cwd=str(folder), stdout=DEVNULL, stderr=DEVNULL, cleanup_kc=True):
            group = _process_group(client)
            stopping = CancelOnSignal()
            await _prepare(client, instructions)
            cells = [(i, cell) for i, cell in enumerate(notebook.cells) if _is_run(cell)]
            for n, (index, cell) in enumerate(cells, start=1):
                if options.progress is not None:
                    options.progress(n, len(cells), cell.source)
                await _run_cell(client, cell, index, stopping)
    finally:
        atexit.unregister(client._cleanup_kernel)  # noqa: SLF001 - nbclient leaves it behind if no kernel started
        if group is not None:
            _end_group(group)


async def _prepare(client: Any, instructions: Path) -> None:  # noqa: ANN401
    code = (
        "from ithtel.replay.kernel.setup import set_up_kernel; "
        f"set_up_kernel(get_ipython(), {str(instructions)!r}); del set_up_kernel  # ithtel: replay"
    )
    reply = await client.kc.execute_interactive(code, store_history=False, timeout=START_S, output_hook=lambda _: None)
    content = reply["content"]
    if content["status"] != "ok":
        raise CannotRunError(f"cannot prepare the kernel: {content.get('ename')}: {content.get('evalue')}")


async def _run_cell(client: Any, cell: Any, index: int, stopping: CancelOnSignal) -> None:  # noqa: ANN401
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    tags = cell.metadata.get("tags", [])
    label = _label(cell)
    client.interrupt_on_timeout = "ithtel-interrupted" in tags
    try:
        await client.async_execute_cell(cell, index)
    except CellTimeoutError:
        limit = client.timeout_func(cell)
        raise CannotRunError(
            f"cell {label} did not finish within {limit:g} s; pass a longer --timeout, "
            "or tag the cell ithtel-skip to leave it out of the record"
        ) from None
    except (DeadKernelError, RuntimeError) as error:
        if stopping.is_asked:
            raise KeyboardInterrupt from None
        if isinstance(error, DeadKernelError) or "died" in str(error).lower():
            raise CannotRunError(f"cell {label} killed the kernel; later cells did not run") from None
        raise
    for output in cell.outputs:
        if output.output_type == "error" and output.ename == "StdinNotImplementedError":
            raise CannotRunError(
                f"cell {label} asks for input, and {_reason(output.evalue)}; record the session again,"
                " or use a variable"
            )


def _reason(message: str) -> str:
    """Return why a question was not answered: an older log has no answers."""
    return message if message.startswith("no answer") else "its answer was not recorded"


def _client(notebook: Any, folder: Path, timeout_s: float, python: str) -> Any:  # noqa: ANN401
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    manager = AsyncKernelManager(kernel_name="python3")
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    # the kernel of exactly that interpreter, whatever kernelspecs are installed
    manager._kernel_spec = KernelSpec(argv=argv, display_name="ithtel replay", language="python")  # noqa: SLF001

    def limit(cell: Any) -> float:  # noqa: ANN401
        recorded_ms = cell.metadata.get("ithtel", {}).get("duration_ms") or 0.0
        if "ithtel-interrupted" in cell.metadata.get("tags", []):
            return max(MIN_INTERRUPT_S, float(recorded_ms) / 1e3)
        return max(timeout_s, 5 * float(recorded_ms) / 1e3)

    return NotebookClient(
        notebook, km=manager, timeout_func=limit, startup_timeout=START_S, allow_errors=True, record_timing=False,
        error_on_timeout=_TIMED_OUT, resources={"metadata": {"path": str(folder)}}, store_widget_state=False,
        log=_silent_logger(),
    )  # fmt: skip


def _use_private_sockets(private: Path, manager: Any) -> None:  # noqa: ANN401
    """Connect to the kernel by sockets in a private folder: a free TCP port may be taken before the kernel starts."""
    sockets = private / "kernel"
    if os.name == "posix" and len(os.fsencode(sockets)) <= MAX_SOCKET_PATH:
        manager.transport, manager.ip = "ipc", str(sockets)


def _silent_logger() -> Any:  # noqa: ANN401
    """Return a logger that writes nothing: failures are reported by `CannotRunError`."""
    import logging

    log = logging.getLogger("ithtel.replay.silent")
    log.propagate = False
    log.addHandler(logging.NullHandler())
    log.setLevel(logging.CRITICAL + 1)
    return log


def _is_run(cell: Any) -> bool:  # noqa: ANN401
    tags = cell.metadata.get("tags", [])
    return (
        cell.cell_type == "code" and bool(cell.source.strip()) and not {"ithtel-unfinished", "ithtel-private"} & {*tags}
    )


def _label(cell: Any) -> str:  # noqa: ANN401
    about = cell.metadata.get("ithtel", {})
    number = about.get("execution_count") or about.get("place")
    return f"[{number}]" if number else f"`{shown_source(cell.source, 40)}`"


def _process_group(client: Any) -> int | None:  # noqa: ANN401
    """Return the kernel's process group, which jupyter_client creates for it; None if it has none of its own."""
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
    """Kill the processes that cells started and did not end."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
