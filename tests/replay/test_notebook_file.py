"""A notebook file: which of its cells run, and which outputs are ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat import v4

from ithtel.errors import DataError
from ithtel.replay.notebook_file import code_indices, has_ithtel, ignored_places, read_notebook

if TYPE_CHECKING:
    from pathlib import Path


def written(path: Path, *cells: nbformat.NotebookNode, **metadata: object) -> Path:
    """Write a notebook of these cells."""
    path.write_text(nbformat.writes(v4.new_notebook(cells=[*cells], metadata=metadata)), encoding="utf-8")
    return path


def tagged(source: str, *tags: str) -> nbformat.NotebookNode:
    """Return a code cell with tags."""
    return v4.new_code_cell(source, metadata={"tags": [*tags]})


def test_cells_that_run_are_code_cells_with_text(tmp_path: Path) -> None:
    """Neither Markdown, nor empty cells, nor those that a tag excludes."""
    cells = [v4.new_markdown_cell("# T"), tagged("a"), tagged(" "), tagged("b", "nbval-skip"), tagged("c")]
    assert [1, 4] == code_indices(read_notebook(written(tmp_path / "a.ipynb", *cells)))


def test_ignored_outputs_are_those_that_nbval_ignores(tmp_path: Path) -> None:
    """By tag or by comment; places count the cells that run."""
    cells = [tagged("a"), tagged("b", "nbval-ignore-output"), tagged("# NBVAL_IGNORE_OUTPUT\nc")]
    assert {2, 3} == ignored_places(read_notebook(written(tmp_path / "a.ipynb", *cells)))


def test_a_cell_that_loads_the_extension_is_found(tmp_path: Path) -> None:
    """Only in code."""
    markdown = v4.new_markdown_cell("%load_ext ithtel")
    assert not has_ithtel(read_notebook(written(tmp_path / "a.ipynb", markdown)))
    assert has_ithtel(read_notebook(written(tmp_path / "b.ipynb", tagged("%load_ext ithtel"))))


def test_other_files_and_other_languages_are_refused(tmp_path: Path) -> None:
    """With the reason."""
    (tmp_path / "bad.ipynb").write_text("nonsense", encoding="utf-8")
    with pytest.raises(DataError, match=r"^not a notebook: "):
        read_notebook(tmp_path / "bad.ipynb")
    kernel = {"name": "ir", "language": "R", "display_name": "R"}
    with pytest.raises(DataError, match=r"^the notebook's kernel is 'R'; only Python notebooks can be recorded$"):
        read_notebook(written(tmp_path / "r.ipynb", kernelspec=kernel))
