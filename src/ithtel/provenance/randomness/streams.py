"""`find_streams`, `rng_state`: the random streams of a process, and the events that hold their states.

In `state` of an `rng.state` event, every integer is a string (some have 128 bits), and an array is an object with one
key, its dtype, whose value is the base64 of its little-endian bytes: `{"uint32": "…"}`.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.events import Json, RngState
from ithtel.provenance.randomness.members import Members
from ithtel.provenance.randomness.numpy_states import (
    bit_generator_of,
    is_bare,
    is_seed_sequence,
    numpy_raw,
    put_numpy,
)
from ithtel.provenance.randomness.python_states import OwnState, mersenne_twister_json, put_python, python_raw
from ithtel.provenance.randomness.state_json import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ithtel.provenance.randomness.members import Found

PYTHON, LEGACY, TORCH = "python", "numpy.legacy", "torch"
_HIDDEN = re.compile(r"_+|_i+|_i?\d+|_[od]h|_ih|In|Out|exit|quit|get_ipython")
_FIRST_OF_HIDDEN = frozenset("_IOeqg")
_PLAIN = frozenset(map(id, (int, float, complex, bool, str, bytes, bytearray, range, slice, type(None))))
"""Types by identity: to hash a class would run code of its metaclass."""


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One stream: its name in the log, and the object that holds it."""

    name: str
    target: Any

    def raw(self) -> Any:  # noqa: ANN401 - each kind of generator has its own form
        """Return the present state as something that compares equal exactly when the states are equal.

        Raises:
            UnreadableStateError: It cannot be recorded.
        """
        if _is_python(self.target):
            return python_raw(self.target)
        if self.name == TORCH:
            return _torch_raw(self.target)
        return numpy_raw(self.target)

    def put(self, state: Json) -> None:
        """Set the stream to `state`, in place."""
        if _is_python(self.target):
            put_python(self.target, state)
        elif self.name == TORCH:
            _put_torch(self.target, state)
        else:
            put_numpy(self.target, state)


def rng_state(stream: str, raw: Any) -> RngState:  # noqa: ANN401
    """Return the event that holds a raw state in full."""
    bit_generator, entropy = "MT19937", None
    if isinstance(raw, tuple):
        state = mersenne_twister_json(raw)
    elif isinstance(raw, OwnState):
        state, bit_generator = raw.state, raw.kind
    else:
        state = encode(raw)
        bit_generator = raw.get("bit_generator", "MT19937")
        entropy = _entropy_text(state.get("seed_sequence"))
    digest = hashlib.sha256(msgspec.json.encode(state, order="sorted")).hexdigest()
    return RngState(stream=stream, bit_generator=bit_generator, state_sha256=digest, entropy=entropy, state=state)


def find_streams(namespace: Mapping[str, object] | None, modules: Mapping[str, ModuleType]) -> list[Stream]:
    """Return every global stream of the process, and those in the variables of `namespace` and their members.

    A generator with several names is one stream, named by the global one first, then by variables, then by members;
    a bit generator by the generator that draws from it, if that is found, too.
    """
    return distinct(_named(namespace or {}, modules), modules)


def distinct(found: Iterable[Stream], modules: Mapping[str, ModuleType]) -> list[Stream]:
    """Return every global stream of the process, then those in `found`, each generator under its first name."""
    streams = [Stream(name=PYTHON, target=random)]
    legacy = legacy_generator(modules)
    if legacy is not None:
        streams.append(Stream(name=LEGACY, target=legacy))
    torch = modules.get("torch")
    if hasattr(torch, "get_rng_state"):
        streams.append(Stream(name=TORCH, target=torch))
    seen = {id(getattr(random, "_inst", None)), id(getattr(legacy, "_bit_generator", None))}
    for stream in sorted(found, key=lambda stream: is_bare(stream.target)):
        identity = id(_identity(stream.target))
        if identity not in seen:
            seen.add(identity)
            streams.append(stream)
    return streams


