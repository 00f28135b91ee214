"""`StreamSearch`: the random streams of a notebook's variables, found again without a walk through all of them."""

from __future__ import annotations

import contextlib
import random
import sys
from collections import deque
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from ithtel.provenance.memory import memory_of
from ithtel.provenance.randomness.members import MAX_MEMBERS, Members
from ithtel.provenance.randomness.numpy_states import bit_generator_of
from ithtel.provenance.randomness.streams import (
    distinct,
    may_be_one,
    named_members,
    stream_of,
    stream_types,
)
from ithtel.provenance.user_code import is_own_class, is_own_file, modules_behind

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping

    from ithtel.provenance.randomness.members import Found
    from ithtel.provenance.randomness.streams import Stream

LOOK_MS = 0.004
"""What it takes to look into one object: 8 µs for a list with a list inside."""
N_STREAM_TYPES = 5
"""How many classes `stream_types` finds once NumPy is imported to its end."""
_CONTAINERS = (list, tuple, dict, deque, set, frozenset, type, ModuleType, MethodType, GeneratorType)
_HEAP_TYPE = 1 << 9
"""The bit of a class's `__flags__` by which CPython marks those that are made at run time."""


class StreamSearch:
    """Remembers which variables are or hold random generators, and looks again at those that may have changed.

    Args:
        modules: The loaded modules; `sys.modules` unless given.

    >>> import random
    >>> search = StreamSearch({})
    >>> search.update({"box": []}, ["box"])
    >>> [stream.name for stream in search.streams()]
    ['python']
    """

    def __init__(self, modules: Mapping[str, ModuleType] | None = None) -> None:
        self._modules = sys.modules if modules is None else modules
        self._kinds: tuple[type, ...] = ()
        self._numpy_random: ModuleType | None = None
        self._generators: dict[str, object] = {}
        self._members: dict[str, Found] = {}
        self._index = _Index()
        self._behind: dict[str, dict[str, ModuleType]] = {}
        self._of_modules: dict[str, Found] = {}
        self._too_long: dict[str, list[str]] = {}
        self._order: list[str] = []
        self._is_sorted = True

    @property
    def cost_ms(self) -> float:
        """About how long it takes to look into all variables."""
        return self._index.n_objects * LOOK_MS

    @property
    def too_long(self) -> dict[str, str]:
        """The streams that are not recorded, since a variable holds too many: name → reason."""
        return {
            stream_of(f"{name}{place}", None).name: f"only collections of at most {MAX_MEMBERS} generators are recorded"
            for name, places in self._too_long.items()
            for place in places
        }

    def update(
        self,
        variables: Mapping[str, object],
        names: Collection[str],
        bound: Iterable[str] | None = None,
        reached: set[int] | None = None,
        gone: Iterable[str] = (),
    ) -> None:
        """Look again.

        Args:
            variables: The namespace.
            names: The names of the user's variables in it.
            bound: Names that are new or were bound again; None to look at everything.
            reached: Identities of objects that may have changed in place; None if it may be any.
            gone: Names that no longer exist.
        """
        kinds = self._stream_types()
        if kinds != self._kinds:  # NumPy has been imported
            self._kinds, bound = kinds, None
        members = Members(kinds, self._modules)
        if bound is None:
            self._forget([*self._generators, *self._index.names()])
            bound = names
        self._forget(gone)
        for name in bound:
            self._forget([name])
            if name in names and name in variables:
                self._add(name, variables[name])
        due = self._index.names() if reached is None else self._index.names_of(reached, variables, members)
        for name in due:
            self._look(members, name, variables.get(name))
        self._look_behind(members, reached)
        if not self._is_sorted:
            self._is_sorted = True
            self._order = [name for name in names if name in self._generators or name in self._members]

    def _stream_types(self) -> tuple[type, ...]:
        """Return the classes of generators; they are looked up again until NumPy is imported to its end."""
        numpy_random = self._modules.get("numpy.random")
        if numpy_random is not None and numpy_random is self._numpy_random:
            return self._kinds
        kinds = stream_types(self._modules)
        is_whole = numpy_random is not None and len(kinds) == N_STREAM_TYPES
        self._numpy_random = numpy_random if is_whole else None
        return kinds

    def streams(self) -> list[Stream]:
        """Return the global streams, and those that are known to be in variables and in the user's own modules."""
        return distinct(self._named(), self._modules)

    def _named(self) -> Iterator[Stream]:
        for name in self._order:
            if name in self._generators:
                yield stream_of(name, self._generators[name])
        of_variables = [(name, self._members[name]) for name in self._order if name in self._members]
        yield from named_members(
            [*of_variables, *((name, self._of_modules[name]) for name in sorted(self._of_modules))]
        )

    def _add(self, name: str, value: object) -> None:
        with contextlib.suppress(Exception):  # a user's metaclass may fail in any way
            self._add_one(name, value)

    def _add_one(self, name: str, value: object) -> None:
        behind = modules_behind({name: value}, self._modules)
        if behind:
            self._behind[name] = behind
        if not may_be_one(name, value):
            return
        if issubclass(type(value), self._kinds):
            self._generators[name] = value
            self._is_sorted = False
        if not any(type(value) is kind for kind in self._kinds):
            self._index.add(name, value, self._modules)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._behind.pop(name, None)
            self._too_long.pop(name, None)
            self._index.remove(name)
            for found in (self._generators, self._members):
                if found.pop(name, None) is not None:
                    self._is_sorted = False

    def _look(self, members: Members, name: str, value: object) -> None:
        found, inside, too_long = members.look(value)
        self._index.look(name, inside)
        self._too_long.pop(name, None)
        if too_long:
            self._too_long[name] = too_long
        if bool(found) != (name in self._members):
            self._is_sorted = False
        if found:
            self._members[name] = found
        else:
            self._members.pop(name, None)

    def _look_behind(self, members: Members, reached: Container[int] | None) -> None:
        """Look into the user's own modules from which functions and classes of the notebook come."""
        modules = {name: module for behind in self._behind.values() for name, module in behind.items()}
        for name in self._of_modules.keys() - modules.keys():
            del self._of_modules[name]
        for name, module in modules.items():
            is_due = reached is None or id(module) in reached or id(vars(module)) in reached
            if is_due or name not in self._of_modules:
                self._of_modules[name] = members.look(module).found


