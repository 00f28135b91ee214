"""Real py-spy on a real kernel, on each Python at hand: an environment is made for each, and these tests run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pythons

ROOT = Path(__file__).parents[2]
TESTS = [
    "tests/notebook/magics/test_flamegraph.py", "tests/profiling/test_profiler.py", "tests/profiling/test_program.py",
    "tests/cli/test_profiling.py",
]  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("version", pythons.SUPPORTED)
def test_kernels_and_programs_are_profiled_on_each_python(version: str, tmp_path: Path) -> None:
    """With what constraints.txt names, as far as it names it for that Python."""
    python = pythons.at_hand(version)
    if python == sys.executable:
        pytest.skip("the other tests run on this Python themselves")
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}

    def call(*command: str) -> str:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stdout[-3_000:] + done.stderr[-3_000:]
        return done.stdout

    call(python, "-m", "venv", "--upgrade-deps", str(tmp_path / "venv"))
    there = str(tmp_path / "venv/bin/python")
    call(there, "-m", "pip", "install", "-q", "-c", "constraints.txt", "-e", ".[profile,query]", "--group", "dev")
    said = call(there, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
    assert " passed" in said
    assert " failed" not in said
