"""Clocks, the order of sets, temporary names and addresses are found in the text of code."""

from __future__ import annotations

from typing import Any

import pytest

from ithtel import events as ev
from ithtel.reading.diff.diff import diff
from research import Session, only, sha, value


def session(source: str, held: object, *before: str, unstable: Any = None, **start: Any) -> Any:
    loaded = ev.ModuleLoaded(name="helper", path="helper.py", sha256=sha("helper"), unstable=unstable)
    written = Session(**start).cell("import helper", loaded, writes="helper")
    for each in before:
        written.cell(each, writes=each.split()[1].partition("(")[0].strip(":"))
    return written.cell(source, value("y", held), reads="helper f K", writes="y").log()


@pytest.mark.parametrize(
    ("source", "unstable", "values", "cause", "evidence"),
    [
        ("y = helper.names()", ["hash_order"], ("a", "b"), "clock_or_hash_order", "the code of helper uses a set"),
        ("y = helper.stamp()", ["clock"], (1.0, 2.0), "clock_or_hash_order", "the code of helper reads a clock"),
        ("y = helper.path()", ["temporary_name"], ("a", "b"), "address", "the code of helper makes a temporary file"),
        ("y = tempfile.mkdtemp()", None, ("a", "b"), "address", "the cell uses mkdtemp"),
        ("y = id(helper)", None, (1.0, 2.0), "address", "the cell uses id()"),
        ("y = uuid.uuid4().hex", None, ("a", "b"), "unseeded_rng", "the cell uses uuid4()"),
        ("y = helper.key()", ["entropy"], ("a", "b"), "unseeded_rng", "the code of helper takes random bits"),
        ("y = f()", None, (1.0, 2.0), "unknown", "all recorded inputs are equal"),
    ],
)
def test_a_cause_in_the_code_is_found(
    source: str, unstable: Any, values: tuple[object, object], cause: str, evidence: str
) -> None:
    """In the cell, or in a module of the user's that it uses."""
    define = "def f():\n    return 1"
    a, b = (session(source, held, define, "class K: pass", unstable=unstable) for held in values)
    root = only(diff(a, b))
    assert ("[4]", cause) == (root.label, root.cause)
    assert root.evidence[0].startswith(evidence)


def test_a_fixed_hash_seed_is_no_cause() -> None:
    """The order of sets is the same in both runs then."""
    a, b = (session("y = list({'a', 'b'})", held, "def f(): 1", "class K: 1", hash_seed="0") for held in "ab")
    assert "clock_or_hash_order" != only(diff(a, b)).cause


def test_another_hash_seed_is_evidence() -> None:
    """And stands below the verdict."""
    a, b = (session("y = list({'a', 'b'})", seed, "def f(): 1", "class K: 1", hash_seed=seed) for seed in "12")
    difference = diff(a, b)
    assert "PYTHONHASHSEED 1 → 2" == only(difference).evidence[-1]
    assert "note: differs around the cells: PYTHONHASHSEED 1 → 2" in difference.text()
