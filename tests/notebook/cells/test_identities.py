"""`Identities`: always the same as a walk through all variables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ithtel.notebook.cells.identities import Identities

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

NAMES = [*"abcdefgh", "_", "_i1", *(f"v{i}" for i in range(150))]
VALUES: list[object] = [0, "x", (), object(), [], {}]
CHANGES = st.lists(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([None, *range(len(VALUES))])), max_size=8), max_size=6
)


def is_shown(name: str) -> bool:
    """Names with an underscore belong to the shell."""
    return name[:1] != "_"


def walk(namespace: Mapping[str, object]) -> dict[str, int]:
    """Look at each variable."""
    return {name: id(value) for name, value in namespace.items() if is_shown(name)}


def change(namespace: dict[str, object], name: str, place: int | None) -> None:
    """Bind a name, or remove it."""
    if place is None:
        namespace.pop(name, None)
    else:
        namespace[name] = VALUES[place]


@given(CHANGES)
def test_looks_find_what_a_walk_finds(changes: list[list[tuple[str, int | None]]]) -> None:
    """After any bindings and removals: the same names in the same order, and the same that were bound in between."""
    namespace: dict[str, object] = dict.fromkeys(NAMES[:100], 0)
    identities = Identities(namespace, is_shown)
    before = identities.look()
    for group in changes:
        for name, place in group:
            change(namespace, name, place)
        now = identities.look()
        assert list(walk(namespace).items()) == list(now.items())
        bound = [name for name, identity in now.items() if before.get(name) != identity]
        assert sorted(bound) == sorted(identities.bound(before, now))
        before = now


def test_a_result_stays_as_it_is() -> None:
    """A later look returns another one."""
    namespace: dict[str, object] = {"a": 1}
    identities = Identities(namespace, is_shown)
    before = identities.look()
    namespace["b"] = 2
    identities.look()
    assert ["a"] == list(before)


def test_names_between_two_looks_that_do_not_follow_each_other() -> None:
    """What was bound since any earlier result is found as well."""
    namespace: dict[str, object] = {}
    identities = Identities(namespace, is_shown)
    first = identities.look()
    namespace["a"] = 1
    identities.look()
    namespace["b"] = 2
    assert ["a", "b"] == identities.bound(first, identities.look())


def test_names_that_become_the_shells_are_left_out() -> None:
    """After `forget`, each name is looked at again."""
    hidden: set[str] = set()
    identities = Identities({"a": 1, "b": 2}, lambda name: name not in hidden)
    identities.look()
    hidden.add("a")
    identities.forget()
    assert ["b"] == list(identities.look())


def test_it_is_the_same_without_ctypes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before NumPy is loaded, `id` is asked for each value; the next look goes on from there."""
    namespace: dict[str, object] = {"a": VALUES[3], "b": VALUES[4]}
    identities = Identities(namespace, is_shown)
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "ctypes", raising=False)
        before = identities.look()
    namespace["b"] = VALUES[5]
    assert ["b"] == identities.bound(before, identities.look())


def test_objects_that_cannot_be_compared_are_not_asked() -> None:
    """Values are told apart by identity: their `__eq__` never runs."""

    class Odd:
        def __eq__(self, _: object) -> bool:
            raise RuntimeError

        __hash__ = None  # type: ignore[assignment]

    namespace: dict[str, object] = {"a": Odd()}
    identities = Identities(namespace, is_shown)
    before = identities.look()
    namespace["a"] = Odd()
    assert ["a"] == identities.bound(before, identities.look())
