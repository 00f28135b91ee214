"""`find_streams`, `rng_state`: the random streams of a process, and their states as JSON and back.

In `state` of an `rng.state` event, every integer is a string (some have 128 bits), and an array is an object with one
key, its dtype, whose value is the base64 of its little-endian bytes: `{"uint32": "…"}`.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
import struct
import sys
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.events import Json, RngState
from ithtel.provenance.randomness.members import Members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PYTHON, LEGACY, TORCH = "python", "numpy.legacy", "torch"
_HIDDEN = re.compile(r"_+|_i+|_i?\d+|_[od]h|_ih|In|Out|exit|quit|get_ipython")
_FIRST_OF_HIDDEN = frozenset("_IOeqg")
_PLAIN = frozenset(
    {int, float, complex, bool, str, bytes, bytearray, range, slice, type(None), set, frozenset}
    | {FunctionType, BuiltinFunctionType, MethodType}
)


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One stream: its name in the log, and the object that holds it."""

    name: str
    target: Any

    def raw(self) -> Any:  # noqa: ANN401 - each kind of generator has its own form
        """Return the present state as something that compares equal exactly when the states are equal."""
        if isinstance(self.target, random.Random) or self.target is random:
            return self.target.getstate()
        if self.name == TORCH:
            return _torch_raw(self.target)
        return numpy_raw(self.target)

    def put(self, state: Json) -> None:
        """Set the stream to `state`, in place."""
        if isinstance(self.target, random.Random) or self.target is random:
            self.target.setstate(_python_state(state))
        elif self.name == TORCH:
            _put_torch(self.target, state)
        else:
            _put_numpy(self.target, state)


def rng_state(stream: str, raw: Any) -> RngState:  # noqa: ANN401
    """Return the event that holds a raw state in full."""
    if isinstance(raw, tuple):
        version, words, gauss_next = raw
        packed = base64.b64encode(struct.pack(f"<{len(words) - 1}I", *words[:-1])).decode()
        state = {
            "version": str(version),
            "key": {"uint32": packed},
            "position": str(words[-1]),
            "gauss_next": gauss_next,
        }
        bit_generator, entropy = "MT19937", None
    else:
        state = _encode(raw)
        bit_generator = raw.get("bit_generator", "MT19937")
        entropy = _entropy_text(state.get("seed_sequence"))
    digest = hashlib.sha256(msgspec.json.encode(state, order="sorted")).hexdigest()
    return RngState(stream=stream, bit_generator=bit_generator, state_sha256=digest, entropy=entropy, state=state)


def find_streams(namespace: Mapping[str, object] | None, modules: Mapping[str, ModuleType]) -> list[Stream]:
    """Return every global stream of the process, and those in the variables of `namespace` and their members.

    A generator with several names is one stream, named by the global one first, then by variables, then by members.
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
    for stream in found:
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
    members = Members(generator_types(modules), modules)
    holders = []
    for name, value in list(namespace.items()):
        if not may_be_one(name, value):
            continue
        if issubclass(type(value), members.kinds):
            yield stream_of(name, value)
        else:
            holders.append((name, value))
    for name, value in holders:
        for place, inner in members.of(value):
            yield stream_of(f"{name}{place}", inner)


def may_be_one(name: str, value: object) -> bool:
    """Return whether a variable may be a generator or hold one; IPython's own variables do not count."""
    return type(value) not in _PLAIN and not (name[:1] in _FIRST_OF_HIDDEN and _HIDDEN.fullmatch(name))


def generator_types(modules: Mapping[str, ModuleType]) -> tuple[type, ...]:
    """Return the classes of random generators: Python's, and NumPy's if it is loaded."""
    numpy_random = modules.get("numpy.random")
    names = ("Generator", "RandomState")
    return (random.Random, *(getattr(numpy_random, name) for name in names if hasattr(numpy_random, name)))


