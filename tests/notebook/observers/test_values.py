"""`Values`: fingerprints of what a cell made or changed, without a request."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import ithtel
from ithtel.events.notebook import OF_A_RECORD, TOO_LARGE
from sessions import last, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def taken() -> list[str]:
    """Return the names that have fingerprints, in order."""
    return [c["name"] for c in recorded(component="namespace")]


def fingerprint_of(name: str) -> Any:
    """Return the latest fingerprint of a name."""
    return next(c for c in reversed(recorded(component="namespace")) if c["name"] == name)["fingerprint"]


@pytest.fixture
def shell(shell: InteractiveShell) -> InteractiveShell:
    """A shell in which NumPy is imported."""
    run(shell, "import numpy as np, pandas as pd")
    return shell


def test_what_a_cell_makes_has_a_fingerprint(shell: InteractiveShell) -> None:
    """It equals that of `ithtel.fingerprint`; modules, functions and classes are code."""
    run(shell, "x = 1\na = np.arange(3.0)\nf = pd.DataFrame({'a': a})\ndef g(): pass\nclass C: pass\nimport math")
    assert ["a", "f", "x"] == sorted(taken())
    assert ithtel.fingerprint(np.arange(3.0)).fingerprint == fingerprint_of("a")
    assert {} == last("cell.end")["skipped"]


@pytest.mark.parametrize(
    ("made", "change", "name"),
    [
        ("a = np.zeros(3)", "a[0] = 1", "a"),
        ("a = np.zeros(3)", "a.sort(); a.fill(2)", "a"),
        ("a = [1]", "a.append(2)", "a"),
        ("a = {'k': [1]}", "a['k'].append(2)", "a"),
        ("f = pd.DataFrame({'x': [1, 2]})", "f.iloc[0, 0] = 5", "f"),
        ("f = pd.DataFrame({'x': [1, 2]})", "f.loc[:, 'x'] = [5, 6]", "f"),
    ],
)
def test_a_change_in_place_is_seen(shell: InteractiveShell, made: str, change: str, name: str) -> None:
    """The value is compared before and after the cell."""
    run(shell, made)
    run(shell, f"len({name})")
    assert [] == last("cell.end")["mutates"]
    run(shell, change)
    assert [name] == last("cell.end")["mutates"]
    assert ithtel.fingerprint(shell.user_ns[name]).fingerprint == fingerprint_of(name)


def test_a_change_by_another_name_is_not_the_readers(shell: InteractiveShell) -> None:
    """A cell that only reads is not reported."""
    run(shell, "a = np.zeros(4)\nb = a[::2]")
    run(shell, "b[0] = 1")
    assert ["a", "b"] == last("cell.end")["mutates"]
    run(shell, "total = a.sum()")
    assert [] == last("cell.end")["mutates"]


def test_what_takes_too_long_is_left_out_and_said(shell: InteractiveShell) -> None:
    """The limit is 1 ms or 2 % of the cell's time; `fingerprint=all` has no limit."""
    run(shell, "a = np.empty(4_000_000)\nx = 1")
    assert {"a": TOO_LARGE} == last("cell.end")["skipped"]
    assert ["x"] == taken()
    run(shell, "%ithtel set fingerprint=all")
    run(shell, "a = np.zeros(400_000)")
    assert {} == last("cell.end")["skipped"]
    assert "a" in taken()


def test_a_long_cell_leaves_time_for_more(shell: InteractiveShell) -> None:
    """The limit is 2 % of its own time."""
    run(shell, "import time\na = np.zeros(400_000)\ntime.sleep(0.8)")
    assert "a" in taken()


def test_off_takes_none(shell: InteractiveShell) -> None:
    """`fingerprint=off` takes no fingerprints."""
    run(shell, "%ithtel set fingerprint=off")
    run(shell, "a = np.zeros(3)")
    assert "a" not in taken()


def test_what_has_no_canonical_form_says_why(shell: InteractiveShell) -> None:
    """The event and `skipped` give the reason."""
    run(shell, "it = iter([1])")
    assert "an iterator would be used up" == last("cell.end")["skipped"]["it"]
    assert fingerprint_of("it") is None


@pytest.mark.parametrize("lines", ["list(log)", "list(log.events(ithtel.events.CellEnd))", "next(iter(log))"])
def test_what_was_read_from_a_record_is_left_out(shell: InteractiveShell, lines: str) -> None:
    """Its times and ids are not results; an epoch has neither."""
    run(shell, f"import ithtel\nlog = ithtel.read('logs')\nlines = {lines}")
    assert OF_A_RECORD == last("cell.end")["skipped"]["lines"]
    assert "lines" not in taken()
    run(shell, "found = [ithtel.events.SeedSet(seed=1, components=[], state_sha256={})]")
    assert "found" in taken()


def test_provenance_takes_what_auto_leaves_out(shell: InteractiveShell) -> None:
    """`%%provenance` has no time limit, and no value is fingerprinted twice."""
    run(shell, "%%provenance --outputs a\na = np.zeros(1_000_000)")
    assert ["a"] == [c["name"] for c in recorded("array.fingerprint", component="provenance")]
    assert {} == last("cell.end")["skipped"]
    assert [] == taken()


