"""Members are found without running any code of the user's classes."""

from __future__ import annotations

import functools
from collections import OrderedDict, deque
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ithtel.provenance.randomness.members import MAX_MEMBERS, MAX_OBJECTS, Members

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def _closure(held: int) -> object:
    return lambda: held


def _waiting(held: int) -> Iterator[int]:
    yield 0
    yield held


def _default(held: int = 5) -> int:
    return held


class Drawing:
    """Holds a member."""

    def __init__(self) -> None:
        self.kept = 5

    def draw(self) -> int:
        """Return the member."""
        return self.kept


WAITING = _waiting(5)
next(WAITING)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        pytest.param(_closure(5), ".__closure__[0].cell_contents", id="closure"),
        pytest.param(_default, ".__defaults__[0]", id="default"),
        pytest.param(functools.partial(_closure, 5), ".args[0]", id="partial"),
        pytest.param(functools.partial(_closure, held=5), ".keywords['held']", id="keyword"),
        pytest.param(Drawing().draw, ".__self__.kept", id="method"),
        pytest.param(WAITING, ".gi_frame.f_locals['held']", id="generator"),
        pytest.param(SimpleNamespace(a=SimpleNamespace(b=5)), ".a.b", id="two levels"),
        pytest.param(SimpleNamespace(steps=[("x", Drawing())]), ".steps[0][1].kept", id="steps"),
        pytest.param([[[5]]], "[0][0][0]", id="nested lists"),
        pytest.param({"a": [{"b": 5}]}, "['a'][0]['b']", id="nested dicts"),
        pytest.param(deque([5]), "[0]", id="deque"),
        pytest.param({5}, "{0}", id="set"),
        pytest.param(np.array([None, 5], dtype=object), ".flat[1]", id="array"),
        pytest.param(functools.lru_cache(_closure(5)), ".__wrapped__.__closure__[0].cell_contents", id="cache"),
    ],
)
def test_members_further_away(value: object, place: str) -> None:
    """Behind functions, partials, methods and other holders."""
    assert place in [found for found, _ in FIND(value)]


def test_the_search_is_bounded() -> None:
    """Only so many objects are looked into, and a circle ends."""
    circle: list[object] = [[[index]] for index in range(MAX_MEMBERS)]
    circle[0] = circle
    look = Members((str,), {}).look([circle] * MAX_MEMBERS)
    assert len(look.inside) <= MAX_OBJECTS


def test_too_many_members_are_reported() -> None:
    """They are not recorded, and their place is known."""
    assert [".a"] == Members((int,), {}).look(SimpleNamespace(a=[1] * (MAX_MEMBERS + 1))).too_long