def stream_of(name: str, value: object) -> Stream:
    """Return the stream of a generator in a variable or a member of one."""
    return Stream(name=f"{'python' if isinstance(value, random.Random) else 'numpy'}:{name}", target=value)


def _identity(target: Any) -> Any:  # noqa: ANN401
    if target is random:
        return getattr(random, "_inst", random)
    return target if isinstance(target, random.Random | ModuleType) else bit_generator_of(target)


def bit_generator_of(target: Any) -> Any:  # noqa: ANN401
    """Return the bit generator of a Generator or a RandomState."""
    return target._bit_generator if hasattr(target, "_bit_generator") else target.bit_generator  # noqa: SLF001


def numpy_raw(target: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the state of a NumPy generator in a form that compares with `==`."""
    bit_generator = bit_generator_of(target)
    legacy = hasattr(target, "get_state")
    state = target.get_state(legacy=False) if legacy else bit_generator.state
    raw: dict[str, Any] = _freeze(state)
    raw["generator"] = "RandomState" if legacy else "Generator"
    sequence: Any = getattr(bit_generator, "seed_seq", None)
    if hasattr(sequence, "n_children_spawned"):
        entropy = sequence.entropy
        raw["seed_sequence"] = {
            "entropy": entropy if isinstance(entropy, int | None) else [int(word) for word in entropy],
            "spawn_key": [int(key) for key in sequence.spawn_key],
            "pool_size": int(sequence.pool_size),
            "n_children_spawned": int(sequence.n_children_spawned),
        }
    return raw


def _put_numpy(target: Any, state: Json) -> None:  # noqa: ANN401
    decoded = _decode(state)
    sequence = decoded.pop("seed_sequence", None)
    decoded.pop("generator", None)
    if hasattr(target, "set_state"):
        target.set_state(decoded)
    else:
        target.bit_generator.state = decoded
    bit_generator = bit_generator_of(target)
    if sequence is not None and hasattr(bit_generator, "seed_seq"):
        # `state` does not include where the next spawn() continues; pickling restores both, and so does this
        kind = sys.modules["numpy"].random.SeedSequence
        bit_generator.__setstate__((bit_generator.state, kind(**sequence)))


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


def _python_state(state: Json) -> tuple[int, tuple[int, ...], float | None]:
    packed = base64.b64decode(state["key"]["uint32"])
    words = struct.unpack(f"<{len(packed) // 4}I", packed)
    return int(state["version"]), (*words, int(state["position"])), state["gauss_next"]


def _entropy_text(sequence: Json | None) -> str | None:
    entropy = sequence["entropy"] if sequence else None
    return f"[{', '.join(entropy)}]" if isinstance(entropy, list) else entropy


def _freeze(value: Any) -> Any:  # noqa: ANN401
    """Return a state with its arrays as bytes, so that two of them compare with `==`."""
    if isinstance(value, dict):
        return {key: _freeze(item) for key, item in value.items()}
    if hasattr(value, "dtype") and hasattr(value, "tobytes"):
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        return (value.dtype.name, little.tobytes())
    return value


def _encode(value: Any) -> Any:  # noqa: ANN401
    match value:
        case dict():
            return {key: _encode(item) for key, item in value.items()}
        case list():
            return [_encode(item) for item in value]
        case (str(dtype), bytes(content)):
            return {dtype: base64.b64encode(content).decode()}
        case int():
            return str(int(value))
        case _:
            return value


def _decode(value: Any) -> Any:  # noqa: ANN401
    match value:
        case {"uint32": packed} | {"uint64": packed}:
            dtype = next(iter(value))
            numpy = sys.modules["numpy"]
            little = numpy.frombuffer(base64.b64decode(packed), dtype=numpy.dtype(dtype).newbyteorder("<"))
            return little.astype(dtype)
        case dict():
            return {key: _decode(item) for key, item in value.items()}
        case list():
            return [_decode(item) for item in value]
        case str() if value.isdecimal():
            return int(value)
        case _:
            return value
