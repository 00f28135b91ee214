"""`pytest --ithtel`: which files become tests. `tests/commands/replay/test_check.py` tests the verdicts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel


def collected(*options: str) -> list[str]:
    """Return the tests that pytest finds in the working directory."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-c", os.devnull, "--rootdir", "."]
    command += ["-p", "no:nbval", "-p", "no:cacheprovider", "-p", "no:randomly"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.fixture(autouse=True)
def _notebooks() -> None:
    """A notebook, and a checkpoint of it."""
    for path in (Path("a.ipynb"), Path(".ipynb_checkpoints/a-checkpoint.ipynb")):
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')


@pytest.mark.parametrize("option", ["--ithtel", "--ithtel-update"])
def test_a_notebook_is_one_test(option: str) -> None:
    """Its checkpoint is none."""
    assert ["a.ipynb::ithtel"] == collected(option)


def test_without_the_option_notebooks_are_left_alone() -> None:
    """So that the plugin can be installed for all."""
    assert [] == collected()
