"""Events of every kind, with any values in all of their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ithtel.events import EVENTS

if TYPE_CHECKING:
    import msgspec

INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


def value_of(hint: Any) -> st.SearchStrategy[Any]:
    """Make values of a field's type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return st.lists(value_of(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(TEXT, value_of(arguments[1]), max_size=3)
    if arguments and str(origin).endswith("Literal"):
        return st.sampled_from(arguments)
    if arguments:
        return st.one_of(*map(value_of, arguments))
    simple = {int: INTEGERS, float: FLOATS, str: TEXT, bool: st.booleans(), type(None): st.none(), Any: JSON}
    return simple[hint] if hint in simple else struct_of(hint)


def struct_of(struct: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Make values of a struct, all of its fields filled."""
    hints = get_type_hints(struct)
    fields = {name: value_of(hints[name]) for name in struct.__struct_fields__}
    return st.builds(struct, **fields)


any_event = st.sampled_from(EVENTS).flatmap(struct_of)
relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
