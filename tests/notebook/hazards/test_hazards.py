"""`Hazards`: clocks, set order and threads are reported; ordinary code is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ithtel.provenance.cell_text.nondeterminism import clock_calls, unordered
from sessions import hazards, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def cell(shell: InteractiveShell, cell_id: str, source: str) -> None:
    """Run a cell as a front end does that gives ids to cells."""
    shell.run_cell(source, store_history=True, cell_id=cell_id)


@pytest.fixture
def shell(shell: InteractiveShell) -> InteractiveShell:
    """A shell with NumPy, so that values have fingerprints."""
    run(shell, "import numpy as np, pandas as pd")
    return shell


def test_an_ordinary_notebook_has_none(shell: InteractiveShell) -> None:
    """Binding names again, adding columns and calling functions from top to bottom is fine."""
    for source in (
        "rng = %seed 42",
        "df = pd.DataFrame({'a': rng.normal(size=10)})",
        "df = df.dropna()",
        "df['b'] = df['a'] * 2",
        "def total(frame): return frame.sum()",
        "result = total(df)\nlog = {}",
        "log['result'] = result",
        "import time\nbegan = time.time()\nprint(time.time() - began)",
        "columns = sorted(set(df.columns))\nn = len(set(df['a']))",
        "for i in range(3): last = i",
        "result",
    ):
        assert run(shell, source).success
    assert {} == hazards()


def test_a_thread_of_the_notebook_that_goes_on(shell: InteractiveShell) -> None:
    """The timing of its actions is not reproducible."""
    run(shell, "import threading\ngo = threading.Event()\ndef work(): go.wait()")
    shell.user_ns["work"].__module__ = "__main__"
    run(shell, "t = threading.Thread(target=work, name='w')\nt.start()")
    assert ["a thread of the notebook's own code kept running after the cell"] == hazards()["threads"]
    run(shell, "go.set(); t.join()")
    run(shell, "t = threading.Thread(target=work, name='w')\nt.start(); t.join()")
    assert 1 == len(hazards()["threads"])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("t = datetime.now()", 1),
        ("df['at'] = pd.Timestamp('now')", 1),
        ("d = f(date.today())", 1),
        ("np.random.seed(int(datetime.now().timestamp()))", 1),
        ("print(datetime.now())", 0),
        ("t0 = time.time()", 0),
        ("now = 3", 0),
        ("x = = datetime.now()", 0),
    ],
)
def test_the_clock(source: str, found: int) -> None:
    """A time that is kept counts; measuring a duration does not."""
    assert found == len(clock_calls(source))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("list(set(names))", 1),
        ("[n for n in {'a', 'b'}]", 1),
        ("h = hash('text')", 1),
        ("pd.Series(tuple(set(names)))", 1),
        ("sorted(set(names))", 0),
        ("list(set(numbers))", 0),
        ("list(set(array))", 0),
        ("list({1, 2})", 0),
        ("hash(3)", 0),
        ("set(names) & set(others)", 0),
        ("list(unique)", 1),
    ],
)
def test_the_order_of_a_set(source: str, found: int) -> None:
    """For strings it is random."""
    import numpy as np

    namespace = {"names": ["a"], "numbers": [1, 2], "array": np.arange(3), "unique": {"a", "b"}}
    assert found == len(unordered(source, namespace))


def test_both_are_recorded_once(shell: InteractiveShell) -> None:
    """Each hazard lists the names that the cell made."""
    for _ in range(2):
        run(shell, "stamp = pd.Timestamp('now')\nletters = list(set('abc'))")
    assert {"clock", "hash_order"} == hazards().keys()
    assert 2 == len(recorded("hazard"))
    assert ["letters", "stamp"] == recorded("hazard")[0]["names"]
