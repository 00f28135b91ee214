"""What threatens reproduction is reported, and nothing else."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ithtel.provenance.cell_text.nondeterminism import clock_calls, unordered
from sessions import hazards, last, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def cell(shell: InteractiveShell, cell_id: str, source: str) -> None:
    """Run a cell of a page, as a front end that gives ids does."""
    shell.run_cell(source, store_history=True, cell_id=cell_id)


@pytest.fixture
def shell(shell: InteractiveShell) -> InteractiveShell:
    """A shell with NumPy, so that values have fingerprints."""
    run(shell, "import numpy as np, pandas as pd")
    return shell


def test_an_ordinary_notebook_has_none(shell: InteractiveShell) -> None:
    """From top to bottom, names bound again, tables given columns, functions called."""
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


def test_a_stale_value(shell: InteractiveShell) -> None:
    """Made of what a cell above has since made anew: said when it is used."""
    cell(shell, "a", "x = 1")
    cell(shell, "b", "y = x + 1")
    cell(shell, "a", "x = 10")
    assert {} == hazards()
    cell(shell, "c", "z = y")
    assert {"stale_cell": ["y of [4] was made from x as it was before [5]"]} == hazards()


def test_the_same_value_again_makes_nothing_stale(shell: InteractiveShell) -> None:
    """A cell that is run again and gives the same."""
    cell(shell, "a", "x = np.zeros(3)\ndef f(): pass")
    cell(shell, "b", "y = x + 1; f()")
    cell(shell, "a", "x = np.zeros(3)\ndef f(): pass")
    cell(shell, "c", "z = y")
    assert {} == hazards()


def test_running_the_cells_below_again_makes_it_good(shell: InteractiveShell) -> None:
    """As one does after an edit."""
    cell(shell, "a", "x = 1")
    cell(shell, "b", "y = x + 1")
    cell(shell, "a", "x = 10")
    cell(shell, "b", "y = x + 1")
    cell(shell, "c", "z = y")
    assert {} == hazards()


def test_a_name_bound_again_further_down_is_in_order(shell: InteractiveShell) -> None:
    """From the top it would run just so."""
    cell(shell, "a", "x = 1")
    cell(shell, "b", "y = x + 1")
    cell(shell, "c", "x = 5")
    cell(shell, "d", "z = x + y")
    assert {} == hazards()


def test_out_of_order(shell: InteractiveShell) -> None:
    """A cell that runs again and uses what was made below it."""
    cell(shell, "a", "scale = 1")
    cell(shell, "b", "y = scale * 2")
    cell(shell, "c", "scale = 3")
    cell(shell, "b", "y = scale * 2")
    assert {"out_of_order": ["scale of [5]: made below this cell, but used by it"]} == hazards()


def test_an_edited_cell_may_use_what_is_new(shell: InteractiveShell) -> None:
    """A cell may have been put in above it, which ithtel cannot see."""
    cell(shell, "b", "y = 2")
    cell(shell, "new", "scale = 3")
    cell(shell, "b", "y = scale * 2")
    assert {} == hazards()


@pytest.mark.parametrize(
    ("made", "change"),
    [("v = [1]", "v.append(2)"), ("v = np.zeros(3)", "v += 1"), ("v = pd.DataFrame({'a': [1]})", "v['a'] = 2")],
)
def test_an_input_changed_in_place(shell: InteractiveShell, made: str, change: str) -> None:
    """Run again, the cell would give another value, or started from another."""
    run(shell, made)
    run(shell, change)
    assert ["v changed in place: running this cell again gives another value"] == hazards()["mutated_input"]


def test_state_from_nowhere(shell: InteractiveShell) -> None:
    """A value that no recorded cell has made: once per name."""
    shell.user_ns["injected"] = [1]
    run(shell, "x = injected")
    run(shell, "x = injected")
    assert {"hidden_state": ["injected: no recorded cell made this"]} == hazards()


def test_state_of_a_cell_that_is_not_recorded(shell: InteractiveShell) -> None:
    """`# ithtel: off` leaves no trace, but what it made is missing."""
    run(shell, "# ithtel: off\nsecret = 1")
    run(shell, "y = secret")
    assert {"hidden_state": ["secret: no recorded cell made this"]} == hazards()


def test_what_ran_before_recording_is_known(bare: InteractiveShell) -> None:
    """It is in the log as `cell.prior`."""
    run(bare, "import numpy as np\na = 1\ndef f(): return a")
    run(bare, "%load_ext ithtel")
    run(bare, "b = a + f()")
    assert {} == hazards()


class TestDeletedCells:
    """`deleted_cell`, as it is seen when the notebook is saved."""

    @pytest.fixture
    def page(self, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The notebook's file, of which the host tells."""
        monkeypatch.setenv("JPY_SESSION_NAME", str(Path("nb.ipynb").absolute()))
        return Path("nb.ipynb")

    @staticmethod
    def save(page: Path, **cells: str) -> None:
        """Save the notebook with these cells, by their ids."""
        page.write_text(json.dumps({"cells": [{"id": key, "source": text} for key, text in cells.items()]}))

    def test_a_value_of_a_cell_that_is_gone(self, shell: InteractiveShell, page: Path) -> None:
        """Said when it is used, once."""
        self.save(page, a="x = 1", b="y = x")
        cell(shell, "a", "x = 1")
        cell(shell, "b", "y = x")
        assert {} == hazards()
        self.save(page, b="y = x")
        cell(shell, "b", "y = x")
        cell(shell, "b", "y = x")
        assert {"deleted_cell": ["x of [3], which is no longer in the notebook"]} == hazards()

    def test_a_cell_that_was_moved_is_there(self, shell: InteractiveShell, page: Path) -> None:
        """Cut and pasted, split, indented: it has another id, and its lines."""
        self.save(page, a="x = 1\nz = 2", b="y = x")
        cell(shell, "a", "x = 1\nz = 2")
        self.save(page, new="x = 1", other="if 1:\n    z = 2", b="y = x")
        cell(shell, "b", "y = x")
        assert {} == hazards()

    def test_a_cell_that_was_never_saved_may_be_there(self, shell: InteractiveShell, page: Path) -> None:
        """As is one in a notebook that cannot be read."""
        self.save(page, b="y = x")
        cell(shell, "new", "x = 1")
        cell(shell, "b", "y = x")
        page.write_text("{")
        cell(shell, "b", "y = x + 1")
        assert {} == hazards()


