"""Two sessions that differ in the present moment, folder or process only are identical, and the verdict says so."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from ithtel.reading.diff.compared.volatile import LeftOut
from ithtel.reading.diff.diff import diff
from ithtel.reading.history.baseline import canonical
from ithtel.reading.history.build import history
from ithtel.reading.history.values import History, Output, Value
from ithtel.reading.lines.read import read
from sessions import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.reading.diff.verdict import Difference

    Recorded = Callable[..., History]

DAY_S = 86_400.0


@pytest.fixture
def recorded(bare: InteractiveShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Recorded:
    """Record cells in a folder of their own, with the clock moved by some seconds."""
    n_sessions = 0
    real = time.time

    def record(*cells: str, later_s: float = 0.0) -> History:
        nonlocal n_sessions
        n_sessions += 1
        folder = tmp_path / f"folder{'x' * n_sessions}" / "work"
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        monkeypatch.setattr(time, "time", lambda: real() + later_s)
        bare.reset()
        run(bare, "%load_ext ithtel")
        for cell in cells:
            run(bare, cell)
        run(bare, "%unload_ext ithtel")
        return history(read(next(folder.glob("logs/ndjson/*.jsonl"))))

    return record


def compared(recorded: Recorded, *cells: str, later_s: float = 100 * DAY_S + 4321) -> Difference:
    """Return the difference of two sessions of the same cells."""
    return diff(recorded(*cells), recorded(*cells, later_s=later_s))


CLOCK = "import time; now = time.localtime(time.time())"
SAME = [
    (CLOCK + "; print(time.strftime('Date: %a, %d %b %Y  Time: %H:%M:%S', now))", "time of day"),
    (CLOCK + "; print(time.strftime('%d/%m/%Y', now))", "date"),
    ("import time; time.time()", "time of day"),
    ("from pathlib import Path; here = Path.cwd(); print(here / 'x'); here", "folder"),
    ("%pwd", "folder"),
    ("import os; p = [os.path.abspath('x'), {'up': os.path.dirname(os.getcwd())}]", "folder"),
    ("import uuid; u = uuid.uuid4(); print(u, uuid.uuid4().hex[:8])", "uuid"),
    ("import tempfile; print(tempfile.mktemp())", "temporary name"),
    ("x = object(); print(id(x))", "address"),
    ("%timeit -n 2 -r 2 1 + 1", "duration"),
    ("%%time\nx = 1", "duration"),
    ("import time; t0 = time.perf_counter(); took = time.perf_counter() - t0; print(f'took {took:.9f} s')", "duration"),
    ("import pandas as pd, os; df = pd.DataFrame({'p': [os.getcwd()], 'n': 1}); df", "folder"),
]


@pytest.mark.parametrize(("cell", "kind"), SAME)
def test_the_present_is_not_compared(recorded: Recorded, cell: str, kind: str) -> None:
    """The clock is moved by months, and the folder is another; the verdict lists what it left out."""
    found = compared(recorded, cell)
    assert found.is_identical, found.text()
    assert f"the {kind}" in [each.what for each in found.verdict.not_compared], found.text()
    assert re.search(rf"not compared: (?:the [\w ]+, )*the {kind}(?:, the [\w ]+)* in \[", found.text())


DIFFERENT = [
    "print('{}')", "import datetime as dt; when = dt.date(2024, 3, int('{}'))", "print(f'2024-03-{}')",
    "import os; print(os.getcwd(), '{}')", "import time; print(time.time(), '{}')", "x = 'tmp{}'",
    "import time; t0 = time.time(); score = {} / 100; print('score', score, time.time() - t0)",
]  # fmt: skip


@pytest.mark.parametrize("cell", DIFFERENT)
def test_data_beside_the_present_is_compared(recorded: Recorded, cell: str) -> None:
    """Never a wrong `identical`."""
    one, other = (cell.replace("{}", number) for number in ("11", "12"))
    found = diff(recorded(one), recorded(other, later_s=DAY_S))
    kinds = {departure.kind for each in found.cells for departure in each.departures}
    assert kinds - {"source"}, found.text()


def test_a_date_of_today_that_is_data_is_the_same_tomorrow(recorded: Recorded) -> None:
    """Two outputs that are equal as they stand are equal, whatever day it is."""
    cell = f"today = '{time.strftime('%Y-%m-%d')}'; print(today)"
    found = compared(recorded, cell, later_s=DAY_S)
    assert found.is_identical
    assert [] == found.verdict.not_compared


def test_a_moment_is_recognised_in_later_cells(recorded: Recorded) -> None:
    """They show what an earlier cell kept."""
    first = "import time; stamp = time.strftime('%Y%m%d_%H%M%S', time.localtime(time.time()))"
    found = compared(recorded, first, "print('model', stamp)")
    assert found.is_identical, found.text()


def test_a_cell_that_shows_the_time_has_the_hazard_clock(recorded: Recorded) -> None:
    """Also if a library reads the clock; a date alone may be data."""
    past = recorded("import time; print(time.ctime(time.time()))", f"print('{time.strftime('%Y-%m-%d')}')")
    assert [["clock"], []] == [[note.kind for note in cell.hazards] for cell in past.cells[1:3]]


def test_a_baseline_is_the_same_on_another_day(recorded: Recorded) -> None:
    """It holds no digest of a text with the present time; that of a text with a date alone may be data."""
    cells = [CLOCK + "; print(time.strftime('%c', now))", "import os; here = os.getcwd(); print(here)"]
    one, other = (canonical(recorded(*cells, later_s=seconds)) for seconds in (0.0, 40 * DAY_S))
    assert [each.outputs for each in one.executions[1:3]] == [each.outputs for each in other.executions[1:3]]
    assert one.executions[2].values["here"] == other.executions[2].values["here"]
    assert diff(one, other).is_identical


def value(**fields: Any) -> Value:
    """Return a value."""
    return Value(kind="object", type="str", **fields)


def test_equal_values_are_not_left_out() -> None:
    """Then everything was compared."""
    left_out = LeftOut()
    assert not left_out.is_same_value(
        "[1]", "x", value(fingerprint="a", stable="s"), value(fingerprint="a", stable="s")
    )
    assert [] == left_out.entries()


def test_a_value_of_an_older_log_is_compared_as_it_is() -> None:
    """It has no second digest."""
    assert not LeftOut().is_same_value("[1]", "x", value(fingerprint="a"), value(fingerprint="b"))


def test_only_types_that_differ_in_volatile_parts_are_left_out() -> None:
    """Another representation may differ in data."""
    one, other = (
        Output(kind="result", mime={"a": n, "b": n}, stable={"a": "s", "b": f"s{n}"}, volatile={"date": 1})
        for n in "12"
    )
    left_out = LeftOut()
    assert {"a"} == left_out.same_types("[3]", one, other)
    assert [("the date", "[3]")] == [(each.what, each.cell) for each in left_out.entries()]
