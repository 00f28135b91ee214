"""`hidden_streams`: find the random generators of a process that no variable leads to, and name their owners."""

from __future__ import annotations

import contextlib
import gc
import random
import sys
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from ithtel.provenance.randomness.entropy_requests import Request
from ithtel.provenance.randomness.numpy_states import numpy_raw
from ithtel.provenance.randomness.streams import Stream, find_streams, generator_types, same_source

if TYPE_CHECKING:
    from collections.abc import Mapping

_INFRASTRUCTURE = frozenset(
    {"tempfile", "random", "IPython", "ipykernel", "tornado", "zmq", "jupyter_client", "asyncio", "ithtel", "uuid"}
)
"""Packages whose generators only name files and connections."""


def hidden_streams(namespace: Mapping[str, Any]) -> list[Stream]:
    """Return the generators that live in this process and that no variable leads to, named after their owners.

    A generator that a module keeps is hidden, even in a module of the user: no seed in a notebook reaches it.

    >>> hidden_streams({}) == hidden_streams({})
    True
    """
    kinds = _exact_generator_types()
    variables = {name: value for name, value in namespace.items() if not isinstance(value, ModuleType)}
    known = [stream.target for stream in find_streams(variables, sys.modules)]
    candidates = [each for each in gc.get_objects() if type(each) in kinds]
    found = []
    for candidate in candidates:
        if any(same_source(candidate, target) for target in known):
            continue
        owner = _owner(candidate)
        if owner is not None and not is_infrastructure(owner):
            found.append(Stream(name=owner, target=candidate))
    return found


def is_infrastructure(owner: str) -> bool:
    """Return whether the random numbers of an owner cannot affect results.

    >>> is_infrastructure("tempfile._RandomNameSequence"), is_infrastructure("model.noise")
    (True, False)
    """
    return owner.partition(".")[0] in _INFRASTRUCTURE


def live_entropies() -> set[int | None]:
    """Return the entropy of each NumPy generator that lives in this process."""
    kinds = _exact_generator_types() - {random.Random}
    numbers: set[int | None] = set()
    for each in gc.get_objects():
        if type(each) in kinds:
            with contextlib.suppress(Exception):  # a third-party bit generator may fail
                numbers.add(entropy_of(numpy_raw(each)))
    return numbers


def entropy_of(raw: dict[str, Any]) -> int | None:
    """Return the entropy that a NumPy generator descends from, None if its state does not show it."""
    number = raw.get("seed_sequence", {}).get("entropy")
    return number if isinstance(number, int) else None


def is_dropped(generator: random.Random) -> bool:
    """Return whether only the watch still holds a generator."""
    return all(isinstance(holder, Request | FrameType) for holder in gc.get_referrers(generator))


def _exact_generator_types() -> frozenset[type]:
    return frozenset(generator_types(sys.modules))


def _owner(generator: object) -> str | None:
    """Return what holds a generator: `package.module.name`, else an attribute of an object, else its type."""
    modules = {id(vars(module)): module.__name__ for module in list(sys.modules.values()) if _has_dict(module)}
    found = []
    for holder in gc.get_referrers(generator):
        if isinstance(holder, dict):
            name = next((key for key, value in list(holder.items()) if value is generator), None)
            if id(holder) in modules and modules[id(holder)] != "__main__":
                return f"{modules[id(holder)]}.{name}"
            found += [f"{_kind(each)}.{name}" for each in gc.get_referrers(holder) if _is_dict_of(holder, each)]
        elif not isinstance(holder, list | tuple | FrameType):
            found.append(_kind(holder))
    return next((owner for owner in found if not owner.startswith(("ithtel.", "builtins.", "numpy.random."))), None)


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _is_dict_of(holder: dict[Any, Any], instance: object) -> bool:
    return not isinstance(instance, ModuleType) and getattr(instance, "__dict__", None) is holder


def _has_dict(module: object) -> bool:
    return isinstance(getattr(module, "__dict__", None), dict)
