"""The README's cells run as they stand, and its commands are those that CI runs."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ithtel
from sessions import LOG, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_three_cells_run(bare: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """As they stand, and what they say is what the README says."""
    cells = blocks("python")
    assert 3 == len(cells)
    results = [run(bare, cell) for cell in cells]
    assert all(result.success for result in results)
    said = re.search(r"# (ithtel: recording .*)", cells[0])
    assert said is not None
    assert said[1] in capsys.readouterr().out
    assert 4 == results[1].result.bull.n_epochs
    assert "GOOG" in repr(results[2].result)
    assert [] == ithtel.read(LOG).problems


def test_the_two_commands_need_nothing_but_python() -> None:
    """Each makes its own environment, and honours the constraints."""
    first, second = blocks("sh")
    for command in (first, second):
        assert command.startswith(
            "python3 -m venv --upgrade-deps .venv && .venv/bin/pip install -q -c constraints.txt "
        )
    assert first.rstrip().endswith(".venv/bin/ithtel demo")
    assert second.rstrip().endswith(".venv/bin/python -m pytest")


def test_every_link_leads_somewhere() -> None:
    """Files that the README names exist."""
    root = Path(__file__).parents[1]
    for target in re.findall(r"\]\(([^)#]+)\)|srcset=\"([^\"]+)\"|src=\"([^\"]+)\"", README):
        path = next(filter(None, target))
        assert (root / path).exists(), path


@pytest.mark.kernel
def test_the_picture_is_that_of_the_cells(tmp_path: Path) -> None:
    """`mise run pictures` would change nothing, with the versions of constraints.txt."""
    root = Path(__file__).parents[1]
    constraints = (root / "constraints.txt").read_text(encoding="utf-8")
    if f"matplotlib=={importlib.metadata.version('matplotlib')}" not in constraints:
        pytest.skip("another matplotlib draws other letters")
    subprocess.run([sys.executable, str(root / ".ci/pictures.py"), str(tmp_path)], check=True, capture_output=True)
    for name in ("timeline-light.svg", "timeline-dark.svg"):
        assert (root / "docs" / name).read_bytes() == (tmp_path / name).read_bytes()
