"""`called_names`: the variables that functions and classes of the notebook use when they are called."""

from __future__ import annotations

import dis
import functools
from types import BuiltinMethodType, CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from ithtel.provenance.user_code import dict_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_VALUES, MOST_PARTS = 500, 50
"""At most so many values are examined for one call, and so many members of one value."""
_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_UNWRAPPED = (
    staticmethod,
    classmethod,
    functools.partial,
    functools.partialmethod,
    property,
    functools.cached_property,
)
_CONTAINERS = frozenset({list, tuple, dict, set})
_PLAIN = frozenset({int, float, complex, bool, str, bytes, type(None), range, slice, ModuleType})


def called_names(called: object, namespace: Mapping[str, Any]) -> set[str]:
    r"""Return the variables in `namespace` that a call of a value, or of a method of it, may use.

    Functions are followed through what they call: lambdas, methods, closures, `partial`, what a decorator wraps, and
    functions in lists and attributes. Nothing of the value runs. Code of other modules is not followed.

    Args:
        called: A value that is called, passed on to be called, or used in another way.
        namespace: The variables of the notebook, which are the globals of its functions.

    >>> space = {"k": 2}
    >>> exec("def g(x): return x * k\nh = lambda x: g(x)", space)
    >>> sorted(called_names(space["h"], space))
    ['g', 'k']
    """
    found: set[str] = set()
    waiting: list[Any] = [called]
    seen: set[int] = set()
    while waiting and len(seen) < MOST_VALUES:
        value = waiting.pop()
        kind = type(value)
        if kind in _PLAIN or id(value) in seen:
            continue
        seen.add(id(value))
        if kind is FunctionType and value.__globals__ is namespace:
            new = {name for name in global_names(value.__code__) if name in namespace} - found
            found |= new
            waiting += [namespace[name] for name in new]
        elif _is_own_class(kind, namespace):
            found.add(kind.__name__)
        waiting += _parts(value, kind, namespace)
    return found


@functools.lru_cache(maxsize=4096)
def global_names(code: CodeType) -> frozenset[str]:
    """Return the global names that a body and the bodies within it look up."""
    found = {item.argval for item in dis.get_instructions(code) if item.opname in _LOADS}
    for constant in code.co_consts:
        if type(constant) is CodeType:
            found |= global_names(constant)
    return frozenset(found)


def _parts(value: Any, kind: type, namespace: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401, PLR0911 - a table, one line a kind
    """Return what a call of a value may call in turn."""
    if kind is FunctionType:
        return [*_of_closure(value), *value.__dict__.values()]
    if kind is MethodType:
        return [value.__func__, value.__self__]
    if kind in _CONTAINERS:
        members = value.values() if kind is dict else value
        return [part for part in members if _may_call(part)] if len(value) <= MOST_PARTS else []
    if issubclass(kind, _UNWRAPPED):
        return list(_unwrapped(value))
    if issubclass(kind, type):
        return list(_of_class(value)) if _is_own(value) else []
    if kind is BuiltinMethodType:
        return [value.__self__] if _is_own_class(type(value.__self__), namespace) else []
    parts = [part for part in _attributes(value) if _may_call(part)]
    return [*parts, kind] if _is_own(kind) else parts


def _of_closure(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not bound yet
            continue


def _unwrapped(value: Any) -> Iterator[Any]:  # noqa: ANN401
    for name in ("func", "__func__", "fget", "fset"):
        part = getattr(value, name, None)
        if part is not None:
            yield part
    if isinstance(value, functools.partial):
        yield from (part for part in (*value.args, *value.keywords.values()) if _may_call(part))


def _of_class(kind: type) -> Iterator[Any]:
    """Yield the functions of a class and of the classes of the notebook that it is derived from."""
    for base in kind.__mro__:
        if _is_own(base):
            yield from [part for part in dict_of(base).values() if _may_call(part)]


def _attributes(value: object) -> list[Any]:
    """Return the attributes of an instance, without running code of its class."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except Exception:  # noqa: BLE001 - a property named __dict__ may fail in any way
        return []
    return list(attributes.values()) if type(attributes) is dict and len(attributes) <= MOST_PARTS else []


def _may_call(value: object) -> bool:
    """Return whether a part of a value is a function, or holds one."""
    kind = type(value)
    return kind in (FunctionType, MethodType) or issubclass(kind, _UNWRAPPED) or _is_own(kind)


def _is_own(kind: object) -> bool:
    return issubclass(type(kind), type) and dict_of(kind).get("__module__") == "__main__"  # type: ignore[arg-type]


def _is_own_class(kind: type, namespace: Mapping[str, Any]) -> bool:
    """Return whether a class of the notebook is still bound to its name."""
    return _is_own(kind) and namespace.get(kind.__name__) is kind
