"""Fixes are written where they belong, and nothing else changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat import v4

from ithtel.replay.determinism.fixes import apply_fixes
from ithtel.replay.determinism.flakiness import Fix, Flaky

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook of a Markdown cell and two code cells."""
    path = tmp_path / "demo.ipynb"
    cells = [v4.new_markdown_cell("# T"), v4.new_code_cell("a = 1"), v4.new_code_cell("b = 2")]
    path.write_text(nbformat.writes(v4.new_notebook(cells=cells)), encoding="utf-8")
    (tmp_path / ".git").mkdir()
    return path


def flaky(place: int, *fixes: Fix) -> Flaky:
    """Return a flaky cell with fixes."""
    return Flaky(place=place, label=f"[{place}]", title="", cause="unknown", names=[], evidence=[], fixes=[*fixes])


def test_cells_and_tags_go_into_the_notebook(notebook: Path) -> None:
    """A seed cell before its cell, a tag on its cell, also when both are applied."""
    found = [
        flaky(1, Fix(kind="seed_cell", text="%seed 42")), flaky(2, Fix(kind="tag", text="nbval-ignore-output")),
    ]  # fmt: skip
    assert [notebook] == apply_fixes(notebook, [1, 2], found)
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert ["# T", "%seed 42", "a = 1", "b = 2"] == ["".join(cell["source"]) for cell in cells]
    assert ["nbval-ignore-output"] == cells[3]["metadata"]["tags"]


def test_rules_go_into_the_file_beside_it(notebook: Path) -> None:
    """The notebook stays as it is."""
    before = notebook.read_bytes()
    found = [flaky(2, Fix(kind="sanitize", text="regex: took .+\nreplace: VOLATILE"))]
    rules = notebook.with_name("nbval.cfg").resolve()
    assert [rules] == apply_fixes(notebook, [1, 2], found)
    assert "[demo 2]\nregex: took .+\nreplace: VOLATILE\n" == rules.read_text(encoding="utf-8")
    assert before == notebook.read_bytes()


def test_advice_changes_nothing(notebook: Path) -> None:
    """It is for a person."""
    assert [] == apply_fixes(notebook, [1, 2], [flaky(1, Fix(kind="advice", text="sort it"))])
