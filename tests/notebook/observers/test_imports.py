"""`Imports`: the packages and modules that a cell imported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sessions import hazards, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def test_a_module_that_changes_under_the_notebook_is_a_hazard(shell: InteractiveShell) -> None:
    """The old code still runs until the module is reloaded."""
    module = Path("signals_of_mine.py")
    module.write_text("x = 1")
    run(shell, "import sys; sys.path.insert(0, '')\nimport signals_of_mine")
    module.write_text("x = 22")
    run(shell, "y = 1")
    assert ["signals_of_mine.py changed after it was imported: the old code still runs"] == hazards()["changed_module"]
    module.write_text("x = 333")
    run(shell, "import importlib\nimportlib.reload(signals_of_mine)")
    assert 1 == len(hazards()["changed_module"])
    del sys.modules["signals_of_mine"]


def test_imports_of_a_cell_are_recorded(shell: InteractiveShell) -> None:
    """New packages are recorded with name and version."""
    run(shell, "import numpy, pandas")
    packages = {name for c in recorded("environment.changed") for name in c["packages"]}
    assert {"numpy", "pandas", "IPython"} <= packages
