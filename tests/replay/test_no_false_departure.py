"""The example notebooks, recorded, come to the same whenever they are replayed."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from ithtel.commands.replaying import replay
from kernels import record

pytestmark = pytest.mark.kernel

FOLDER = Path(__file__).parents[2] / "notebooks"
NESTED = "05-replay"
"""Runs kernels itself, for longer than all others together."""
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb") if path.stem != NESTED)


def recorded(name: str, folder: Path) -> Path:
    """Record a notebook in an empty folder."""
    cells = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells
    return record([cell.source for cell in cells if cell.cell_type == "code" and cell.source.strip()], folder)


def test_the_quick_start_replays_identical(tmp_path: Path) -> None:
    """Epochs to the bit, pictures, random states."""
    found = replay(recorded("01-quickstart", tmp_path))
    assert "identical" == found.outcome, found.text()


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_twenty_replays_are_identical(name: str, tmp_path: Path) -> None:
    """No false departure in any."""
    log = recorded(name, tmp_path)
    for _ in range(20):
        found = replay(log)
        assert "identical" == found.outcome, found.text()
