"""`Members`: find the generators that a variable holds, without running any code of the user's classes."""

from __future__ import annotations

import functools
import sys
from collections import deque
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GeneratorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any, NamedTuple

from ithtel.provenance.user_code import dict_of, is_own_class, is_own_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Found = list[tuple[str, object, int]]
    """The place of each member as it would be written after the variable, the member, and how many steps it is away."""
    _Steps = Iterator[tuple[str, object, object]]

MAX_MEMBERS = 64
"""Longer lists and dicts are data: they do not hold generators."""
MAX_OBJECTS, MAX_STEPS = 120, 7
"""So many objects behind one variable are looked into. A forest in a pipeline in a grid search is seven steps away."""
_PLAIN = (int, float, complex, bool, str, bytes, bytearray, range, slice, type(None), type(NotImplemented), type(...))
_LEAVES = frozenset(map(id, _PLAIN))
"""Types by identity: to hash a class would run code of its metaclass."""
_KEYS = (str, int)
_LISTS = (list, tuple)
_COLLECTIONS = (list, tuple, dict, deque, set, frozenset)
_SHALLOW = frozenset(
    [
        "pandas", "matplotlib", "polars", "pyarrow", "torch", "plotly", "bokeh", "altair", "IPython", "ipykernel",
        "traitlets", "ipywidgets", "logging", "threading", "asyncio", "concurrent", "multiprocessing", "ithtel",
        "sqlalchemy", "sqlite3", "requests", "urllib3", "PIL", "dask", "distributed", "jax", "xarray", "tkinter", "zmq",
        "datetime", "decimal", "fractions", "pathlib", "re", "uuid", "enum", "typing", "inspect",
    ]
)  # fmt: skip
"""Packages whose objects are looked at, but not behind: much lies there, and no generator of the user."""
_ATTRIBUTE, _ITEM = ".{}", "[{!r}]"


class Look(NamedTuple):
    """What was found behind a variable, and the identities of the objects that were looked into."""

    found: Found
    inside: list[int]
    too_long: list[str]
    """Places of collections that hold generators, but too many to record them."""