def legacy_generator(modules: Mapping[str, ModuleType]) -> Any:  # noqa: ANN401 - NumPy may not be loaded
    """Return NumPy's global RandomState, None if NumPy is not loaded."""
    return getattr(modules.get("numpy.random.mtrand"), "_rand", None)


def same_source(one: object, other: object) -> bool:
    """Return whether two generators draw from the same stream."""
    return _identity(one) is _identity(other)


def _named(namespace: Mapping[str, object], modules: Mapping[str, ModuleType]) -> Iterator[Stream]:
    members = Members(stream_types(modules), modules)
    holders = {}
    for name, value in list(namespace.items()):
        if not may_be_one(name, value):
            continue
        if issubclass(type(value), members.kinds):
            yield stream_of(name, value)
        if not any(type(value) is kind for kind in members.kinds):
            holders[name] = members.look(value).found
    yield from named_members(holders.items())


def named_members(holders: Iterable[tuple[str, Found]]) -> Iterator[Stream]:
    """Yield the streams among the members of variables, those that are fewer steps away first."""
    found = [(depth, name, place, inner) for name, found in holders for place, inner, depth in found]
    for _, name, place, inner in sorted(found, key=lambda each: each[0]):
        yield stream_of(f"{name}{place}", inner)


def may_be_one(name: str, value: object) -> bool:
    """Return whether a variable may be a generator or hold one; IPython's own variables do not count."""
    return id(type(value)) not in _PLAIN and not (name[:1] in _FIRST_OF_HIDDEN and _HIDDEN.fullmatch(name))


def generator_types(modules: Mapping[str, ModuleType]) -> tuple[type, ...]:
    """Return the classes of random generators: Python's, and NumPy's if it is loaded."""
    numpy_random = modules.get("numpy.random")
    names = ("Generator", "RandomState")
    return (random.Random, *(getattr(numpy_random, name) for name in names if hasattr(numpy_random, name)))


def stream_types(modules: Mapping[str, ModuleType]) -> tuple[type, ...]:
    """Return the classes of generators, and of what they are made of: bit generators and SeedSequences."""
    numpy_random = modules.get("numpy.random")
    names = ("BitGenerator", "SeedSequence")
    return (*generator_types(modules), *(getattr(numpy_random, name) for name in names if hasattr(numpy_random, name)))


def stream_of(name: str, value: object) -> Stream:
    """Return the stream of a generator in a variable or a member of one."""
    return Stream(name=f"{'python' if _is_python(value) else 'numpy'}:{name}", target=value)


def _is_python(target: object) -> bool:
    return target is random or issubclass(type(target), random.Random)


def _identity(target: Any) -> Any:  # noqa: ANN401
    if target is random:
        return getattr(random, "_inst", random)
    if issubclass(type(target), ModuleType) or _is_python(target) or is_seed_sequence(target):
        return target
    try:
        return bit_generator_of(target)
    except Exception:  # noqa: BLE001 - a class of the user may fail in any way
        return target


def _torch_raw(torch: Any) -> dict[str, Any]:  # noqa: ANN401
    raw: dict[str, Any] = {"cpu": ("uint8", bytes(torch.get_rng_state().tolist()))}
    cuda = getattr(torch, "cuda", None)
    if cuda is not None and cuda.is_initialized():
        raw["cuda"] = [("uint8", bytes(state.tolist())) for state in cuda.get_rng_state_all()]
    return raw


def _put_torch(torch: Any, state: Json) -> None:  # noqa: ANN401
    def tensor(packed: dict[str, str]) -> Any:  # noqa: ANN401
        return torch.tensor(list(base64.b64decode(packed["uint8"])), dtype=torch.uint8)

    torch.set_rng_state(tensor(state["cpu"]))
    if "cuda" in state:
        torch.cuda.set_rng_state_all([tensor(packed) for packed in state["cuda"]])


def _entropy_text(sequence: Json | None) -> str | None:
    entropy = sequence["entropy"] if sequence else None
    return f"[{', '.join(entropy)}]" if isinstance(entropy, list) else entropy
