"""`state_of` and `function_token`: objects of any class by the state that makes them what they are.

A fitted estimator, a result of statsmodels, a class of the user's: two are equal if their class, the version of its
package and their state are equal. The state is what the class itself gives to pickle, else its attributes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import random
import sys
import threading
import time
import types
import weakref
from collections.abc import Callable  # noqa: TC003 - the tables below are annotated with it
from typing import TYPE_CHECKING, Any

from ithtel.provenance.fp1 import leaves
from ithtel.provenance.fp1.digest import NoFingerprintError
from ithtel.provenance.fp1.loaded import is_a, type_name

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHES = frozenset({"_cache", "__weakref__", "__dict__"})
"""Attributes that a value fills by being looked at (statsmodels' `_cache`), or that are no data."""

_BUILTIN_FUNCTIONS = (
    types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, types.MethodWrapperType,
    types.ClassMethodDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType,
)  # fmt: skip
_PICKLE_PROTOCOL = 4
_LOADED = time.monotonic()
_LEEWAY_S = 60.0
"""This module may be loaded by the first fingerprint, after the cell that made the value."""


@functools.lru_cache(maxsize=1_024)
def version_of(module: str) -> str:
    """Return the version of the package that a module belongs to, empty for one that has none.

    >>> version_of("collections.abc"), version_of("msgspec") != ""
    ('', True)
    """
    package = sys.modules.get(module.partition(".")[0])
    version = vars(package).get("__version__") if package is not None else None
    return version if isinstance(version, str) else ""


def state_of(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any object
    """Return the state of `value`, with the name of its class and the version of the package that defines it.

    Raises:
        NoFingerprintError: Its class gives no state: it stands for something outside of the process (a socket), or it
            is written in C and says nothing of what it holds.
    """
    kind = type(value)
    return {"class": type_name(kind), "version": version_of(kind.__module__), **_parts(value, kind)}


def without_clock(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state with the moments at which this process made it replaced: no two runs share them.

    arch keeps the time of the fit in its results, and shows it in their summary.
    """
    inner = state.get("state")
    if type(inner) is not dict or not any(type(part) is dt.datetime for part in inner.values()):
        return state
    marked = {name: _tagged("clock") if _is_of_this_run(part) else part for name, part in inner.items()}
    return {**state, "state": marked}


def _is_of_this_run(value: object) -> bool:
    if type(value) is not dt.datetime:
        return False
    now = dt.datetime.now(value.tzinfo)
    return now - dt.timedelta(seconds=time.monotonic() - _LOADED + _LEEWAY_S) <= value <= now


def stand_in(value: Any) -> Any:  # noqa: ANN401
    """Return what stands for a value inside of another's state, such as the items of a read-only mapping.

    Of a random generator only its kind counts: where it stands is recorded as `rng.state`. Many models hold one that
    nobody seeded (arch's distributions do), and drawing from it does not make another model of them.

    Returns `value` itself where nothing need stand for it.
    """
    read = _STAND_INS.get(type(value))
    if read is not None:
        return read(value)
    if issubclass(type(value), functools.partial):
        return _tagged("partial", value.func, value.args, dict(value.keywords), dict(vars(value)))
    return next((read(value) for package, names, read in _OF_PACKAGES if is_a(value, package, *names)), value)


_STAND_INS: dict[type, Callable[[Any], Any]] = {
    type(threading.Lock()): lambda _: _tagged("lock"),
    type(threading.RLock()): lambda _: _tagged("lock"),
    types.MappingProxyType: dict,
    types.MethodType: lambda value: _tagged("method", value.__func__, value.__self__),
    types.ModuleType: lambda value: _tagged("module", value.__name__, version_of(value.__name__)),
    weakref.ref: lambda value: _tagged("weakref", value()),
    random.Random: lambda _: _tagged("generator", "Random"),
}
_OF_PACKAGES: tuple[tuple[str, tuple[str, ...], Callable[[Any], Any]], ...] = (
    ("numpy.random", ("Generator",), lambda value: _tagged("generator", type(value.bit_generator).__name__)),
    (
        "numpy.random",
        ("RandomState",),
        lambda value: _tagged("generator", value.get_state(legacy=False)["bit_generator"]),
    ),
    ("numpy.random", ("BitGenerator",), lambda value: _tagged("generator", type(value).__name__)),
    ("torch", ("Tensor",), lambda value: _tagged("tensor", str(value.dtype), value.detach().cpu().numpy())),
)


def function_token(value: Any, nested: Callable[[object], bytes]) -> bytes | None:  # noqa: ANN401
    """Return the token of a function or class inside of a value, None for anything else.

    A function written in Python is its compiled code, its defaults and what it closes over; one written in C, and a
    class, are their name and the version of their package.
    """
    kind = type(value)
    if kind is types.FunctionType:
        cells = [_content(cell) for cell in value.__closure__ or ()]
        words = [value.__qualname__, _code(value.__code__), value.__defaults__, value.__kwdefaults__, cells]
        return leaves.named("function") + nested(words)
    if kind in _BUILTIN_FUNCTIONS or is_a(value, "numpy", "ufunc"):
        owner = getattr(value, "__self__", None)
        module = getattr(value, "__module__", None) or getattr(type(owner), "__module__", "") or ""
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
        if owner is not None and not isinstance(owner, types.ModuleType | type):
            return leaves.named("builtin", str(module), str(name), version_of(str(module))) + nested(owner)
        return leaves.named("builtin", str(module), str(name), version_of(str(module)))
    if issubclass(kind, type):
        return leaves.named("class", type_name(value), version_of(str(value.__module__)))
    return None


def _parts(value: Any, kind: type) -> dict[str, Any]:  # noqa: ANN401
    own = _defines(kind, "__getstate__")
    if own and not _defines(kind, "__reduce__") and not _defines(kind, "__reduce_ex__"):
        return {"state": _without_caches(_given(kind, "__getstate__", value), kind)}
    if _defines(kind, "__reduce__") or _defines(kind, "__reduce_ex__") or _defines(kind, "__getnewargs_ex__"):
        return _reduced(value, kind)
    if all(_is_written_in_python(base) for base in type.mro(kind)):
        return {"state": own_attributes(value, kind)}
    return _reduced(value, kind)


def _is_written_in_python(kind: type) -> bool:
    """Return whether instances of `kind` keep only what Python code put into their attributes."""
    return kind is object or "__slots__" in kind.__dict__ or "__dict__" in kind.__dict__ or _adds_nothing(kind)


def _adds_nothing(kind: type) -> bool:
    """Return whether a class has the layout of its base: an abstract base class without attributes of its own."""
    return (
        kind.__base__ is not None
        and kind.__basicsize__ == kind.__base__.__basicsize__
        and kind.__module__ != "builtins"
    )


def _reduced(value: Any, kind: type) -> dict[str, Any]:  # noqa: ANN401
    reduced = _given(kind, "__reduce_ex__", value, _PICKLE_PROTOCOL)
    if isinstance(reduced, str):
        return {"global": reduced}
    parts = dict(zip(("make", "arguments", "state", "items", "entries"), reduced, strict=False))
    for name in ("items", "entries"):
        if parts.get(name) is not None:
            parts[name] = list(parts[name])
    return {**parts, "state": _without_caches(parts.get("state"), kind)}


def _given(kind: type, method: str, *arguments: Any) -> Any:  # noqa: ANN401
    """Return what a class gives to pickle, by its own method: an instance may lie about what it has."""
    try:
        return getattr(kind, method)(*arguments)
    except Exception:  # noqa: BLE001 - pickle's errors have no type of their own
        raise NoFingerprintError(f"{type_name(kind)} does not give its state") from None


def attributes_of(value: object, kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that an instance keeps: of its `__dict__`, and of the slots of its classes that are set."""
    with contextlib.suppress(AttributeError):
        yield from object.__getattribute__(value, "__dict__").items()
    for base in type.mro(kind):
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            mangled = f"_{base.__name__.lstrip('_')}{name}" if name.startswith("__") and name[-2:] != "__" else name
            descriptor = base.__dict__.get(mangled)
            if name in CACHES or type(descriptor) is not types.MemberDescriptorType:
                continue
            try:
                yield mangled, descriptor.__get__(value, kind)
            except AttributeError:
                continue  # a slot that is not set


def own_attributes(value: object, kind: type) -> dict[str, Any]:
    """Return the attributes that an instance keeps, without those that only being looked at puts there."""
    kept: dict[str, Any] = _without_caches(dict(attributes_of(value, kind)), kind)
    return kept


def _without_caches(state: Any, kind: type) -> Any:  # noqa: ANN401
    """Return the state without what only being looked at put there: a cached property is made of the rest."""
    if type(state) is not dict:
        return state
    return {name: part for name, part in state.items() if name not in CACHES and not _is_cached(kind, name)}


def _is_cached(kind: type, name: object) -> bool:
    if not isinstance(name, str):
        return False
    for base in type.mro(kind):
        if name in base.__dict__:
            return isinstance(base.__dict__[name], functools.cached_property)
    return False


def _defines(kind: type, name: str) -> bool:
    """Return whether a class between `kind` and `object` defines `name`."""
    return any(name in base.__dict__ for base in type.mro(kind) if base is not object)


def _code(code: types.CodeType) -> tuple[Any, ...]:
    consts = tuple(_code(const) if isinstance(const, types.CodeType) else const for const in code.co_consts)
    return (code.co_code, consts, code.co_names, code.co_varnames, code.co_freevars, code.co_flags)


def _content(cell: types.CellType) -> Any:  # noqa: ANN401
    try:
        return cell.cell_contents
    except ValueError:
        return _tagged("empty cell")


def _tagged(kind: str, *parts: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"": kind, "parts": parts}
