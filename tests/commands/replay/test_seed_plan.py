"""The plan of a log, applied to a copy of its notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from factories import Writer
from ithtel.commands.replay.seed_plan import seed_plan, write_seeded
from ithtel.errors import InputError
from ithtel.events import EntropyRequest, Hazard

CELLS = ["%load_ext ithtel", "rng = np.random.default_rng()", "x = random.random()"]


@pytest.fixture
def log() -> Path:
    """The log of a session that made a generator and drew from Python's stream."""
    writer = Writer().start()
    writer.cell(CELLS[0])
    asked = EntropyRequest(execution_count=2, source="numpy", owner="the cell", n_requests=1, n_bits=128, numbers=["5"])
    writer.cell(CELLS[1], asked, writes=["rng"])
    drawn = Hazard(kind="unseeded_rng", detail="drawn from unseeded python", names=["python"], execution_count=3)
    writer.cell(CELLS[2], drawn, writes=["x"])
    writer.end().write(Path("session.jsonl"))
    return Path("session.jsonl")


@pytest.fixture
def notebook() -> Path:
    """The notebook of that session, with a text cell."""
    cells = [v4.new_markdown_cell("Title"), *map(v4.new_code_cell, CELLS)]
    made = v4.new_notebook(cells=cells)
    Path("study.ipynb").write_text(nbformat.writes(made), encoding="utf-8")
    return Path("study.ipynb")


def test_a_copy_of_the_notebook_gets_the_edits(log: Path, notebook: Path) -> None:
    """The notebook itself stays as it is."""
    before = notebook.read_bytes()
    plan = seed_plan(log)
    assert [] == write_seeded(plan, notebook, "seeded.ipynb")
    assert before == notebook.read_bytes()
    cells = nbformat.read("seeded.ipynb", as_version=4).cells
    assert ["Title", *plan.sources] == [cell.source for cell in cells]
    assert "rng = np.random.default_rng(5)" == cells[2].source
    assert cells[3].source.startswith("%seed ")


def test_a_cell_that_the_notebook_no_longer_has_is_named(log: Path, notebook: Path) -> None:
    """The others are edited."""
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("x = random", "y = random"), encoding="utf-8")
    assert ["cell [3] is not in the notebook as it was recorded"] == write_seeded(seed_plan(log), notebook, "s.ipynb")


def test_the_notebook_is_not_overwritten(log: Path, notebook: Path) -> None:
    """The copy is another file."""
    with pytest.raises(InputError, match="another file"):
        write_seeded(seed_plan(log), notebook, notebook)
