"""The clock of a replayed cell begins at its recorded time."""

from __future__ import annotations

import ast
import datetime as dt
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from ithtel.errors import MissingPackageError
from ithtel.provenance.wall_clock import wall_clock
from ithtel.replay.kernel.clock import CellClock, NumpyNow, require_clock

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTS = ["2024-02-29T10:11:12.000000Z", None, "2024-03-01T10:11:12.000000Z"]
SHIFTED = [
    "dt.datetime.now(dt.UTC)", "dt.datetime.fromtimestamp(time.time(), dt.UTC)", "pd.Timestamp.now('UTC')",
    "pd.Timestamp(np.datetime64('now'), tz='UTC')", "pd.Timestamp(np.datetime64('now', 'ms'), tz='UTC')",
    "pd.to_datetime('now', utc=True)",
]  # fmt: skip


@pytest.fixture
def clock() -> Iterator[CellClock]:
    """A clock for three cells, of which the second has no recorded start."""
    made = CellClock(STARTS)
    yield made
    made.stop()


def value(expression: str) -> Any:
    """Return what a cell with this expression shows."""
    tree = ast.fix_missing_locations(NumpyNow().visit(ast.parse(expression, mode="eval")))
    return eval(compile(tree, "cell", "eval"), {"dt": dt, "time": time, "pd": pd, "np": np})  # noqa: S307


@pytest.mark.parametrize("expression", SHIFTED)
def test_every_way_to_ask_gives_the_recorded_time(clock: CellClock, expression: str) -> None:
    """In the standard library, pandas and NumPy."""
    clock.begin(0)
    assert "2024-02-29 10:11:12" == value(expression).strftime("%Y-%m-%d %H:%M:%S")


def test_the_date_of_numpy_is_the_recorded_one(clock: CellClock) -> None:
    """`today` is local, as in NumPy itself."""
    clock.begin(0)
    assert value("np.datetime64('today')") == np.datetime64(dt.datetime.now().astimezone().date())
    assert 2024 == dt.datetime.now(dt.UTC).year


def test_each_cell_begins_at_its_own_time(clock: CellClock) -> None:
    """A cell without a recorded start goes on from the one before it."""
    days = []
    for place in range(4):
        clock.begin(place)
        days.append(dt.datetime.now(dt.UTC).day)
    assert [29, 29, 1, 1] == days


def test_the_record_keeps_the_clock_of_the_machine(clock: CellClock) -> None:
    """And performance counters run on."""
    before, began = wall_clock.time_ns(), time.perf_counter()
    clock.begin(0)
    assert 0 <= wall_clock.time_ns() - before < 60e9
    assert 0 <= time.perf_counter() - began < 60
    clock.stop()
    assert time.time_ns() - wall_clock.time_ns() < 60e9


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the command that installs it."""
    monkeypatch.setitem(sys.modules, "time_machine", None)
    with pytest.raises(MissingPackageError, match="pip install time-machine"):
        require_clock()


def test_other_dates_are_left_as_they_are() -> None:
    """Only the words that mean the present are rewritten."""
    assert np.datetime64("2020-01-01") == value("np.datetime64('2020-01-01')")
