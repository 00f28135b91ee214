"""`state_of`, `own_attributes`: objects of any class by the state that makes them what they are.

A fitted estimator, a result of statsmodels, a class of the user's: two are equal if their class and their state are
equal. The state is what the class itself gives to pickle, else its attributes.
"""

from __future__ import annotations

import contextlib
import functools
import types
from typing import TYPE_CHECKING, Any

from ithtel.provenance.fp1.digest import NoFingerprintError
from ithtel.provenance.fp1.loaded import type_name
from ithtel.provenance.fp1.volatile import SCRATCH, without_volatile

if TYPE_CHECKING:
    from collections.abc import Iterator

_PICKLE_PROTOCOL = 4
_WORD = object.__basicsize__ // 2
_OWN = "ithtel"


def state_of(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any object
    """Return the class and the state of `value`.

    Raises:
        NoFingerprintError: Its class gives no state: it stands for something outside of the process (a socket), or it
            is written in C and says nothing of what it holds. Or it is one of ithtel's own, which shows the record.
    """
    kind = type(value)
    if kind.__module__.partition(".")[0] == _OWN and not issubclass(kind, BaseException):
        raise NoFingerprintError(f"{type_name(kind)} belongs to ithtel, which records what it shows by itself")
    parts = {name: part for name, part in _parts(value, kind).items() if part is not None}
    return {"class": kind, **parts}


def _parts(value: Any, kind: type) -> dict[str, Any]:  # noqa: ANN401
    has_reduce = any(_defines(kind, name) for name in ("__reduce__", "__reduce_ex__", "__getnewargs_ex__"))
    if _defines(kind, "__getstate__") and not has_reduce:
        return {"state": without_volatile(_given(kind, "__getstate__", value), kind)}
    if has_reduce or _defines(kind, "__getnewargs__") or _hides_state(kind):
        return _reduced(value, kind)
    return {"state": own_attributes(value, kind)}


def _hides_state(kind: type) -> bool:
    """Return whether instances hold more than attributes, by their size: a class written in C has fields of its own.

    pickle tests for the same in `object.__reduce_ex__`, by the same sum.
    """
    n_slots = sum(type(part) is types.MemberDescriptorType for base in type.mro(kind) for part in _slots_of(base))
    n_words = n_slots + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
    return kind.__itemsize__ > 0 or kind.__basicsize__ > object.__basicsize__ + n_words * _WORD


def _slots_of(base: type) -> Iterator[Any]:
    return (base.__dict__.get(name) for name in _slot_names(base))


def _reduced(value: Any, kind: type) -> dict[str, Any]:  # noqa: ANN401
    reduced = _given(kind, "__reduce_ex__", value, _PICKLE_PROTOCOL)
    if isinstance(reduced, str):
        return {"global": reduced}
    parts = dict(zip(("make", "arguments", "state", "items", "entries"), reduced, strict=False))
    for name in ("items", "entries"):
        if parts.get(name) is not None:
            parts[name] = list(parts[name])
    return {**parts, "state": without_volatile(parts.get("state"), kind) or None}


def _given(kind: type, method: str, *arguments: Any) -> Any:  # noqa: ANN401
    """Return what a class gives to pickle, by its own method: an instance may lie about what it has."""
    try:
        return getattr(kind, method)(*arguments)
    except Exception:  # noqa: BLE001 - pickle's errors have no type of their own
        raise NoFingerprintError(f"{type_name(kind)} does not give its state") from None


def own_attributes(value: object, kind: type) -> dict[str, Any]:
    """Return the attributes that an instance keeps, without those that differ in every run or are made from the rest.

    >>> own_attributes(ValueError("a"), ValueError)
    {}
    """
    kept: dict[str, Any] = without_volatile(dict(_attributes(value, kind)), kind)
    return kept


def _attributes(value: object, kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that an instance keeps: of its `__dict__`, and of the slots of its classes that are set."""
    with contextlib.suppress(Exception):  # it may have none, or a property of that name that fails
        yield from object.__getattribute__(value, "__dict__").items()
    for base in type.mro(kind):
        for name in _slot_names(base):
            descriptor = base.__dict__.get(name)
            if name in SCRATCH or type(descriptor) is not types.MemberDescriptorType:
                continue
            try:
                yield name, descriptor.__get__(value, kind)
            except AttributeError:
                continue  # a slot that is not set


@functools.lru_cache(maxsize=4_096)
def _slot_names(base: type) -> tuple[str, ...]:
    """Return the names of the slots of one class, as Python mangles those that are private."""
    slots = base.__dict__.get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    owner = base.__name__.lstrip("_")
    return tuple(f"_{owner}{name}" if name.startswith("__") and not name.endswith("__") else name for name in names)


def _defines(kind: type, name: str) -> bool:
    """Return whether a class between `kind` and `object` defines `name`."""
    return any(name in base.__dict__ for base in type.mro(kind) if base is not object)
