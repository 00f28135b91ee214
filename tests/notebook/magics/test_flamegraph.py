"""`%%flamegraph` in a real kernel, with real py-spy, and in a shell of the test's own."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hot
from kernels import PATIENCE, Kernel
from sessions import recorded, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

DEFINITION = Path(hot.__file__).read_text(encoding="utf-8").partition("if __name__")[0]
Captured = pytest.CaptureFixture[str]
in_kernel = [pytest.mark.kernel, pytest.mark.filterwarnings("ignore")]


def pyspies(kernel: Kernel) -> list[str]:
    """Return the py-spy processes of this kernel."""
    children = Path(f"/proc/{kernel.manager.provisioner.pid}/task").glob("*/children")
    pids = " ".join(path.read_text(encoding="ascii") for path in children).split()
    return [pid for pid in pids if "py-spy" in Path(f"/proc/{pid}/comm").read_text(encoding="ascii")]


@pytest.fixture(scope="module")
def _module_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernel")


@pytest.fixture(scope="module")
def started(_module_folder: Path) -> Iterator[Kernel]:
    """One kernel for the tests of this module: starting one takes longer than they do."""
    here = Path.cwd()
    os.chdir(_module_folder)
    kernel = Kernel()
    os.chdir(here)
    kernel.run(DEFINITION)
    yield kernel
    kernel.stop()


@pytest.fixture
def kernel(started: Kernel, _module_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """The kernel, and the test in its folder."""
    monkeypatch.chdir(_module_folder)
    return started


def newest(suffix: str) -> Path:
    """Return the profile of that kind that was written last."""
    return max(Path("artifacts/profiles").glob(f"ithtel-*.{suffix}"), key=lambda path: path.stat().st_mtime_ns)


class TestInKernel:
    pytestmark = in_kernel

    def test_the_planted_loop_tops_the_flamegraph(self, kernel: Kernel) -> None:
        """It does so in the text, the page and the file, under the names of the cells."""
        (shown,) = kernel.run("%%flamegraph --rate 200\nmain(0.8)").shown
        title, _, first, *_ = shown["text/plain"].splitlines()
        assert title.endswith("samples at 200 Hz by py-spy")
        assert first.split()[-2:] in (["burn", "In[2]:11"], ["burn", "In[2]:12"])
        assert int(first.split()[0]) > 90
        for where in (shown["text/html"], newest("svg").read_text(encoding="utf-8")):
            assert "burn (In[2])" in where
        assert "ipykernel" not in newest("svg").read_text(encoding="utf-8")
        assert [] == pyspies(kernel)

    def test_the_record_has_it(self, kernel: Kernel) -> None:
        """The event lies within its cell and has the number of samples; the drawing is not an output of the cell."""
        kernel.run("%%flamegraph\nmain(0.4)")
        event = recorded("profile.recorded")[-1]
        assert newest("svg").as_posix() == event["path"]
        assert ("flamegraph", 100, "py-spy") == (event["format"], event["rate_hz"], event["sampler"])
        assert event["n_samples"] >= 10
        assert "reason" not in event
        lines = [json.loads(line) for line in Path("logs/ndjson/notebook.jsonl").read_text("utf-8").splitlines()]
        span = next(line for line in reversed(lines) if line["context"]["event_type"] == "profile.recorded")["span_id"]
        kinds = [line["context"]["event_type"] for line in lines if line.get("span_id") == span]
        assert ["cell.start", "profile.recorded"] == kinds[:2]
        assert {"cell.output", "file.write", "file.read", "hazard"}.isdisjoint(kinds)

    def test_a_cell_that_awaits(self, kernel: Kernel) -> None:
        """Its tasks are sampled too."""
        cell = "import asyncio\nasync def work():\n    main(0.2)\n    await asyncio.sleep(0)\n    main(0.2)"
        (shown,) = kernel.run(f"%%flamegraph\n{cell}\ndone = await asyncio.gather(work(), work())").shown
        assert "burn" in shown["text/plain"].splitlines()[2]
        assert "  work " in shown["text/plain"]

    def test_waiting_does_not_count_and_work_without_the_lock_does(self, kernel: Kernel) -> None:
        """This is without `--gil`, which would hide the sort; the kernel's own threads do not count."""
        kernel.run("import numpy as np, time\ndata = np.random.default_rng(1).random(500_000)")
        kernel.run("def sort(seconds):\n    end = time.perf_counter() + seconds\n"
                   "    while time.perf_counter() < end: np.sort(data)")  # fmt: skip
        (shown,) = kernel.run("%%flamegraph\nmain(0.5); sort(0.5); time.sleep(0.5)").shown
        parts = {row.split()[4]: int(row.split()[0]) for row in shown["text/plain"].splitlines() if row.count("%") == 2}
        assert parts["sort"] > 25
        assert parts["burn"] > 25
        assert parts["sort"] + parts["burn"] > 85
        (shown,) = kernel.run("%%flamegraph --gil\nmain(0.5); sort(0.5)").shown
        assert "burn" in shown["text/plain"].splitlines()[2]

    def test_below_another_marker(self, kernel: Kernel) -> None:
        """Both magics work."""
        (shown,) = kernel.run("%%flamegraph\n%%provenance --outputs y\nmain(0.3)\ny = 1").shown
        assert "burn" in shown["text/plain"]
        assert "y" == recorded("object.fingerprint")[-1]["name"]

    def test_a_failing_cell_is_profiled_up_to_there(self, kernel: Kernel) -> None:
        """The drawing is shown below the error."""
        (shown,) = kernel.run("%%flamegraph\nmain(0.3)\n1 / 0", stop_on_error=False).shown
        assert "burn" in shown["text/plain"]
        assert "error" == recorded("cell.end")[-1]["status"]

    def test_an_interrupt_leaves_no_pyspy_behind(self, kernel: Kernel) -> None:
        """The samples so far are shown, and the next cell runs normally."""
        kernel.client.execute("%%flamegraph\nmain(60)", stop_on_error=False)
        deadline = time.monotonic() + PATIENCE
        while not pyspies(kernel):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.5)
        kernel.manager.interrupt_kernel()
        assert [] == kernel.run("after = 1").shown
        assert [] == pyspies(kernel)
        assert recorded("profile.recorded")[-1]["n_samples"] >= 10
        assert ["interrupted", "ok"] == [end["status"] for end in recorded("cell.end")[-2:]]

    def test_nested_cells_belong_to_the_cell(self, kernel: Kernel) -> None:
        """A cell that runs another cell is sampled to its own end."""
        (shown,) = kernel.run("%%flamegraph\n_ = get_ipython().run_cell('a = 1')\nmain(0.3)").shown
        assert "burn" in shown["text/plain"]

    @pytest.mark.parametrize(("form", "suffix"), [("speedscope", "json"), ("raw", "txt")])
    def test_other_formats(self, kernel: Kernel, form: str, suffix: str) -> None:
        """They are written as files; the drawing is still shown."""
        (shown,) = kernel.run(f"%%flamegraph --format {form}\nmain(0.3)").shown
        assert "<iframe" in shown["text/html"]
        assert "burn" in newest(suffix).read_text(encoding="utf-8")
        assert form == recorded("profile.recorded")[-1]["format"]

    def test_a_cell_too_short_says_so(self, kernel: Kernel) -> None:
        """Without samples there is no file and no event."""
        before = len(recorded("profile.recorded"))
        (shown,) = kernel.run("%%flamegraph --rate 10\nx = 1").shown
        assert "too short to profile" in shown["text/plain"]
        assert before == len(recorded("profile.recorded"))


