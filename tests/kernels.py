"""Real kernels: a session recorded in one, as a researcher's front end runs it; and one to talk to."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager, start_new_kernel
from nbclient import NotebookClient
from nbformat import v4

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_client.blocking.client import BlockingKernelClient
    from jupyter_client.manager import KernelManager

LOG = Path("logs/ndjson/notebook.jsonl")
PATIENCE = 60
"""Seconds to wait for a kernel."""


class Ran(NamedTuple):
    """The status that a kernel replied, and what it displayed."""

    status: str
    shown: list[dict[str, Any]]


class Kernel:
    """A kernel in the working directory, with ithtel loaded."""

    def __init__(self) -> None:
        self.manager: KernelManager
        self.client: BlockingKernelClient
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(Path.cwd()), env=_environment())
        self.run("%load_ext ithtel")

    def run(self, cell: str, **options: Any) -> Ran:
        """Run a cell."""
        shown: list[dict[str, Any]] = []

        def note(message: dict[str, Any]) -> None:
            if message["msg_type"] == "display_data":
                shown.append(message["content"]["data"])

        reply = self.client.execute_interactive(cell, timeout=PATIENCE, output_hook=note, **options)
        return Ran(str(reply["content"]["status"]), shown)

    def stop(self) -> None:
        """End it."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def record(
    cells: Sequence[str],
    folder: Path,
    *,
    hidden: str | None = None,
    kill_in: int | None = None,
    python: str = sys.executable,
    **environment: str,
) -> Path:
    """Run `cells` in a fresh kernel in `folder`, and return the log.

    Args:
        cells: Their text.
        folder: The working directory.
        hidden: Code that runs before the first cell, and that no history knows of.
        kill_in: The index of the cell during which the kernel is killed.
        python: The interpreter of the kernel.
        environment: Variables besides those of this process.
    """
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    asyncio.run(_record(cells, folder, hidden, kill_in, argv, {**_environment(), **environment}))
    return folder / LOG


def _environment() -> dict[str, str]:
    left_out = ("JPY_SESSION_NAME", "PAPERMILL_OUTPUT_PATH", "PYTHONHASHSEED")
    return {name: value for name, value in os.environ.items() if name not in left_out}


async def _record(
    cells: Sequence[str], folder: Path, hidden: str | None, kill_in: int | None, argv: list[str], env: dict[str, str]
) -> None:
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    manager = AsyncKernelManager(kernel_name="python3")
    manager._kernel_spec = KernelSpec(argv=argv, display_name="test", language="python")
    client: Any = NotebookClient(notebook, km=manager, timeout=120, allow_errors=True)
    async with client.async_setup_kernel(env=env, cwd=str(folder), stdout=DEVNULL, stderr=DEVNULL, cleanup_kc=True):
        if hidden is not None:
            await client.kc.execute_interactive(hidden, store_history=False, silent=True, output_hook=lambda _: None)
        for index, cell in enumerate(notebook.cells):
            if index == kill_in:
                client.kc.execute(cell.source)
                await asyncio.sleep(1.0)
                await manager.signal_kernel(9)
                return
            await client.async_execute_cell(cell, index)
