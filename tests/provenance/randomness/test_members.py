"""Members one level down are found without running any code of the user's classes."""

from __future__ import annotations

from collections import OrderedDict
from types import ModuleType, SimpleNamespace

from ithtel.provenance.randomness.members import MAX_MEMBERS, Members

FIND = Members((int,), {}).of


class Hostile:
    """Fails at every attribute access."""

    def __init__(self) -> None:
        object.__setattr__(self, "kept", 7)

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(name)


def test_places_are_written_as_code() -> None:
    """Items of lists and dicts, attributes, and lists in attributes."""
    assert [("[1]", 5)] == FIND(["a", 5])
    assert [("['k']", 5), ("[3]", 6), ("[(1, 2)]", 7)] == FIND({"k": 5, 3: 6, (1, 2): 7, "text": "x", object(): 8})
    assert [(".a", 1), (".b[0]", 2)] == FIND(SimpleNamespace(a=1, b=[2, "x"], c="x"))
    assert [("['k']", 5)] == FIND(OrderedDict(k=5))


def test_long_collections_are_data() -> None:
    """They are not searched."""
    assert MAX_MEMBERS == len(FIND([1] * MAX_MEMBERS))
    assert [] == FIND([1] * (MAX_MEMBERS + 1))


def test_no_code_of_a_class_runs() -> None:
    """An instance is read past its own methods."""
    assert [(".kept", 7)] == FIND(Hostile())


def test_only_the_users_modules_are_searched() -> None:
    """By their files."""
    own, other = ModuleType("own"), ModuleType("other")
    own.__file__, other.__file__ = "/work/own.py", "/venv/lib/python3.11/site-packages/other.py"
    own.n = other.n = 3  # type: ignore[attr-defined]
    assert [(".n", 3)] == FIND(own)
    assert [] == FIND(other)
