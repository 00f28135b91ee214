"""The verb `cells` reads a log, with or without the notebook's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ithtel.commands.log.cells import cells
from ithtel.errors import MissingFileError
from sessions import LOG, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def test_the_notebook_can_be_given(shell: InteractiveShell) -> None:
    """Hosts such as nbclient do not name it."""
    shell.run_cell("x = 1", store_history=True, cell_id="a")
    listed = [{"id": "a", "cell_type": "code", "source": "x = 1"}, {"id": "b", "cell_type": "code", "source": "y"}]
    Path("n.ipynb").write_text(json.dumps({"cells": listed}), encoding="utf-8")
    found = {cell.cell_id: cell.status for cell in cells(LOG, notebook="n.ipynb").cells}
    assert ("current", "never run") == (found["a"], found["b"])


def test_a_notebook_that_is_not_there(shell: InteractiveShell) -> None:
    """One line says so."""
    run(shell, "x = 1")
    with pytest.raises(MissingFileError, match=r"no notebook 'none\.ipynb'"):
        cells(LOG, notebook="none.ipynb")


def test_a_file_that_changed_makes_its_readers_stale(shell: InteractiveShell) -> None:
    """Whoever changed it."""
    Path("d.csv").write_text("1")
    run(shell, "import pathlib\ntext = pathlib.Path('d.csv').read_text()")
    Path("d.csv").write_text("22")
    assert "stale: reads `d.csv`, which has changed since" == cells(LOG)[2].text
