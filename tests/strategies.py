"""Events of every kind, with any values in all of their fields."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ithtel.events import EVENTS

if TYPE_CHECKING:
    import msgspec

INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
Leaves = dict[Any, st.SearchStrategy[Any]]
"""Type of a field → its values."""


def leaves(numbers: st.SearchStrategy[int], floats: st.SearchStrategy[float], text: st.SearchStrategy[str]) -> Leaves:
    """Return what the fields of an event are filled with; `floats` where null may stand for one that is not finite."""
    json: st.SearchStrategy[Any] = st.recursive(
        st.none() | st.booleans() | INTEGERS | FLOATS | text,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=5,
    )
    simple = {int: numbers, float: FLOATS, str: text, bool: st.booleans(), type(None): st.none(), Any: json}
    return {**simple, float | None: st.none() | floats}


PLAIN = leaves(INTEGERS, FLOATS, TEXT)
UNBOUNDED = leaves(st.integers(), st.floats(), TEXT)
HOSTILE = leaves(st.integers(), st.floats(), st.text(st.characters()) | st.just("\ud800"))


def value_of(hint: Any, simple: Leaves) -> st.SearchStrategy[Any]:
    """Make values of a field's type."""
    if hint in simple:
        return simple[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return st.lists(value_of(arguments[0], simple), max_size=3)
    if origin is dict:
        return st.dictionaries(simple[str], value_of(arguments[1], simple), max_size=3)
    if arguments and str(origin).endswith("Literal"):
        return st.sampled_from(arguments)
    if arguments:
        return st.one_of(*(value_of(argument, simple) for argument in arguments))
    return struct_of(hint, simple)


def struct_of(struct: type[msgspec.Struct], simple: Leaves = PLAIN) -> st.SearchStrategy[Any]:
    """Make values of a struct, all of its fields filled."""
    hints = get_type_hints(struct)
    fields = {name: value_of(hints[name], simple) for name in struct.__struct_fields__}
    return st.builds(struct, **fields)


def event_of(simple: Leaves) -> st.SearchStrategy[Any]:
    """Make events of every kind."""

    @functools.cache
    def of_kind(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
        return struct_of(kind, simple)

    return st.sampled_from(EVENTS).flatmap(of_kind)


any_event = event_of(PLAIN)
unbounded_event = event_of(UNBOUNDED)
"""Typed numbers of any size, NaN and infinities among them."""
hostile_event = event_of(HOSTILE)
"""Lone surrogates, too."""
relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
