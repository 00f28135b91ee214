"""Clocks and the order of sets: precise while a cell runs, permissive once two runs differ."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ithtel.provenance.cell_text.nondeterminism import clock_calls, clock_in, uses_hash_order


@pytest.mark.parametrize(
    ("source", "kept", "used"),
    [
        ("today = pd.Timestamp.now()", ["pd.Timestamp.now()"], "now()"),
        ("end = np.datetime64('today')", ["np.datetime64('today')"], "np.datetime64('today')"),
        ("random.seed(datetime.now().microsecond)", ["datetime.now()"], "now()"),
        ("began = time.time()", [], "time.time()"),
        ("print(datetime.now())", [], "now()"),
        ("x = now", [], None),
        ("known = 'now'", [], None),
    ],
)
def test_a_clock_is_a_hazard_if_kept_and_a_cause_if_used(source: str, kept: list[str], used: str | None) -> None:
    """Whatever is a hazard is also a possible cause."""
    assert (kept, used) == (clock_calls(source), clock_in(source))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("list(set(names))", ["list(set(names))"]),
        ("sorted(set(names))", []),
        ("list(members)", ["list(members)"]),
        ("[n for n in {'a', 'b'}]", ["[n for n in {'a', 'b'}]"]),
        ("list({1, 2})", []),
        ("hash('a')", ["hash('a')"]),
        ("next(iter({'a'} | members))", ["iter({'a'} | members)"]),
    ],
)
def test_the_order_of_a_set_of_strings_is_found(source: str, expected: list[str]) -> None:
    """By the values of the variables; not if Python's hashes are fixed."""
    assert (f"{expected}\n", "[]\n") == (found_with("random", source), found_with("0", source))


def found_with(hash_seed: str, source: str) -> str:
    """Return what a Python with this hash seed finds in a cell."""
    code = (
        "from ithtel.provenance.cell_text.nondeterminism import unordered\n"
        f"print(unordered({source!r}, {{'names': ['a', 'b'], 'members': {{'a', 'b'}}}}))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    ("source", "expected"),
    [("x = {1, 2}", True), ("%%time\nx = {n for n in y}", True), ("set(a)", True), ("x = {}", False), ("(:", False)],
)
def test_any_set_is_a_possible_cause(source: str, expected: bool) -> None:
    """From the text alone, also under a cell magic."""
    assert expected == uses_hash_order(source)
