"""`PageWatch`: cells that are no longer in the saved notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ithtel.notebook.hazards.notebook_file import PageWatch
from sessions import hazards

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def cell(shell: InteractiveShell, cell_id: str, source: str) -> None:
    """Run a cell as a front end does that gives ids to cells."""
    shell.run_cell(source, store_history=True, cell_id=cell_id)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebook's file, as the host provides it."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(Path("nb.ipynb").absolute()))
    return Path("nb.ipynb")


def save(page: Path, **cells: str) -> None:
    """Save the notebook with these cells, by their ids."""
    page.write_text(json.dumps({"cells": [{"id": key, "source": text} for key, text in cells.items()]}))


def test_a_value_of_a_cell_that_is_gone(shell: InteractiveShell, page: Path) -> None:
    """The warning comes once, when the value is used."""
    save(page, a="x = 1", b="y = x")
    cell(shell, "a", "x = 1")
    cell(shell, "b", "y = x")
    assert {} == hazards()
    save(page, b="y = x")
    cell(shell, "b", "y = x")
    cell(shell, "b", "y = x")
    assert {"deleted_cell": ["x of [2], which is no longer in the notebook"]} == hazards()


def test_a_cell_that_was_moved_is_there(shell: InteractiveShell, page: Path) -> None:
    """After cut and paste, splitting or indenting it has another id but the same lines."""
    save(page, a="x = 1\nz = 2", b="y = x")
    cell(shell, "a", "x = 1\nz = 2")
    save(page, new="x = 1", other="if 1:\n    z = 2", b="y = x")
    cell(shell, "b", "y = x")
    assert {} == hazards()


def test_a_cell_that_was_never_saved_may_be_there(shell: InteractiveShell, page: Path) -> None:
    """The same holds if the notebook cannot be read."""
    save(page, b="y = x")
    cell(shell, "new", "x = 1")
    cell(shell, "b", "y = x")
    page.write_text("{")
    cell(shell, "b", "y = x + 1")
    assert {} == hazards()


def test_a_file_that_the_host_does_not_provide_is_not_read() -> None:
    """No cell is reported as deleted."""
    watch = PageWatch(lambda: None)
    watch.look()
    assert not watch.is_gone("a", "x = 1")


def test_the_file_is_read_again_after_it_was_saved(page: Path) -> None:
    """A cell is gone once a later version of the file lacks it."""
    save(page, a="x = 1", b="y = 2")
    watch = PageWatch(lambda: str(page))
    watch.look()
    assert not watch.is_gone("a", "x = 1")
    save(page, b="y = 2")
    watch.look()
    assert watch.is_gone("a", "x = 1")
