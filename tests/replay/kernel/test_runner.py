"""A notebook runs in a fresh kernel, which an interrupt ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from nbformat import v4

from interrupts import press, replay_threads
from ithtel.errors import MissingPackageError
from ithtel.replay.kernel.runner import Instructions, require, run
from ithtel.replay.options import RunOptions

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the command that installs it."""
    monkeypatch.setitem(sys.modules, "nbclient", None)
    with pytest.raises(MissingPackageError, match=r"^nbclient is not installed: pip install 'ithtel\[replay\]'$"):
        require()


@pytest.mark.kernel
def test_progress_names_each_cell_before_it_runs(tmp_path: Path) -> None:
    """With its number, the number of cells, and its text; empty and tagged cells do not count."""
    tagged = v4.new_code_cell("c", metadata={"tags": ["ithtel-private"]})
    notebook = v4.new_notebook(cells=[v4.new_code_cell(text) for text in ("1", "", "2")] + [tagged])
    seen: list[tuple[int, int, str]] = []
    options = RunOptions(progress=lambda n, total, source: seen.append((n, total, source)))
    run(notebook, tmp_path, os.environ, instructions=Instructions(), options=options)
    assert [(1, 2, "1"), (2, 2, "2")] == seen
    assert ["2"] == [output.data["text/plain"] for output in notebook.cells[2].outputs]


@pytest.mark.kernel
@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_an_interrupt_in_a_notebook_ends_the_kernel(tmp_path: Path) -> None:
    """The kernel's process has ended when the interrupt is raised."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    has_begun = threading.Event()
    source = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\nos.rename('pid', 'kernel')\ntime.sleep(600)"
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])

    async def cell() -> None:
        run(notebook, tmp_path, os.environ, instructions=Instructions(), options=RunOptions())

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
    signal.signal(signal.SIGINT, before)
    assert [] == replay_threads()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "kernel").read_text()), 0)
