"""Flaky cells: the smallest fix for each, and rules that make the texts of two runs equal."""

from __future__ import annotations

import pytest

from ithtel.reading.diff.diff import diff
from ithtel.reading.history.values import Execution, History, Output
from ithtel.replay.determinism.flakiness import VARIATIONS, Fix, Flaky, _sanitize, flaky_cells, variation
from ithtel.replay.determinism.sanitizing import rules_in, sanitize


def test_runs_differ_in_their_hash_seed() -> None:
    """Each run has a hash seed of its own, also when the variations repeat."""
    n = 2 * len(VARIATIONS)
    assert [str(k) for k in range(n)] == [variation(k)["PYTHONHASHSEED"] for k in range(n)]


def test_equal_runs_have_no_flaky_cells() -> None:
    """A run compared with itself."""
    run = History(name="demo", executions=[Execution(place=1, source="x = 1")])
    assert [] == flaky_cells(run, [(run, diff(run, run))], has_ithtel=False)


def test_a_finding_is_text_that_can_be_pasted() -> None:
    """Cause, names, and each line of a fix."""
    flaky = Flaky(
        place=2, label="[2]", title="x = random()", cause="unseeded_rng", names=["python"], evidence=["drawn"],
        fixes=[Fix(kind="seed_cell", text="import random\nrandom.seed(42)"), Fix(kind="advice", text="sort it")],
    )  # fmt: skip
    expected = [
        "[2] x = random()", "    unseeded_rng: python", "    - drawn", "    insert before it: import random",
        "        random.seed(42)", "    fix: sort it",
    ]  # fmt: skip
    assert expected == flaky.text().splitlines()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("took 0.5 s", "took 0.75 s"),
        ("start 12:01:55\nsame\ntook 0.5 s", "start 12:01:57\nsame\ntook 0.75 s"),
        ("pid 17 and pid 18", "pid 170 and pid 4"),
    ],
)
def test_rules_make_the_texts_of_runs_equal(one: str, other: str) -> None:
    """With as many rules as are needed."""
    cells = [
        Execution(place=1, outputs=[Output(kind="stdout", mime={"text/plain": text}, text=text)])
        for text in (one, other)
    ]  # fmt: skip
    found = _sanitize(*cells)
    assert found is not None
    rules = rules_in(found)
    assert sanitize(one, rules) == sanitize(other, rules) != one


def test_without_suitable_rules_there_are_none() -> None:
    """Different lines, or too many: ignoring the output is the smaller fix."""
    for one, other in (("a", "b"), ("a 1\n", "a 1\nb 2\n"), ("", "x 1")):
        cells = [
            Execution(place=1, outputs=[Output(kind="stdout", mime={"text/plain": text}, text=text)])
            for text in (one, other)
        ]  # fmt: skip
        assert _sanitize(*cells) is None
