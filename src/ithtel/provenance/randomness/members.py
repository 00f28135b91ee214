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
    from collections.abc import Callable, Mapping

    Found = list[tuple[str, object, int]]
    """The place of each member as it would be written after the variable, the member, and how many steps it is away."""
    _Steps = list[tuple[str, object, object]]

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
        self._leaves = _LEAVES.difference(map(id, kinds))

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
                steps = self._of_one(holder, inside, is_top=depth == 0)
                if steps:
                    is_shallow = self._is_shallow(type(holder))
                    todo += self._next(steps, found, inside, place, depth + 1, is_shallow=is_shallow)
                elif self._is_too_long(holder):
                    too_long.append(place)
            except Exception:  # noqa: BLE001, S112 - a user's metaclass may fail in any way
                continue
        return Look(found, list(inside), too_long)

    def _next(
        self, steps: _Steps, found: Found, inside: set[int], place: str, depth: int, *, is_shallow: bool
    ) -> list[tuple[str, object, int]]:
        """Add the generators among objects; return those objects behind which there may be others."""
        todo = []
        kinds = self.kinds
        for form, key, item in steps:
            kind = type(item)
            if issubclass(kind, kinds):
                found.append((place + form.format(key), item, depth))
                if any(kind is each for each in kinds):
                    continue
            if id(item) in inside or depth >= MAX_STEPS or len(inside) >= MAX_OBJECTS:
                continue
            if kind is list or kind is tuple or (not is_shallow and _holds_something(kind, item)):
                inside.add(id(item))
                todo.append((place + form.format(key), item, depth))
        return todo

    def _of_one(self, value: Any, inside: set[int], *, is_top: bool) -> _Steps:  # noqa: ANN401
        """Return what one object holds: how the place is written, its name, and the object there."""
        kind = type(value)  # isinstance() would run a class's own __class__
        if kind is list or kind is tuple:  # the most frequent ones, without a detour
            leaves, is_short = self._leaves, len(value) <= MAX_MEMBERS
            steps = enumerate(value) if is_short else ()
            return [(_ITEM, index, item) for index, item in steps if id(type(item)) not in leaves]
        known = _STEPS.get(id(kind))
        if known is not None:
            return self._kept(known(value))
        if issubclass(kind, ModuleType):
            is_own = is_top and is_own_file(vars(value).get("__file__"))
            return self._kept(_attributes(vars(value))) if is_own else []
        if issubclass(kind, type):
            is_own = is_top and is_own_class(value, self._modules)
            return self._kept(_attributes(dict_of(value))) if is_own else []
        return self._kept([*_of_derived(kind, value), *self._of_instance(kind, value, inside, is_top=is_top)])

    def _kept(self, steps: _Steps) -> _Steps:
        leaves = self._leaves
        return [step for step in steps if id(type(step[2])) not in leaves]

    def _of_instance(self, kind: type, value: object, inside: set[int], *, is_top: bool) -> _Steps:
        """Return the attributes of an instance; for the user's classes also slots and attributes of the class."""
        own: Mapping[str, object] = object.__getattribute__(value, "__dict__") if kind.__dictoffset__ else {}
        steps: _Steps = []
        if own:
            inside.add(id(own))
            leaves = self._leaves
            steps = [(_ATTRIBUTE, key, item) for key, item in list(own.items()) if id(type(item)) not in leaves]
        slots, shared = self._of_class(kind)
        if slots:
            steps += [(_ATTRIBUTE, key, _in_slot(slot, value)) for key, slot in slots.items()]
        if is_top and shared:
            steps += [(_ATTRIBUTE, key, item) for key, item in shared.items() if key not in own]
        return steps

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
    if kind is dict or issubclass(kind, _COLLECTIONS):
        return bool(kind is not dict or item)
    if issubclass(kind, (type, ModuleType)):
        return False
    if kind is FunctionType:
        return bool(item.__closure__ or item.__defaults__ or item.__kwdefaults__ or item.__dict__)
    numpy = sys.modules.get("numpy")
    return numpy is None or kind is not numpy.ndarray or bool(item.dtype.hasobject)