class Members:
    """Finds the members of some types during one search, in which each class is examined once.

    Members are items of short collections, attributes, what functions, partials and bound methods hold, and the
    members of these.

    Args:
        kinds: The types that are looked for, as for `issubclass`.
        modules: The loaded modules.

    >>> from types import SimpleNamespace
    >>> Members((int,), {}).of(SimpleNamespace(a=1, b="x"))
    [('.a', 1)]
    """

    def __init__(self, kinds: tuple[type, ...], modules: Mapping[str, ModuleType]) -> None:
        self.kinds = kinds
        self._modules = modules
        self._classes: dict[int, tuple[Mapping[str, MemberDescriptorType], Mapping[str, object]]] = {}
        self._shallow: dict[int, bool] = {}

    def of(self, value: Any) -> list[tuple[str, object]]:  # noqa: ANN401
        """Return each member with its place, as it would be written after the variable."""
        return [(place, item) for place, item, _ in self.look(value).found]

    def look(self, value: Any) -> Look:  # noqa: ANN401
        """Return the members, those that are fewer steps away first, and what was looked into."""
        found: Found = []
        too_long: list[str] = []
        inside = {id(value)}
        todo: deque[tuple[str, object, int]] = deque([("", value, 0)])
        while todo:
            place, holder, depth = todo.popleft()
            try:
                is_shallow = self._is_shallow(type(holder))
                for form, key, item in self._of_one(holder, inside, is_top=depth == 0):
                    is_next = self._take(item, found, inside, form, key, place, depth) and depth + 1 < MAX_STEPS
                    if is_next and (not is_shallow or type(item) in _LISTS):
                        inside.add(id(item))
                        todo.append((place + form.format(key), item, depth + 1))
                if self._is_too_long(holder):
                    too_long.append(place)
            except Exception:  # noqa: BLE001, S112 - a user's metaclass may fail in any way
                continue
        return Look(found, list(inside), too_long)

    def _take(  # noqa: PLR0917 - this runs for each object behind each variable
        self, item: object, found: Found, inside: set[int], form: str, key: object, place: str, depth: int
    ) -> bool:
        """Add an object if it is a generator; return whether there may be others behind it."""
        kind = type(item)
        if issubclass(kind, self.kinds):
            found.append((place + form.format(key), item, depth + 1))
            if any(kind is each for each in self.kinds):
                return False
        if id(kind) in _LEAVES or id(item) in inside or len(inside) >= MAX_OBJECTS:
            return False
        return kind is list or kind is tuple or _holds_something(kind, item)

    def _of_one(self, value: Any, inside: set[int], *, is_top: bool) -> _Steps:  # noqa: ANN401
        """Yield what one object holds: how the place is written, its name, and the object there."""
        kind = type(value)  # isinstance() would run a class's own __class__
        known = _STEPS.get(id(kind))
        if known is not None:
            yield from known(value)
        elif issubclass(kind, ModuleType):
            if is_top and is_own_file(vars(value).get("__file__")):
                yield from _attributes(vars(value))
        elif issubclass(kind, type):
            if is_top and is_own_class(value, self._modules):
                yield from _attributes(dict_of(value))
        else:
            yield from _of_derived(kind, value)
            yield from self._of_instance(kind, value, inside, is_top=is_top)

    def _of_instance(self, kind: type, value: object, inside: set[int], *, is_top: bool) -> _Steps:
        """Yield the attributes of an instance; for the user's classes also slots and attributes of the class."""
        own: Mapping[str, object] = object.__getattribute__(value, "__dict__") if kind.__dictoffset__ else {}
        if own:
            inside.add(id(own))
            yield from _attributes(own)
        slots, shared = self._of_class(kind)
        for key, slot in slots.items():
            yield _ATTRIBUTE, key, _in_slot(slot, value)
        if is_top:
            yield from ((_ATTRIBUTE, key, item) for key, item in shared.items() if key not in own)

    def _of_class(self, kind: type) -> tuple[Mapping[str, MemberDescriptorType], Mapping[str, object]]:
        """Return the slots of a user's class and what all of its instances share; nothing for other classes."""
        known = self._classes.get(id(kind))
        if known is not None:
            return known
        slots: dict[str, MemberDescriptorType] = {}
        shared: dict[str, object] = {}
        if is_own_class(kind, self._modules):
            for base in reversed(type.__getattribute__(kind, "__mro__")[:-1]):
                attributes = dict_of(base)
                shared = {key: item for key, item in shared.items() if key not in attributes}
                shared |= {key: item for key, item in attributes.items() if self._is_one(item)}
                slots |= {key: item for key, item in attributes.items() if type(item) is MemberDescriptorType}
        self._classes[id(kind)] = slots, shared
        return slots, shared

    def shared(self, kind: type) -> Mapping[str, object]:
        """Return the members that all instances of a user's class share."""
        return self._of_class(kind)[1]

    def _is_shallow(self, kind: type) -> bool:
        """Return whether an object's class comes from a package behind whose objects nothing is searched."""
        known = self._shallow.get(id(kind))
        if known is None:
            module = dict_of(kind).get("__module__")
            known = type(module) is str and module.partition(".")[0] in _SHALLOW
            self._shallow[id(kind)] = known
        return known

    def _is_too_long(self, holder: Any) -> bool:  # noqa: ANN401
        kind = type(holder)
        if kind is dict and len(holder) > MAX_MEMBERS:
            return self._is_one(next(iter(holder.values())))
        return kind in _LISTS and len(holder) > MAX_MEMBERS and self._is_one(holder[0])

    def _is_one(self, item: object) -> bool:
        return issubclass(type(item), self.kinds)


def _holds_something(kind: type, item: Any) -> bool:  # noqa: ANN401
    """Return whether there may be something behind an object that is itself behind a variable."""
    if issubclass(kind, _COLLECTIONS):
        return True
    if issubclass(kind, (type, ModuleType)):
        return False
    if kind is FunctionType:
        return bool(item.__closure__ or item.__defaults__ or item.__kwdefaults__ or item.__dict__)
    return True


