"""`ithtel profile` and `ithtel profiles`, each in a separate process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hot
import ithtel

pytestmark = pytest.mark.kernel
HOT = str(Path(hot.__file__))


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the command line."""
    return subprocess.run([sys.executable, "-m", "ithtel", *arguments], capture_output=True, text=True, check=False)


def test_a_program_is_profiled() -> None:
    """Output and exit code stay the program's; the profile is printed on standard error, stored and recorded."""
    done = call("profile", "--rate", "200", "--", sys.executable, HOT, "0.8", "3")
    assert (3, "done\n") == (done.returncode, done.stdout)
    title, *table, drawn = done.stderr.splitlines()
    assert title.endswith("samples at 200 Hz by py-spy")
    assert "burn" == next(row for row in table if "%" in row).split()[4], done.stderr
    (path,) = Path("artifacts/profiles").glob("*.svg")
    assert f"drawn in {path}" == drawn
    log = ithtel.read("logs/ndjson/profile.jsonl")
    event = next(record for record in log if record.event_type == "profile.recorded")
    assert path.as_posix() == event.context["path"]
    assert "hot.py" in event.context["target"]


def test_the_index_is_a_table_and_can_be_made_again() -> None:
    """It is printed as a table or JSON, and can be rebuilt from the files."""
    assert 0 == call("profile", "--format", "speedscope", "--", sys.executable, HOT, "0.4", "0").returncode
    assert "ithtel-" in call("profiles").stdout
    (before,) = json.loads(call("profiles", "--format", "json").stdout)
    Path("artifacts/profiles/INDEX.json").unlink()
    assert [] == json.loads(call("profiles", "--format", "json").stdout)
    assert [before] == json.loads(call("profiles", "--reindex", "--format", "json").stdout)
    assert "speedscope" == before["format"]


def test_a_running_process_until_ctrl_c() -> None:
    """The samples so far are kept, and the process continues."""
    busy = subprocess.Popen([sys.executable, HOT, "60", "0"])
    command = [sys.executable, "-m", "ithtel", "profile", "--pid", str(busy.pid)]
    profiler = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not Path(f"/proc/{profiler.pid}/task/{profiler.pid}/children").read_text(encoding="ascii").strip():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)
    os.kill(profiler.pid, signal.SIGINT)
    _, said = profiler.communicate(timeout=30)
    assert busy.poll() is None
    busy.kill()
    busy.wait()
    assert 0 == profiler.returncode
    assert "burn" in said


def test_a_program_that_ends_at_once_is_too_short() -> None:
    """It is not an error: the exit code is the program's."""
    done = call("profile", "--", sys.executable, "-c", "raise SystemExit(5)")
    assert 5 == done.returncode
    assert "too short to profile" in done.stderr


def test_switched_off_a_program_runs_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both names of the setting switch profiling off; another process is not attached to."""
    monkeypatch.setenv("TF_PROFILE_ENABLED", "0")
    done = call("profile", "--", sys.executable, HOT, "0", "3")
    said = "ithtel: not profiled: the setting profile_enabled is off\n"
    assert (3, "done\n", said) == (done.returncode, done.stdout, done.stderr)
    assert 2 == call("profile", "--pid", str(os.getpid())).returncode
    assert not Path("artifacts").exists()


def test_the_duration_is_that_of_the_samples() -> None:
    """The program runs longer, to its end."""
    assert 0 == call("profile", "--duration", "1", "--", sys.executable, HOT, "1.8", "0").returncode
    (entry,) = json.loads(call("profiles", "--format", "json").stdout)
    assert 1.0 == entry["duration_s"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give either a program after -- or a process with --pid"),
        (["--pid", "4194304"], "ithtel: py-spy cannot attach to process 4194304: no such file"),
        (["--", "no-such-program"], "ithtel: no program 'no-such-program'"),
        (["--rate", "0", "--pid", "1"], "ithtel: setting 'profile_rate' does not take 0"),
    ],
)
def test_what_cannot_be_profiled_is_an_error(arguments: list[str], said: str) -> None:
    """A message explains why, and the exit code is 2."""
    done = call("profile", *arguments)
    assert 2 == done.returncode
    assert said in done.stderr
    assert "Traceback" not in done.stderr
