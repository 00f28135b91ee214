"""A session of one Python run again in another: differences caused by that are reported as such."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pythons
from ithtel.commands.replay.replay import replay
from kernels import record

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).parents[2]
CELLS = [
    "%load_ext ithtel", "import numpy as np", "exact = sum([1, 2, 3])", "total = sum([0.1] * 10)", "twice = 2 * total",
    "apart = 7",
]  # fmt: skip
"""From 3.12 on `sum` of floats compensates its errors: 1.0, before 0.9999999999999999."""
PRETENDING = """
import builtins, functools, math, operator, platform

compensates = sum([0.1] * 10) == 1.0

def other_sum(items, /, start=0):
    items = list(items)
    if items and not compensates and all(type(item) is float for item in items):
        return math.fsum([start, *items])
    return functools.reduce(operator.add, items, start)

builtins.sum = other_sum
platform.python_version = lambda: "3.99.0"
"""


def departs_for_python(folder: Path) -> None:
    """Assert that a replay here finds the cell whose result depends on Python, and what follows."""
    found = replay(folder / "logs", folder=folder)
    assert found.difference is not None, found.text()
    (root,) = found.difference.verdict.roots
    assert ("[4]", "python_changed", ["python"]) == (root.label, root.cause, root.names), found.text()
    assert ["[5]"] == root.follows
    assert "note: Python: recorded with CPython 3." in found.plan.text()


def test_a_python_that_sums_otherwise_is_found(tmp_path: Path) -> None:
    """A kernel that says to be of another version, and sums as the Pythons on the other side of 3.12 do."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(PRETENDING, encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    record(CELLS, folder, PYTHONPATH=os.pathsep.join([str(site), str(ROOT / "src")]))
    departs_for_python(folder)


@pytest.mark.soak
@pytest.mark.parametrize("version", pythons.SUPPORTED)
def test_a_session_of_another_python_departs_where_it_matters(version: str, tmp_path: Path) -> None:
    """Recorded in a kernel of that Python, in an environment of its own; replayed in this one."""
    other = pythons.at_hand(version)
    if (sys.version_info >= (3, 12)) == (version >= "3.12"):
        pytest.skip(f"Python {version} sums as this one does")
    venv, folder = tmp_path / "venv", tmp_path / "project"
    folder.mkdir()
    subprocess.run([other, "-m", "venv", str(venv)], check=True)
    there = str(venv / "bin/python")
    install = [there, "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt")]
    subprocess.run([*install, "ipykernel", "msgspec", "numpy"], check=True, capture_output=True)
    record(CELLS, folder, python=there, PYTHONPATH=str(ROOT / "src"))
    departs_for_python(folder)
