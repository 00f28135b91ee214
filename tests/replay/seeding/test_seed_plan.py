"""What to seed is found from the record alone; after the edits a fresh run is the same each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ithtel.commands.replay.replay import replay
from ithtel.commands.replay.seed_plan import seed_plan
from ithtel.events import EntropyRequest
from ithtel.reading.history.values import Execution, History, Note
from ithtel.replay.options import RunOptions
from ithtel.replay.seeding.seed_plan import SeedPlan, plan_seeds
from kernels import LOG, record

if TYPE_CHECKING:
    from pathlib import Path

LOAD = "%load_ext ithtel"
LIBRARY = """import random
import numpy as np
kept = np.random.default_rng()
def once():
    return np.random.default_rng().normal() + random.Random().random()
"""
CELLS = [
    LOAD,
    "import numpy as np, random",
    "rng = np.random.default_rng()\na = rng.normal(size=3)",
    "def draw():\n    return np.random.RandomState().normal()\nb = [draw(), draw()]",
    "c = [random.Random().random() for _ in range(2)] + [random.random()]",
    "import own_library\nd = own_library.once() + own_library.kept.normal()",
    "e = np.random.rand()\nf = np.random.default_rng(np.random.SeedSequence()).normal()",
]


def asked(owner: str, *numbers: str, is_import: bool = False) -> EntropyRequest:
    return EntropyRequest(
        execution_count=None, source="numpy", owner=owner, n_requests=len(numbers), n_bits=128, numbers=[*numbers],
        is_import=is_import,
    )  # fmt: skip


Cell = tuple[str, list[EntropyRequest], list[str]]


def planned(*cells: Cell) -> SeedPlan:
    """Return the plan of cells: text, requests, unseeded streams that they drew from."""
    executions = [
        Execution(
            place=place, count=place, source=source, entropy=entropy,
            hazards=[Note(kind="unseeded_rng", detail="", names=streams)] if streams else [],
        )
        for place, (source, entropy, streams) in enumerate(cells, start=1)
    ]  # fmt: skip
    return plan_seeds(History(name="n", session_id="s", executions=executions))


def test_a_call_of_the_cell_gets_its_number() -> None:
    """Shown as an edit, and as a diff."""
    plan = planned(("x = 1", [], []), ("rng = np.random.default_rng()", [asked("the cell", "5")], ["numpy:rng"]))
    assert ["x = 1", "rng = np.random.default_rng(5)"] == plan.sources
    lines = plan.text().splitlines()
    assert "  [2] np.random.default_rng() → np.random.default_rng(5)" == lines[1]
    assert "+rng = np.random.default_rng(5)" == lines[-1]


def test_a_function_is_seeded_where_it_is_defined() -> None:
    """Though another cell calls it."""
    plan = planned(("def f():\n    return default_rng()", [], []), ("f(); f()", [asked("f", "5", "6")], []))
    assert "SeedSequence(" in plan.sources[0]
    assert "f(); f()" == plan.sources[1]


def test_a_cell_that_ran_again_is_edited_once() -> None:
    """Both runs are then the same."""
    cell: Cell = ("rng = default_rng()", [asked("the cell", "5")], [])
    again: Cell = ("rng = default_rng()", [asked("the cell", "6")], [])
    assert ["rng = default_rng(5)"] * 2 == planned(cell, again).sources


def test_a_global_stream_is_seeded_before_it_is_first_drawn_from() -> None:
    """By one magic if ithtel is loaded, else by a function."""
    draws: Cell = ("y = random.random()", [], ["python"])
    loaded = planned((LOAD, [], []), draws, ("np.random.rand()", [], ["numpy.legacy"]))
    assert loaded.sources[1].startswith("%seed ")
    assert 4 == len(loaded.sources)
    assert planned(draws).sources[0].startswith("import ithtel\nithtel.seed(")


def test_a_stream_with_a_seed_keeps_it() -> None:
    """The other one is seeded alone."""
    plan = planned((LOAD, [], []), ("np.random.seed(3)", [], []), ("random.random()", [], ["python"]))
    assert plan.sources[2].startswith("import random\nrandom.seed(")


def test_what_a_library_makes_descends_from_a_seed() -> None:
    """Before the cell that calls it, or before the cell that imports a module whose generator is drawn from."""
    called = planned((LOAD, [], []), ("lib.f()", [asked("lib.f", "5")], []))
    assert called.sources[1].startswith("%seed --unseeded ")
    imported = planned(
        (LOAD, [], []), ("import m", [asked("m", "5", is_import=True)], []), ("m.f()", [], ["numpy:m.r"])
    )
    assert imported.sources[1].startswith("%seed --unseeded ")


def test_what_has_no_seed_is_a_note() -> None:
    """UUIDs, keys, and modules of which it is not known whether their generator was used."""
    uuid = EntropyRequest(execution_count=1, source="uuid", owner="the cell", n_requests=1, n_bits=128, numbers=["1"])
    plan = planned(("u = uuid4()", [uuid], []), ("import m", [asked("m", "5", is_import=True)], []))
    assert [] == plan.edits
    about_uuid, about_import = plan.notes
    assert about_uuid.startswith("[1] calls uuid4()")
    assert about_import.startswith("m makes a generator when [2] imports it")


@pytest.mark.kernel
def test_after_the_edits_fresh_runs_are_identical(tmp_path: Path) -> None:
    """Fresh replays of the seeded session give what it gave; the unseeded one departs."""
    (tmp_path / "own_library.py").write_text(LIBRARY, encoding="utf-8")
    record(CELLS, tmp_path)
    fresh = RunOptions(fresh=True)
    assert "departs" == replay(tmp_path / LOG, options=fresh).outcome
    plan = seed_plan(tmp_path / LOG)
    (tmp_path / LOG).unlink()
    record(plan.sources, tmp_path)
    for _ in range(2):
        found = replay(tmp_path / LOG, options=fresh)
        assert "identical" == found.outcome, plan.text() + found.text()
