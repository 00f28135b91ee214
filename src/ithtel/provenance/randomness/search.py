"""`StreamSearch`: the random streams of a notebook's variables, found again without a walk through all of them."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, Any

from ithtel.provenance.memory import memory_of
from ithtel.provenance.randomness.members import Members
from ithtel.provenance.randomness.streams import bit_generator_of, distinct, generator_types, may_be_one, stream_of
from ithtel.provenance.user_code import is_own_class, modules_behind

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping
    from types import ModuleType

    from ithtel.provenance.randomness.streams import Stream

    Found = list[tuple[str, object]]

LOOK_MS = 0.002
"""What it takes to look into one variable."""
_CONTAINERS = (list, tuple, dict, type, type(sys))
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
        self._generators: dict[str, object] = {}
        self._members: dict[str, Found] = {}
        self._index = _Index()
        self._behind: dict[str, dict[str, ModuleType]] = {}
        self._of_modules: dict[str, Found] = {}
        self._order: list[str] = []
        self._is_sorted = True

    @property
    def cost_ms(self) -> float:
        """About how long it takes to look into all variables."""
        return len(self._index) * LOOK_MS

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
        kinds = generator_types(self._modules)
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
            self._look(members, self._members, name, variables.get(name))
        self._look_behind(members, reached)
        if not self._is_sorted:
            self._is_sorted = True
            self._order = [name for name in names if name in self._generators or name in self._members]

    def streams(self) -> list[Stream]:
        """Return the global streams, and those that are known to be in variables and in the user's own modules."""
        return distinct(self._named(), self._modules)

    def _named(self) -> Iterator[Stream]:
        for name in self._order:
            if name in self._generators:
                yield stream_of(name, self._generators[name])
        of_modules = [(name, self._of_modules[name]) for name in sorted(self._of_modules)]
        of_variables = [(name, self._members[name]) for name in self._order if name in self._members]
        for name, found in (*of_variables, *of_modules):
            for place, inner in found:
                yield stream_of(f"{name}{place}", inner)

    def _add(self, name: str, value: object) -> None:
        behind = modules_behind({name: value}, self._modules)
        if behind:
            self._behind[name] = behind
        if not may_be_one(name, value):
            return
        if issubclass(type(value), self._kinds):
            self._generators[name] = value
            self._is_sorted = False
        else:
            self._index.add(name, value, self._modules)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._behind.pop(name, None)
            self._index.remove(name)
            for found in (self._generators, self._members):
                if found.pop(name, None) is not None:
                    self._is_sorted = False

    def _look(self, members: Members, into: dict[str, Found], name: str, value: object) -> None:
        try:
            found = members.of(value)
        except Exception:  # noqa: BLE001 - a user's object may fail in any way
            found = []
        if bool(found) != (name in into):
            self._is_sorted = False
        if found:
            into[name] = found
        else:
            into.pop(name, None)

    def _look_behind(self, members: Members, reached: Container[int] | None) -> None:
        """Look into the user's own modules from which functions and classes of the notebook come."""
        modules = {name: module for behind in self._behind.values() for name, module in behind.items()}
        for name in self._of_modules.keys() - modules.keys():
            del self._of_modules[name]
        for name, module in modules.items():
            is_due = reached is None or id(module) in reached or id(vars(module)) in reached
            if is_due or name not in self._of_modules:
                self._of_modules[name] = members.of(module)


class _Index:
    """The variables that may hold generators, by the identity of the value, and instances by that of their class."""

    def __init__(self) -> None:
        self._identities: dict[str, tuple[int, int]] = {}
        self._at: dict[int, set[str]] = {}
        self._instances: dict[int, set[str]] = {}
        self._shared: dict[int, list[tuple[str, int]]] = {}
        self._new: set[str] = set()

    def __len__(self) -> int:
        return len(self._identities)

    def names(self) -> list[str]:
        """Return the names of all."""
        self._new.clear()
        return list(self._identities)

    def add(self, name: str, value: object, modules: Mapping[str, ModuleType]) -> None:
        """Add a variable, unless no object of its type can hold anything."""
        kind = type(value)
        if not (issubclass(kind, _CONTAINERS) or kind.__dictoffset__ or kind.__flags__ & _HEAP_TYPE):
            return
        inner = id(vars(value)) if issubclass(kind, type(sys)) else id(value)
        self._identities[name] = id(value), inner
        for identity in (id(value), inner):
            self._at.setdefault(identity, set()).add(name)
        if is_own_class(kind, modules):
            self._instances.setdefault(id(kind), set()).add(name)
        self._new.add(name)

    def remove(self, name: str) -> None:
        """Remove a variable."""
        identities = self._identities.pop(name, None)
        if identities is None:
            return
        self._new.discard(name)
        for identity in set(identities):
            self._at[identity].discard(name)
            if not self._at[identity]:
                del self._at[identity]
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