class _Index:
    """The variables that may hold generators, by the identity of the value, and instances by that of their class."""

    def __init__(self) -> None:
        self._identities: dict[str, frozenset[int]] = {}
        self._at: dict[int, set[str]] = {}
        self._instances: dict[int, set[str]] = {}
        self._shared: dict[int, list[tuple[str, int]]] = {}
        self._new: set[str] = set()
        self.n_objects = 0
        """How many objects are looked into to look into all variables."""

    def names(self) -> list[str]:
        """Return the names of all."""
        self._new.clear()
        self._shared.clear()  # what classes share is compared with what is seen now, not with what was seen before
        return list(self._identities)

    def add(self, name: str, value: object, modules: Mapping[str, ModuleType]) -> None:
        """Add a variable, unless no object of its type can hold anything."""
        kind = type(value)
        if not _may_hold(kind, value):
            return
        self._place(name, {id(value)})
        if is_own_class(kind, modules):
            self._instances.setdefault(id(kind), set()).add(name)
        self._new.add(name)

    def look(self, name: str, inside: Iterable[int]) -> None:
        """Remember which objects lie behind a variable: if one of them changes, it is looked into again."""
        if name in self._identities:
            self._place(name, inside)

    def _place(self, name: str, identities: Iterable[int]) -> None:
        new, old = frozenset(identities), self._identities.get(name, frozenset())
        if new == old:
            return
        self._identities[name] = new
        self.n_objects += len(new) - len(old)
        for identity in new - old:
            self._at.setdefault(identity, set()).add(name)
        for identity in old - new:
            self._at[identity].discard(name)
            if not self._at[identity]:
                del self._at[identity]

    def remove(self, name: str) -> None:
        """Remove a variable."""
        if name not in self._identities:
            return
        self._new.discard(name)
        self._place(name, ())
        del self._identities[name]
        for identity in [identity for identity, names in self._instances.items() if name in names]:
            self._instances[identity].discard(name)
            if not self._instances[identity]:
                del self._instances[identity]
                self._shared.pop(identity, None)

    def names_of(self, reached: set[int], variables: Mapping[str, object], members: Members) -> list[str]:
        """Return the names whose values may have changed: new ones, those reached, and those whose class changed."""
        due = set(self._new)
        self._new.clear()
        for identity in reached & self._at.keys():
            due |= self._at[identity]
        for identity, names in self._instances.items():
            kind = type(variables.get(next(iter(names))))
            shared = [(key, id(item)) for key, item in members.shared(kind).items()]
            if self._shared.get(identity) != shared:
                self._shared[identity] = shared
                due |= names
        return [name for name in due if name in variables]


def _may_hold(kind: type, value: Any) -> bool:  # noqa: ANN401
    """Return whether there may be a generator behind a variable."""
    if kind is BuiltinFunctionType:
        return type(value.__self__) not in (ModuleType, type(None))
    if kind is FunctionType:
        is_plain = not (value.__closure__ or value.__defaults__ or value.__kwdefaults__ or value.__dict__)
        return not is_plain or is_own_file(value.__globals__.get("__file__")) or "__file__" not in value.__globals__
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind is numpy.ndarray:
        return bool(value.dtype.hasobject)
    return bool(issubclass(kind, _CONTAINERS) or kind.__dictoffset__ or kind.__flags__ & _HEAP_TYPE)


class StateReader:
    """Reads the states of streams; that of a Mersenne Twister only if its memory has changed: NumPy takes 0.1 ms."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, tuple[object, ...], Any]] = {}

    def read(self, stream: Stream) -> Any:  # noqa: ANN401 - each kind of generator has its own form
        """Return the raw state of a stream."""
        memory = _memory(stream.target)
        if memory is None:
            return stream.raw()
        known = self._known.get(id(stream.target))
        if known is not None and known[0] is stream.target and known[1] == memory:
            return known[2]
        raw = stream.raw()
        self._known[id(stream.target)] = stream.target, memory, raw
        return raw

    def keep(self, streams: Iterable[Stream]) -> None:
        """Forget all others."""
        kept = {id(stream.target) for stream in streams}
        self._known = {identity: known for identity, known in self._known.items() if identity in kept}


def _memory(target: Any) -> tuple[object, ...] | None:  # noqa: ANN401
    """Return all memory that holds the state of a Mersenne Twister; None for other generators."""
    if target is random:
        inner = getattr(random, "_inst", None)
        if type(inner) is not random.Random:
            return None
        whole = _whole(inner)
        return (*whole, getattr(inner, "gauss_next", None)) if whole else None
    numpy_random: Any = sys.modules.get("numpy.random")
    if numpy_random is None or type(target) not in (numpy_random.RandomState, numpy_random.Generator):
        return None
    bit_generator = bit_generator_of(target)
    if type(bit_generator) is not numpy_random.MT19937:
        return None
    return _whole(target, bit_generator, getattr(bit_generator, "seed_seq", None)) or None


def _whole(*items: object) -> tuple[bytes, ...]:
    """Return the memory of each; nothing if that of one cannot be read."""
    parts = [memory_of(item) for item in items]
    return tuple(part for part in parts if part is not None) if None not in parts else ()
