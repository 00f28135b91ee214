"""`app`: options before a verb, and output that is closed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer

import ithtel
from ithtel.cli.root import app

if TYPE_CHECKING:
    from commandline import Call


@pytest.mark.kernel
def test_the_module_is_the_command() -> None:
    """`python -m ithtel --version`."""
    done = subprocess.run([sys.executable, "-m", "ithtel", "--version"], capture_output=True, text=True, check=True)
    assert f"ithtel {ithtel.__version__}\n" == done.stdout


def test_the_version_is_printed(call: Call) -> None:
    """Before any verb."""
    assert (0, f"ithtel {ithtel.__version__}\n") == call("--version")[:2]


def test_every_verb_has_help() -> None:
    """A sentence that ends with a period; every option is explained."""
    for name, verb in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        assert (verb.help or "").splitlines()[0].endswith("."), name
        assert [] == [each.name for each in verb.params if not getattr(each, "help", None)], name