def test_without_numpy_it_is_not_imported(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own values still have fingerprints, and changes in place are found."""
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "numpy")
        run(shell, "x = [1]; y = {'k': 2.0}")
        run(shell, "def f(given): given.append(2)\nf(x)")
        assert "numpy" not in sys.modules
    assert ["x"] == last("cell.end")["mutates"]
    assert ["x", "y", "x"] == [event["name"] for event in recorded("object.fingerprint")]
    assert ithtel.fingerprint([1]).fingerprint == recorded("object.fingerprint")[0]["fingerprint"]


MODEL = """
class Model:
    def __init__(self): self.weights = None
    def fit(self, x): self.weights = x * 2; return self
    def predict(self, x): return x * self.weights
model = Model()
"""


def test_a_model_that_is_fitted_is_changed_without_a_hazard(shell: InteractiveShell) -> None:
    """The cell names what it changes, and to fit again gives the same; to predict changes nothing."""
    run(shell, MODEL)
    made = fingerprint_of("model")
    run(shell, "model.fit(np.arange(3.0))")
    assert ["model"] == last("cell.end")["mutates"]
    assert made not in (None, fingerprint_of("model"))
    run(shell, "p = model.predict(np.arange(3.0))")
    assert [] == last("cell.end")["mutates"]
    assert [] == [hazard for hazard in recorded("hazard") if hazard["kind"] == "mutated_input"]


def test_a_model_changed_through_another_name_is_a_hazard(shell: InteractiveShell) -> None:
    """The text of the cell does not show it."""
    run(shell, f"{MODEL}def change(): globals()['model'].weights = np.ones(2)")
    run(shell, "change(); model")
    assert ["model"] == last("cell.end")["mutates"]
    assert ["mutated_input"] == [hazard["kind"] for hazard in recorded("hazard")]


def test_a_large_object_is_left_out(shell: InteractiveShell) -> None:
    """Of a class of the user's; the search for its size ends soon."""
    run(shell, f"{MODEL}models = [Model() for _ in range(1_000)]; many = Model(); many.weights = models")
    assert TOO_LARGE == last("cell.end")["skipped"]["many"]


def test_a_change_of_what_is_too_large_is_seen(shell: InteractiveShell) -> None:
    """Its attributes are bound anew; a cell that only uses it is not blamed."""
    run(shell, f"{MODEL}many = [Model() for _ in range(1_000)]")
    run(shell, "model.weights = 1; model.parts = many")
    run(shell, "model.fit(np.arange(3.0))")
    assert ["model"] == last("cell.end")["mutates"]
    assert {"model": TOO_LARGE} == last("cell.end")["skipped"]
    run(shell, "p = model.predict(2)")
    assert ([], {}) == (last("cell.end")["mutates"], last("cell.end")["skipped"])


def test_a_value_whose_class_raises_costs_only_its_own_entry(shell: InteractiveShell) -> None:
    """As Flask's `request` outside of a context, alone or first in a list."""
    run(shell, "class P:\n    @property\n    def __class__(self): raise RuntimeError('no context')")
    run(shell, "request = P(); first = [P()]; data = [1]")
    assert "data" in taken()
    assert [] == recorded("recording.loss")


@pytest.mark.parametrize(
    "text",
    [
        "f = lambda x, rate={V}: x * rate",
        "def f(x, *, rate={V}): return x * rate",
        "def make(k):\n    def inner(x): return x + k\n    return inner\nf = make({V})",
        "def f(x): return x\nf.rate = {V}",
        "class f:\n    pass\nf.rate = {V}",
        "import enum\nclass f(enum.Enum):\n    A = {V}",
        "from collections import namedtuple\nf = namedtuple('P', 'a' if {V} > 1 else 'b')",
    ],
)
def test_what_code_holds_besides_its_text_has_a_fingerprint(shell: InteractiveShell, text: str) -> None:
    """Of one text, functions and classes with other defaults, closures or attributes are told apart."""
    found = []
    for value in (1.0, 2.0, 1.0):
        run(shell, f"given = {value}")
        run(shell, text.replace("{V}", "given"))
        found.append(fingerprint_of("f"))
    assert found[0] is not None
    assert found[0] != found[1]
    assert found[0] == found[2]


def test_code_that_cannot_be_compared_is_named(shell: InteractiveShell) -> None:
    """A closure over an open file has no canonical form."""
    run(shell, "import io, sys\ndef make(k):\n    def f(): return k\n    return f\nf = make(sys.__stdin__)")
    assert fingerprint_of("f") is None


@pytest.mark.parametrize(
    "text", ["def f(x): return x", "class f:\n    def g(self): pass", "from os.path import join as f"]
)
def test_code_that_holds_nothing_has_none(shell: InteractiveShell, text: str) -> None:
    """The text of the cell says it all."""
    run(shell, text)
    assert "f" not in taken()


def test_a_class_that_cannot_be_read_is_named(shell: InteractiveShell) -> None:
    """An attribute whose class fails on every question harms nothing."""
    run(shell, "class Meta(type):\n    def __getattr__(cls, name): raise RuntimeError(name)")
    run(shell, "class f:\n    held = Meta('Odd', (), {})()\nx = 1")
    assert "x" in taken()
    assert "f" in last("cell.end")["skipped"]