def _of_dict(value: dict[object, object]) -> _Steps:
    if dict.__len__(value) > MAX_MEMBERS:
        return []
    return [(_ITEM, key, item) for key, item in list(dict.items(value)) if type(key) is str or _is_plain_key(key)]


def _items(value: Any) -> _Steps:  # noqa: ANN401
    """Return the items of a short collection, past the methods of a class derived from it."""
    base = next(each for each in _COLLECTIONS if issubclass(type(value), each))
    if base is dict:
        return _of_dict(value)
    form = "{{{}}}" if base in (set, frozenset) else _ITEM
    is_short = base.__len__(value) <= MAX_MEMBERS
    return [(form, index, item) for index, item in enumerate(list(base.__iter__(value)))] if is_short else []


def _of_derived(kind: type, value: Any) -> _Steps:  # noqa: ANN401
    """Return what an instance holds besides attributes: as a collection, a partial function or an array."""
    if issubclass(kind, _COLLECTIONS):
        return _items(value)
    if issubclass(kind, functools.partial):
        return _of_partial(value)
    if issubclass(kind, getattr(sys.modules.get("numpy"), "ndarray", ())):
        return _of_array(value)
    return []


def _is_plain_key(key: object) -> bool:
    if type(key) is tuple:
        return all(type(each) in _KEYS for each in key)
    return type(key) in _KEYS


def _attributes(attributes: Mapping[str, object]) -> _Steps:
    return [(_ATTRIBUTE, key, item) for key, item in list(attributes.items())]


def _of_function(value: FunctionType) -> _Steps:
    return [
        *((".__closure__[{}]", index, cell) for index, cell in enumerate(value.__closure__ or ())),
        *((".__defaults__[{}]", index, item) for index, item in enumerate(value.__defaults__ or ())),
        *((".__kwdefaults__[{!r}]", key, item) for key, item in (value.__kwdefaults__ or {}).items()),
        *_attributes(value.__dict__),
    ]


def _of_method(value: MethodType) -> _Steps:
    return [(_ATTRIBUTE, "__self__", value.__self__), (_ATTRIBUTE, "__func__", value.__func__)]


def _of_builtin_method(value: BuiltinFunctionType) -> _Steps:
    return [(_ATTRIBUTE, "__self__", value.__self__)]


def _of_cell(value: CellType) -> _Steps:
    try:
        return [(_ATTRIBUTE, "cell_contents", value.cell_contents)]
    except ValueError:  # it is still empty
        return []


def _of_generator(value: GeneratorType[Any, Any, Any]) -> _Steps:
    """Return the variables of a generator function that waits for its next value."""
    frame = value.gi_frame
    if frame is None or value.gi_running:
        return []
    return [(".gi_frame.f_locals[{!r}]", name, item) for name, item in list(frame.f_locals.items())]


def _of_partial(value: functools.partial[Any]) -> _Steps:
    # by the class's own descriptors, since a derived class may have attributes of the same names
    read = functools.partial.__dict__
    return [
        (_ATTRIBUTE, "func", read["func"].__get__(value)),
        *((".args[{}]", index, item) for index, item in enumerate(read["args"].__get__(value))),
        *((".keywords[{!r}]", key, item) for key, item in list(read["keywords"].__get__(value).items())),
    ]


def _of_array(value: Any) -> _Steps:  # noqa: ANN401
    if not value.dtype.hasobject or value.dtype.names is not None or value.size > MAX_MEMBERS:
        return []
    return [(".flat[{}]", index, item) for index, item in enumerate(value.ravel().tolist())]


def _in_slot(slot: MemberDescriptorType, value: object) -> object:
    try:
        return slot.__get__(value)
    except AttributeError:  # it was never filled
        return None


_STEPS: dict[int, Callable[[Any], _Steps]] = {
    **{id(kind): _items for kind in _COLLECTIONS},
    id(dict): _of_dict,
    id(FunctionType): _of_function,
    id(MethodType): _of_method,
    id(BuiltinFunctionType): _of_builtin_method,
    id(CellType): _of_cell,
    id(GeneratorType): _of_generator,
}
"""What each type holds that has no attributes of its own, or none that count."""
