"""Modules that `%autoreload` reloads are not reported as changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessions import hazards, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

MODULE = "autoreloaded_of_mine"


@pytest.fixture
def module() -> Iterator[Path]:
    """A module of the user."""
    file = Path(f"{MODULE}.py")
    file.write_text("x = 1")
    os.utime(file, (1, 1))
    yield file
    sys.modules.pop(MODULE, None)


@pytest.mark.parametrize("mode", ["2", "2-"])
def test_a_reloaded_module(shell: InteractiveShell, module: Path, mode: str) -> None:
    """Neither when the cell ends nor by the doctor."""
    run(shell, f"%load_ext autoreload\n%autoreload {mode}")
    run(shell, f"import sys; sys.path.insert(0, '')\nimport {MODULE}")
    module.write_text("x = 22")
    run(shell, f"y = {MODULE}.x")
    found = run(shell, "%ithtel doctor").result
    assert "changed_module" not in hazards()
    assert [] == [finding for finding in found.findings if finding.kind == "changed_module"]


def test_a_module_that_is_excluded(shell: InteractiveShell, module: Path) -> None:
    """`%aimport -module` keeps the old code."""
    run(shell, "%load_ext autoreload\n%autoreload 2")
    run(shell, f"import sys; sys.path.insert(0, '')\nimport {MODULE}\n%aimport -{MODULE}")
    module.write_text("x = 22")
    run(shell, "y = 1")
    assert "changed_module" in hazards()