def _items(value: Any) -> _Steps:  # noqa: ANN401
    """Yield the items of a short collection, past the methods of a class derived from it."""
    base = next(each for each in _COLLECTIONS if issubclass(type(value), each))
    length = base.__len__(value)
    if 0 < length <= MAX_MEMBERS:
        if base is dict:
            pairs = list(dict.items(value))
            yield from ((_ITEM, key, item) for key, item in pairs if _is_plain_key(key))
        else:
            form = "{{{}}}" if base in (set, frozenset) else _ITEM
            yield from ((form, index, item) for index, item in enumerate(list(base.__iter__(value))))


def _of_derived(kind: type, value: Any) -> _Steps:  # noqa: ANN401
    """Yield what an instance holds besides attributes: as a collection, a partial function or an array."""
    if issubclass(kind, _COLLECTIONS):
        yield from _items(value)
    elif issubclass(kind, functools.partial):
        yield from _of_partial(value)
    elif issubclass(kind, getattr(sys.modules.get("numpy"), "ndarray", ())):
        yield from _of_array(value)


def _is_plain_key(key: object) -> bool:
    if type(key) is tuple:
        return all(type(each) in _KEYS for each in key)
    return type(key) in _KEYS


def _attributes(attributes: Mapping[str, object]) -> _Steps:
    return ((_ATTRIBUTE, key, item) for key, item in list(attributes.items()))


def _of_function(value: FunctionType) -> _Steps:
    yield from ((".__closure__[{}]", index, cell) for index, cell in enumerate(value.__closure__ or ()))
    yield from ((".__defaults__[{}]", index, item) for index, item in enumerate(value.__defaults__ or ()))
    yield from ((".__kwdefaults__[{!r}]", key, item) for key, item in (value.__kwdefaults__ or {}).items())
    yield from _attributes(value.__dict__)


def _of_method(value: MethodType) -> _Steps:
    yield _ATTRIBUTE, "__self__", value.__self__
    yield _ATTRIBUTE, "__func__", value.__func__


def _of_builtin_method(value: BuiltinFunctionType) -> _Steps:
    yield _ATTRIBUTE, "__self__", value.__self__


def _of_cell(value: CellType) -> _Steps:
    try:
        yield _ATTRIBUTE, "cell_contents", value.cell_contents
    except ValueError:  # it is still empty
        return


def _of_generator(value: GeneratorType[Any, Any, Any]) -> _Steps:
    """Yield the variables of a generator function that waits for its next value."""
    frame = value.gi_frame
    if frame is not None and not value.gi_running:
        yield from ((".gi_frame.f_locals[{!r}]", name, item) for name, item in list(frame.f_locals.items()))


def _of_partial(value: functools.partial[Any]) -> _Steps:
    # by the class's own descriptors, since a derived class may have attributes of the same names
    read = functools.partial.__dict__
    yield _ATTRIBUTE, "func", read["func"].__get__(value)
    yield from ((".args[{}]", index, item) for index, item in enumerate(read["args"].__get__(value)))
    yield from ((".keywords[{!r}]", key, item) for key, item in list(read["keywords"].__get__(value).items()))


def _of_array(value: Any) -> _Steps:  # noqa: ANN401
    if value.dtype.hasobject and value.dtype.names is None and value.size <= MAX_MEMBERS:
        yield from ((".flat[{}]", index, item) for index, item in enumerate(value.ravel().tolist()))


def _in_slot(slot: MemberDescriptorType, value: object) -> object:
    try:
        return slot.__get__(value)
    except AttributeError:  # it was never filled
        return None


_STEPS: dict[int, Callable[[Any], _Steps]] = {
    **{id(kind): _items for kind in _COLLECTIONS},
    id(FunctionType): _of_function,
    id(MethodType): _of_method,
    id(BuiltinFunctionType): _of_builtin_method,
    id(CellType): _of_cell,
    id(GeneratorType): _of_generator,
}
"""What each type holds that has no attributes of its own, or none that count."""
