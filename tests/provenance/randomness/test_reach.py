"""`Reach`: what a cell can have changed in place. test_search.py runs it on many kinds of programs."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from ithtel.provenance.randomness.reach import MAX_OBJECTS, Reach


@pytest.mark.parametrize("source", ["x = 1", "x = np.zeros(3)", "print(y)", "y = [1, 2]"])
def test_a_plain_cell_reaches_little(source: str) -> None:
    """Packages and other variables are not followed."""
    values: dict[str, object] = {"np": np, "y": [1], **{f"v{i}": [i, [i]] for i in range(1_000)}}
    reached = Reach(values, sys.modules).of(source)
    assert reached is not None
    assert len(reached) < 10


@pytest.mark.parametrize(
    "source", ["exec(text)", "globals()['x'] = 1", "get_ipython().run_line_magic('run', 'a.py')", "import threading"]
)
def test_a_cell_that_may_reach_anything_says_so(source: str) -> None:
    """Then every variable must be looked at."""
    assert Reach({}, {}).of(source) is None


def test_a_cell_that_reaches_very_much_says_so() -> None:
    """Following it would take longer than a look at every variable."""
    assert Reach({"x": [[i] for i in range(MAX_OBJECTS + 1)]}, {}).of("x[0].append(1)") is None


def test_a_long_list_of_numbers_is_not_much() -> None:
    """Numbers refer to nothing."""
    assert Reach({"x": list(range(100_000))}, {}).of("len(x)") is not None


def test_what_a_table_holds_is_reached_and_its_bookkeeping_is_not_followed() -> None:
    """Each view of a table adds a reference to it; a list in a cell of the table is found all the same."""
    inner = [1]
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [inner, None]})
    views = [table[["a"]] for _ in range(MAX_OBJECTS)]
    reached = Reach({"table": table, "views": views, "inner": inner}, sys.modules).of("table.b[0].append(2)")
    assert reached is not None
    assert id(inner) in reached
    assert len(reached) < 100
