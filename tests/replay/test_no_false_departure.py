"""The example notebooks, recorded, give the same results whenever they are replayed.

Among them is one that runs kernels and replays itself (05: within a replay it shows what it would replay, and its
child's records are none of its inputs), and one that samples its own stack (07).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest

from ithtel.commands.replay.replay import replay
from kernels import record

pytestmark = pytest.mark.kernel

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
QUICK = ["01-quickstart", "02-provenance", "06-decisions"]
"""Recorded and replayed in under 15 s each."""
N_REPLAYS = int(os.environ.get("ITHTEL_REPLAYS", "20"))
_SEED = re.compile(r"^(\w+ = )?%seed \d+", re.MULTILINE)


def cells_of(name: str) -> list[str]:
    cells = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code" and cell.source.strip()]


def recorded(name: str, folder: Path) -> Path:
    """Record a notebook in an empty folder."""
    return record(cells_of(name), folder)


def without_seeds(cells: list[str]) -> list[str]:
    """Return the cells of the same notebook with generators that are not seeded, and one more that draws.

    A cell that holds the text of cells for another kernel stays: what that kernel draws is in its own record.
    """
    made = "import numpy\n{}numpy.random.default_rng()"
    cells = [
        cell if '"""' in cell else _SEED.sub(lambda found: made.format(found[1] or "_ = "), cell) for cell in cells
    ]
    cells += ["import random, numpy\ndrawn = [random.random(), numpy.random.rand(), random.Random().random()]"]
    return [re.sub(r"(spawn\(\d+), seed=\d+\)", r"\1)", cell) for cell in cells]


@pytest.mark.parametrize("name", QUICK)
def test_a_notebook_replays_identical(name: str, tmp_path: Path) -> None:
    """Epochs to the bit, pictures, random states, decisions."""
    found = replay(recorded(name, tmp_path))
    assert "identical" == found.outcome, found.text()


PRESENT = [
    "%load_ext ithtel",
    "import os, time, uuid, tempfile, datetime as dt\nfrom pathlib import Path\nhere = Path.cwd()\nprint(here)\nhere",
    "%pwd",
    "now = dt.datetime.now()\nprint(now.strftime('Date: %a, %d %b %Y  Time: %H:%M:%S'))",
    "%%time\ntime.sleep(1.1)",
    "print('started', now, 'run', uuid.uuid4(), 'as', os.getpid(), 'in', tempfile.mkdtemp(prefix='run-'))",
    "config = {'folder': here, 'up': str(here.parent / 'data'), 'started': now, 'n': 3}\nconfig",
]


def test_the_present_is_no_departure(tmp_path: Path) -> None:
    """Folder, time, duration, uuid, process and temporary names; the verdict lists them."""
    found = replay(record(PRESENT, tmp_path))
    assert "identical" == found.outcome, found.text()
    kinds = {each.what.removeprefix("the ") for each in found.difference.verdict.not_compared}
    assert {"folder", "time of day", "duration", "uuid", "process id", "temporary name"} <= kinds


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_twenty_replays_are_identical(name: str, tmp_path: Path) -> None:
    """No false departure in any: all are run, and those that depart are counted."""
    log = recorded(name, tmp_path)
    found = [replay(log) for _ in range(N_REPLAYS)]
    departing = [each.text() for each in found if each.outcome != "identical"]
    assert not departing, f"{len(departing)} of {N_REPLAYS} depart:\n" + departing[0]


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_twenty_replays_of_an_unseeded_twin_are_identical(name: str, tmp_path: Path) -> None:
    """Each gets the recorded randomness back."""
    log = record(without_seeds(cells_of(name)), tmp_path)
    found = [replay(log) for _ in range(N_REPLAYS)]
    departing = [each.text() for each in found if each.outcome != "identical"]
    assert not departing, f"{len(departing)} of {N_REPLAYS} depart:\n" + departing[0]