def test_switched_off_the_cell_runs_without(shell: InteractiveShell, capsys: Captured) -> None:
    """One line says so."""
    run(shell, "%ithtel set profile_enabled=false")
    assert 2 == run(shell, "%%flamegraph\n1 + 1").result
    assert "ithtel: not profiled: the setting profile_enabled is off\n" in capsys.readouterr().out
    assert not Path("artifacts").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--format png", "no format 'png' (choose from flamegraph, speedscope, raw)"),
        ("--rate 0", "setting 'profile_rate' does not take 0"),
        ("--rate fast", "invalid int value"),
    ],
)
def test_a_bad_option_stops_the_cell_in_one_line(
    shell: InteractiveShell, capsys: Captured, options: str, said: str
) -> None:
    """No statement of the cell runs."""
    run(shell, f"%%flamegraph {options}\nx = 1")
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
    assert "x" not in shell.user_ns


@pytest.mark.kernel
def test_a_cell_is_profiled_once(shell: InteractiveShell, capsys: Captured) -> None:
    """A second marker in the cell is refused; the first continues to the end of the cell."""
    run(shell, "%%flamegraph\n%flamegraph")
    captured = capsys.readouterr()
    assert "this cell is being profiled already" in captured.out + captured.err
    assert "profile of cell" in captured.out


@pytest.mark.kernel
def test_it_works_while_nothing_is_recorded(shell: InteractiveShell, capsys: Captured) -> None:
    """It also works after recording was started again."""
    run(shell, "%ithtel stop")
    run(shell, DEFINITION)
    run(shell, "%%flamegraph\nmain(0.3)")
    assert "burn" in capsys.readouterr().out
    assert 1 == len(list(Path("artifacts/profiles").glob("*.svg")))


def test_the_older_variables_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own variables take precedence."""
    from ithtel.recording.settings import from_environment

    monkeypatch.setenv("TF_PROFILE_ENABLED", "false")
    monkeypatch.setenv("TF_PROFILE_RATE", "250")
    monkeypatch.setenv("TF_PROFILE_DURATION", "30")
    settings = from_environment()
    assert (False, 250, 30.0) == (settings.profile_enabled, settings.profile_rate, settings.profile_duration)
    monkeypatch.setenv("ITHTEL_PROFILE_RATE", "50")
    assert 50 == from_environment().profile_rate
