"""A real kernel: what only ipykernel does (interrupts, subshells, hosts' metadata), and what a killed one leaves."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from ithtel import fingerprint
from kernels import PATIENCE, Kernel
from sessions import LOG, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.kernel, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """A kernel for one test."""
    started = Kernel()
    yield started
    started.stop()


def begin(kernel: Kernel, cell: str) -> None:
    """Send a cell, and return once its start is recorded."""
    kernel.client.execute(cell, stop_on_error=False)
    deadline = time.monotonic() + PATIENCE
    while cell not in [c["source"] for c in recorded("cell.start")]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ends() -> list[tuple[str, str]]:
    """Return source and status of each cell that ended, in order of ending."""
    sources = {c["cell_id"]: c["source"] for c in recorded("cell.start")}
    return [(sources[c["cell_id"]], c["status"]) for c in recorded("cell.end")]


@pytest.mark.parametrize("cell", ["import time\ntime.sleep(60)", "import asyncio\nawait asyncio.sleep(60)"])
def test_an_interrupted_cell_says_so(kernel: Kernel, cell: str) -> None:
    """Ctrl-C ends the cell, also one that awaits, and the next cell is recorded."""
    begin(kernel, cell)
    time.sleep(0.3)  # the start is written before the cell runs; an interrupt now must reach the cell itself
    kernel.manager.interrupt_kernel()
    assert "ok" == kernel.run("after = 1").status
    assert [(cell, "interrupted"), ("after = 1", "ok")] == ends()[-2:]


def test_a_killed_kernel_leaves_what_it_did(kernel: Kernel) -> None:
    """The running cell has a start and no end; the log is valid up to there."""
    kernel.run("x = 1")
    begin(kernel, "import time\ntime.sleep(60)")
    os.kill(kernel.manager.provisioner.pid, signal.SIGKILL)
    for line in LOG.read_text(encoding="utf-8").splitlines():
        json.loads(line)
    assert ("x = 1", "ok") == ends()[-1]
    assert len(recorded("cell.end")) + 1 == len(recorded("cell.start"))


def test_a_nested_cell_that_awaits_fails_alone(kernel: Kernel) -> None:
    """IPython ends it without a start; the cell around it stays balanced."""
    kernel.run("get_ipython().run_cell('import asyncio\\nawait asyncio.sleep(0)')")
    kernel.run("after = 1")
    assert "ok" == ends()[-1][1]
    assert len(recorded("cell.end")) == len(recorded("cell.start"))


def test_provenance_awaits(kernel: Kernel) -> None:
    """`%%provenance` works with top-level await in a kernel with a running loop."""
    assert "ok" == kernel.run("%%provenance --outputs y\nimport asyncio\nawait asyncio.sleep(0)\ny = 1").status
    assert ["y"] == [c["name"] for c in recorded("object.fingerprint") if c["name"] == "y"][:1]


def test_a_silent_request_is_not_recorded(kernel: Kernel) -> None:
    """Front ends send silent requests."""
    before = len(recorded("cell.start"))
    kernel.run("hidden = 1", silent=True)
    kernel.run("shown = 1")
    assert before + 1 == len(recorded("cell.start"))


def test_a_subshell_runs_beside_the_main_shell(kernel: Kernel) -> None:
    """Two cells run at once, each with its own start and end."""
    message = kernel.client.session.msg("create_subshell_request")
    if "supported_features" not in str(kernel.client.kernel_info(reply=True, timeout=PATIENCE)):
        pytest.skip("this ipykernel has no subshells")
    kernel.client.control_channel.send(message)
    reply = kernel.client.get_control_msg(timeout=PATIENCE)
    begin(kernel, "import time\ntime.sleep(1.5)\nslow = 1")
    quick = kernel.client.session.msg(
        "execute_request", {"code": "quick = 1", "silent": False, "store_history": True, "user_expressions": {}}
    )
    quick["header"]["subshell_id"] = reply["content"]["subshell_id"]
    kernel.client.shell_channel.send(quick)
    deadline = time.monotonic() + PATIENCE
    while len(ends()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ["quick = 1", "import time\ntime.sleep(1.5)\nslow = 1"] == [source for source, _ in ends()[-2:]]
    assert {"ok"} == {status for _, status in ends()}


def test_a_session_without_numpy_has_fingerprints(kernel: Kernel) -> None:
    """Python's own values are fingerprinted without loading NumPy, which can still be configured."""
    kernel.run("prices = [1.0, 2.0]; names = {'a': 1}")
    kernel.run("def grow(given): given.append(3.0)\ngrow(prices)")
    kernel.run("import sys\nis_loaded = 'numpy' in sys.modules")
    fingerprints = {c["name"]: c["fingerprint"] for c in recorded("object.fingerprint")}
    assert fingerprint(obj=False).fingerprint == fingerprints["is_loaded"]
    assert fingerprint([1.0, 2.0, 3.0]).fingerprint == fingerprints["prices"]
    assert fingerprint({"a": 1}).fingerprint == fingerprints["names"]


def test_a_session_with_polars_alone_has_fingerprints(kernel: Kernel) -> None:
    """NumPy is loaded for tables that need it."""
    kernel.run("import polars as pl\nframe = pl.DataFrame({'a': [1, 2]})")
    assert ["frame"] == [c["name"] for c in recorded("frame.fingerprint")]


def test_a_question_to_the_front_end_is_recorded(kernel: Kernel) -> None:
    """`input` and `getpass` ask the front end, `!command` opens a terminal; the kernel's own traffic is no contact."""
    ask = "from getpass import getpass\nn = input('how many? '), getpass('word: ')"
    kernel.run(ask, allow_stdin=True, stdin_hook=lambda _: kernel.client.input("5"))
    kernel.run("!true")
    kernel.run("import asyncio; await asyncio.sleep(0)")
    assert [("input", "how many?"), ("input", "word:"), ("program", "true")] == [
        (each["kind"], each["target"]) for each in recorded("external.contact")
    ]
