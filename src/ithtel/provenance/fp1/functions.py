"""`function_token`, `code_state`, `version_of`: functions and classes, by name and version, by their code or state."""

from __future__ import annotations

import enum
import functools
import hashlib
import sys
import types
from collections.abc import Callable
from typing import Any

from ithtel.provenance.fp1 import leaves
from ithtel.provenance.fp1.digest import NoFingerprintError
from ithtel.provenance.fp1.loaded import is_a, type_name

Nested = Callable[[object], bytes]

_BUILTIN = (
    types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, types.MethodWrapperType,
    types.ClassMethodDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType,
)  # fmt: skip
_NOT_CODE = frozenset({
    "__module__", "__dict__", "__weakref__", "__doc__", "__qualname__", "__annotations__", "__abstractmethods__",
    "_abc_impl", "__firstlineno__", "__static_attributes__", "__parameters__", "__orig_bases__", "__hash__",
    "__slotnames__", "__annotate__", "__annotate_func__", "__annotations_cache__", "__classcell__",
})  # fmt: skip
"""Attributes of a class that Python puts there, or that change nothing about its instances."""


@functools.lru_cache(maxsize=1_024)
def version_of(module: str) -> str:
    """Return the version of the package that a module belongs to, empty for one that has none.

    >>> version_of("collections.abc"), version_of("msgspec") != ""
    ('', True)
    """
    package = sys.modules.get(module.partition(".")[0])
    version = vars(package).get("__version__") if package is not None else None
    return version if isinstance(version, str) else ""


def is_released(module: str) -> bool:
    """Return whether a name and a version identify the code of a module: it is Python's, or its package has a version.

    >>> is_released("collections.abc"), is_released("__main__")
    (True, False)
    """
    top = module.partition(".")[0]
    if top in ("__main__", ""):
        return False
    return top in sys.stdlib_module_names or top == "builtins" or bool(version_of(module))


def function_token(value: Any, nested: Nested) -> bytes | None:  # noqa: ANN401
    """Return the token of a function or class inside of a value, None for anything else.

    What a released package defines is its name and the version of the package. Any other function is its compiled
    code, its defaults and what it closes over, any other class is its members.
    """
    kind = type(value)
    if kind is types.FunctionType:
        return _of_function(value, nested)
    if kind in _BUILTIN or is_a(value, "numpy", "ufunc"):
        return _of_builtin(value, nested)
    if issubclass(kind, type):
        module = _text(type.__getattribute__(value, "__module__"))
        if is_released(module):
            return leaves.named("class", type_name(value), version_of(module))
        return leaves.named("class", type_name(value)) + nested(_members(value, nested))
    return None


def code_state(value: object) -> dict[str, Any] | None:
    """Return the values that a function or class of the user holds besides its text, None if it holds none.

    For a function these are its defaults, its attributes and what it closes over; for a class, its data attributes.
    The same text makes another function if one of them differs.

    >>> names = {"__name__": "__main__"}
    >>> exec("def f(x, rate=0.5): return x * rate", names)
    >>> code_state(names["f"])
    {'defaults': (0.5,)}
    """
    if type(value) is types.FunctionType:
        if is_released(_text(value.__module__)):
            return None
        state = {
            "defaults": value.__defaults__,
            "kwdefaults": value.__kwdefaults__,
            "closure": [_content(cell) for cell in value.__closure__ or ()],
            "attributes": {name: held for name, held in vars(value).items() if name != "__wrapped__"},
        }
        return {part: held for part, held in state.items() if held} or None
    if not issubclass(type(value), type) or is_released(_text(type.__getattribute__(value, "__module__"))):
        return None
    if issubclass(type(value), enum.EnumMeta):
        return {name: member._value_ for name, member in vars(value)["_member_map_"].items()} or None
    return {
        name: member
        for name, member in type.__getattribute__(value, "__dict__").items()
        if name not in _NOT_CODE and not _is_dunder(name) and not hasattr(type(member), "__get__")
    } or None


def _is_dunder(name: str) -> bool:
    return name[:2] == "__" == name[-2:]


def _of_function(value: types.FunctionType, nested: Nested) -> bytes:
    module = _text(value.__module__)
    if is_released(module) and _is_found(value, module):
        return leaves.named("function", module, value.__qualname__, version_of(module))
    cells = [_content(cell) for cell in value.__closure__ or ()]
    parts = [_code(value.__code__), value.__defaults__, value.__kwdefaults__, cells]
    return leaves.named("function", value.__qualname__) + nested(parts)


def _of_builtin(value: Any, nested: Nested) -> bytes:  # noqa: ANN401
    owner = getattr(value, "__self__", None)
    module = _text(getattr(value, "__module__", None) or getattr(type(owner), "__module__", None))
    name = _text(getattr(value, "__qualname__", None) or getattr(value, "__name__", None))
    token = leaves.named("builtin", module, name, version_of(module))
    is_bound = owner is not None and not isinstance(owner, types.ModuleType | type)
    return token + nested(owner) if is_bound else token


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_found(value: types.FunctionType, module: str) -> bool:
    """Return whether a function is what its module has under its name; a lambda or a patched function is not."""
    found: Any = sys.modules.get(module)
    for name in value.__qualname__.split("."):
        try:
            found = vars(found).get(name)
        except TypeError:
            return False
    return found is value


def _members(kind: type, nested: Nested) -> dict[str, Any]:
    """Return what the text of a class statement defines: bases, functions, and attributes that have a token."""
    members = {}
    for name, member in type.__getattribute__(kind, "__dict__").items():
        if name not in _NOT_CODE:
            plain = _plain(member)
            members[name] = plain if _has_token(plain, nested) else {"": "opaque", "type": type_name(type(plain))}
    return {"bases": type.__getattribute__(kind, "__bases__"), "members": members}


def _plain(member: Any) -> Any:  # noqa: ANN401
    """Return the functions that a static method, a class method, a property or a slot consists of."""
    match member:
        case staticmethod() | classmethod():
            return [type(member).__name__, member.__func__]
        case property():
            return ["property", member.fget, member.fset, member.fdel]
        case functools.cached_property():
            return ["cached_property", member.func]
        case types.MemberDescriptorType():
            return ["slot", member.__name__]
    return member


def _has_token(value: object, nested: Nested) -> bool:
    try:
        nested(value)
    except NoFingerprintError:
        return False
    return True


@functools.lru_cache(maxsize=4_096)
def _code(code: types.CodeType) -> bytes:
    """Return the digest of what a function does, without the lines and the file where it stands; always by SHA-256."""
    parts = (code.co_code, code.co_consts, code.co_names, code.co_varnames, code.co_freevars, code.co_flags)
    return hashlib.sha256(_constant(parts)).digest()


def _constant(value: Any) -> bytes:  # noqa: ANN401
    """Return the token of a constant of compiled code, which is a leaf, a tuple, a frozenset or other code."""
    match value:
        case tuple():
            return b"t" + hashlib.sha256(b"".join(map(_constant, value))).digest()
        case frozenset():
            return b"z" + hashlib.sha256(b"".join(sorted(map(_constant, value)))).digest()
        case types.CodeType():
            return b"k" + _code(value)
        case slice():
            return b"v" + _constant((value.start, value.stop, value.step))
    return leaves.BY_TYPE[type(value)](value)


def _content(cell: types.CellType) -> Any:  # noqa: ANN401
    try:
        return cell.cell_contents
    except ValueError:
        return {"": "empty cell", "parts": ()}
