"""A program is sampled from within where py-spy may not look into it, and runs as it always does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import confined
import hot
import pythons
from ithtel.profiling import program
from ithtel.profiling.frames import Places
from ithtel.profiling.pyspy import AttachError, Options
from ithtel.profiling.stacks import Stacks

if TYPE_CHECKING:
    from ithtel.profiling.program import ProgramRun

pytestmark = pytest.mark.kernel
HOT = Path(hot.__file__)
PYTHON = sys.executable
REPORT = """
import json, os, pathlib, sys
import hot
hot.main(0.3)
facts = {"argv": sys.argv, "name": __name__, "path0": sys.path[0], "sites": os.environ.get("MY_SITE"),
         "variables": [name for name in os.environ if "ITHTEL" in name], "pythonpath": os.environ.get("PYTHONPATH"),
         "within": [path for path in sys.path if "within" in path], "main": "__main__" in sys.modules}
pathlib.Path("facts.json").write_text(json.dumps(facts))
"""


@pytest.fixture(autouse=True)
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program in it, a module and a `sitecustomize` on its path."""
    (tmp_path / "report.py").write_text(REPORT, encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/sitecustomize.py").write_text("import os\nos.environ['MY_SITE'] = 'ran'\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HOT.parent), str(tmp_path / "own")]))
    return tmp_path


def hottest(ran: ProgramRun) -> str:
    """Return the function that took the most time."""
    return Stacks.fold(ran.samples.raw, Places()).hottest()[0].function


@pytest.mark.usefixtures("_no_pyspy")
@pytest.mark.parametrize("command", [["report.py", "a", "b"], ["-m", "report", "a", "b"], ["-c", REPORT, "a", "b"]])
def test_a_program_runs_as_it_always_does(command: list[str], study: Path) -> None:
    """The same `__main__`, arguments, path, environment and `sitecustomize`."""

    def facts() -> object:
        return json.loads((study / "facts.json").read_text(encoding="utf-8"))

    subprocess.run([PYTHON, *command], check=True)
    expected = facts()
    ran = program.run([PYTHON, *command], Options(rate_hz=200))
    assert expected == facts()
    assert ("in-process", "burn", 0) == (ran.samples.sampler, hottest(ran), ran.exit_code)
    assert "ran" == expected["sites"]


@pytest.mark.usefixtures("_no_pyspy")
def test_nothing_of_its_start_is_seen() -> None:
    """The outermost frame is the program's own."""
    ran = program.run([PYTHON, str(HOT), "0.3", "3"], Options(rate_hz=500))
    assert {("<module>", "hot.py")} == {
        (stack[0].function, stack[0].file) for stack in Stacks.fold(ran.samples.raw, Places(cwd=str(HOT.parent))).counts
    }
    assert 3 == ran.exit_code


@pytest.mark.usefixtures("_no_pyspy")
@pytest.mark.parametrize("end", ["os._exit(7)", "os.kill(os.getpid(), 15)"])
def test_what_was_seen_outlives_a_program_that_ends_at_once(end: str) -> None:
    """But for the last second."""
    ran = program.run([PYTHON, "-c", f"import hot, os; hot.main(1.6); {end}"], Options())
    assert ran.exit_code in {7, -15}
    assert "burn" == hottest(ran)


@pytest.mark.usefixtures("_no_pyspy")
def test_a_child_or_a_fork_of_it_is_not_the_program() -> None:
    """What it does is its own."""
    busy = f"import subprocess, sys; subprocess.run([sys.executable, {str(HOT)!r}, '0.3', '0'])"
    ran = program.run([PYTHON, "-c", busy], Options())
    assert "burn" not in {frame.function for stack in ran.samples.raw for frame in stack}
    forks = "import hot, os\nif os.fork() == 0: hot.main(0.2)\nelse: os.wait()"
    ran = program.run([PYTHON, "-W", "ignore", "-c", forks], Options())
    assert "burn" not in {frame.function for stack in ran.samples.raw for frame in stack}


@pytest.mark.usefixtures("_no_pyspy")
@pytest.mark.parametrize("command", [[PYTHON, "-I", "-c", "pass"], ["/bin/sh", "-c", ":"]])
def test_what_cannot_be_sampled_either_way_is_an_error(command: list[str]) -> None:
    """With both reasons."""
    with pytest.raises(AttachError, match=r"py-spy is not installed .* Nothing was sampled from within either: "):
        program.run(command, Options())


@pytest.mark.parametrize("version", pythons.SUPPORTED)
def test_programs_of_each_python_at_hand_are_sampled_from_outside(version: str) -> None:
    """Also of one that has nothing installed."""
    ran = program.run([pythons.at_hand(version), str(HOT), "0.6", "3"], Options())
    assert ("py-spy", "burn", 3) == (ran.samples.sampler, hottest(ran), ran.exit_code)


@pytest.mark.parametrize("version", pythons.SUPPORTED)
def test_programs_of_each_python_at_hand_are_sampled_from_within(version: str, request: pytest.FixtureRequest) -> None:
    """Also of one that has no ithtel."""
    python = pythons.at_hand(version)
    request.getfixturevalue("_no_pyspy")
    ran = program.run([python, str(HOT), "0.6", "3"], Options())
    assert ("in-process", "burn", 3) == (ran.samples.sampler, hottest(ran), ran.exit_code)


@pytest.mark.skipif(not confined.CAN_CONFINE, reason="forbids attaching as Linux does")
class TestConfined:
    """Where the kernel itself says no to the real py-spy."""

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the command line in there."""
        command = [PYTHON, confined.__file__, PYTHON, "-m", "ithtel", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_a_program_is_sampled_from_within_and_the_record_says_so(self) -> None:
        """The hot function is the same, output and exit code are the program's, the reason is exact."""
        done = self.call("profile", "--", PYTHON, str(HOT), "0.8", "3")
        assert (3, "done\n") == (done.returncode, done.stdout)
        title, reason, _, first, *_ = done.stderr.splitlines()
        assert title.endswith("samples at 100 Hz by in-process")
        why = "py-spy cannot attach to the program: operation not permitted; "
        assert why in reason
        assert "burn" in first
        lines = Path("logs/ndjson/profile.jsonl").read_text(encoding="utf-8").splitlines()
        event = next(
            line for line in (json.loads(each)["context"] for each in lines) if line["event_type"] == "profile.recorded"
        )
        assert "in-process" == event["sampler"]
        assert event["reason"].startswith(why)
        assert event["n_samples"] >= 10

    def test_of_another_process_it_says_why_not(self) -> None:
        """And that there is no other way."""
        done = self.call("profile", "--pid", str(os.getpid()))
        assert 2 == done.returncode
        assert "operation not permitted" in done.stderr
        assert "only py-spy can sample another process" in done.stderr
