"""A value whose class fails or lies costs nothing but its own entry, wherever it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ithtel.events.notebook import TOO_LARGE
from sessions import last, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

SETUP = """
import random, types
from unittest import mock
import numpy as np
def fail(*_, **__): raise RuntimeError("outside of its context")
def lying(**given): return type("Lying", (), given)
def failing(*names): return type("Failing", (), {name: fail for name in names})
class Meta(type):
    def __hash__(cls): raise RuntimeError("hash")
    def __eq__(cls, other): raise RuntimeError("eq")
class Lazy:
    def __getattr__(self, name): raise LookupError(name)
    @property
    def __class__(self): return fail()
made = {
    "class": lying(__class__=property(fail)), "__dict__": lying(__dict__=property(fail)), "Lazy": Lazy,
    "dtype": lying(dtype=property(fail), shape=property(fail), __array_interface__=property(fail)),
    "is an array": lying(__class__=property(lambda self: np.ndarray)), "module": lying(__module__=None),
    "is a list": lying(__class__=property(lambda self: list)), "all": lying(__getattr__=lambda self, name: self),
    "length": lying(__len__=lambda self: -1), "equal": lying(__eq__=lambda self, other: np.zeros(2), __hash__=None),
    "text": lying(__repr__=lambda self: 5), "state": lying(__reduce_ex__=lambda self, protocol: 5),
    "metaclass": Meta("Odd", (), {}), "Mock": mock.Mock, "MagicMock": mock.MagicMock,
    "a list": type("List", (list,), dict.fromkeys(("__iter__", "__len__", "__getitem__", "__eq__", "__repr__"), fail)),
    "a dict": type("Dict", (dict,), dict.fromkeys(("items", "keys", "__iter__", "__len__", "__repr__"), fail)),
    "a random": type("Own", (random.Random,), {"getstate": fail, "__class__": property(fail)}),
}
made |= {name: failing(name) for name in (
    "__repr__", "__eq__", "__len__", "__getattr__", "__getattribute__", "__hash__", "__bool__", "__reduce__",
    "__reduce_ex__", "__getstate__", "__iter__", "__dir__", "__array__", "_repr_html_", "_repr_mimebundle_",
)}
"""
KINDS = [
    "class", "__dict__", "Lazy", "dtype", "is an array", "module", "is a list", "all", "length", "equal", "text",
    "state", "metaclass", "Mock", "MagicMock", "a list", "a dict", "a random", "__repr__", "__eq__", "__len__",
    "__getattr__", "__getattribute__", "__hash__", "__bool__", "__reduce__", "__reduce_ex__", "__getstate__",
    "__iter__", "__dir__", "__array__", "_repr_html_", "_repr_mimebundle_",
]  # fmt: skip
PLACES = [
    "odd = made[kind]()", "first = [made[kind](), 1]", "pair = (made[kind](), 1)", "table = {'k': made[kind]()}",
    "box = types.SimpleNamespace(held=made[kind]())", "objects = np.array([None]); objects[0] = made[kind]()",
    "other = odd", "first.append(1)", "alias = [odd, first]; box.more = odd", "made[kind]()", "[made[kind]()]",
    "del odd", "Odd = made[kind]",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_it_costs_only_its_own_entry(shell: InteractiveShell, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Alone, in containers, as an attribute, beside others, used again, removed and as a result."""
    run(shell, SETUP)
    run(shell, f"kind = {kind!r}")
    capsys.readouterr()
    for number, place in enumerate(PLACES):
        beside = f"beside_{number}"
        run(shell, f"{beside} = [{number}]; rng_{number} = np.random.default_rng({number})\n{place}")
        names = [each["name"] for each in recorded("object.fingerprint") if each["fingerprint"] is not None]
        is_over_budget = last("cell.end")["skipped"].get(beside) == TOO_LARGE
        assert is_over_budget or beside in names, place
        assert beside in last("cell.end")["writes"], place
        assert f"numpy:rng_{number}" in [each["stream"] for each in recorded("rng.state")], place
    assert [] == recorded("recording.loss")
    assert "ithtel" not in capsys.readouterr().err


def test_a_stream_that_cannot_be_read_is_reported_once(shell: InteractiveShell) -> None:
    """With the reason, in the cell that made it; the other streams have their record."""
    run(shell, "import random\nclass Own(random.Random):\n    def getstate(self): return object()")
    run(shell, "own = Own(1); other = random.Random(2)")
    reason = "the state of this random stream is not recorded: its state holds an object of type object"
    assert reason == last("cell.end")["skipped"]["python:own"]
    assert "python:other" in [each["stream"] for each in recorded("rng.state")]
    run(shell, "x = 1")
    assert "python:own" not in json.dumps(last("cell.end")["skipped"])


def test_too_many_generators_are_reported(shell: InteractiveShell) -> None:
    """A longer list is not recorded, and this is not passed over in silence."""
    run(shell, "import numpy as np\nmany = np.random.default_rng(1).spawn(100)")
    assert "at most 64" in last("cell.end")["skipped"]["numpy:many"]