def test_a_thread_of_the_notebook_that_goes_on(shell: InteractiveShell) -> None:
    """What it does happens at no certain time."""
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
    """Kept in a variable; a timing is none."""
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
    """Of texts it is by chance."""
    import numpy as np

    namespace = {"names": ["a"], "numbers": [1, 2], "array": np.arange(3), "unique": {"a", "b"}}
    assert found == len(unordered(source, namespace))


def test_both_are_recorded_once(shell: InteractiveShell) -> None:
    """With the names that the cell made."""
    for _ in range(2):
        run(shell, "stamp = pd.Timestamp('now')\nletters = list(set('abc'))")
    assert {"clock", "hash_order"} == hazards().keys()
    assert 2 == len(recorded("hazard"))
    assert ["letters", "stamp"] == recorded("hazard")[0]["names"]


class TestParameters:
    """papermill's parameters."""

    @pytest.mark.parametrize(
        "source", ["# Parameters\nalpha = 0.5\nname = 'x'", "\n# Parameters\nalpha = 0.5; name = 'x'"]
    )
    def test_the_injected_cell_is_known_by_its_comment(self, shell: InteractiveShell, source: str) -> None:
        """Its values are recorded."""
        run(shell, source)
        assert 'parameters: {"alpha":0.5,"name":"x"}' == last("note")["text"]

    def test_a_tagged_cell_is_known(self, shell: InteractiveShell) -> None:
        """Where the host sends tags."""
        try:
            shell.run_cell("beta = 2", store_history=True, cell_meta={"tags": ["parameters"]})
        except TypeError:
            pytest.skip("this IPython takes no cell_meta")
        assert 'parameters: {"beta":2}' == last("note")["text"]

    def test_other_cells_are_none(self, shell: InteractiveShell) -> None:
        """A comment further down."""
        run(shell, "x = 1\n# Parameters")
        assert [] == recorded("note")


def test_cost_is_measured(shell: InteractiveShell) -> None:
    """Each cell carries its own."""
    began = time.perf_counter()
    run(shell, "x = 1")
    assert 0 < last("cell.end")["overhead_ms"] < (time.perf_counter() - began) * 1e3
