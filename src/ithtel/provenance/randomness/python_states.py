"""`python_raw`, `put_python`: the state of a `random.Random`, also of a class with its own state.

A class may keep any state: `getstate` may return a number, a text or a dict. It is recorded if it consists of Python's
plain values and arrays. In JSON each value of such a state says what it is: `{"int": "5"}`, `{"tuple": […]}`.
"""

from __future__ import annotations

import base64
import random
import struct
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.provenance.randomness.state_json import UnreadableStateError
from ithtel.provenance.user_code import dict_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.events import Json

N_WORDS = 625
MAX_VALUES = 5000
"""A state of more values than this is not recorded."""
_PARTS = 3
_OF_PYTHON = frozenset(random.Random.__mro__)


class OwnState(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a generator that does not keep the state of `random.Random`, already as JSON."""

    kind: str
    state: Json


def python_raw(target: Any) -> Any:  # noqa: ANN401
    """Return the state of a `random.Random`, or of the module `random`, in a form that compares with `==`.

    Raises:
        UnreadableStateError: Its class keeps a state that cannot be recorded.
    """
    if target is random or type(target) is random.Random:
        return target.getstate()
    attributes = _own_attributes(target)
    packed: dict[str, Json] = {}
    try:
        state = target.getstate()
    except NotImplementedError as error:
        raise UnreadableStateError(f"a {type(target).__name__} has no state") from error
    except AttributeError:  # Python's own getstate, of a class that did not call its __init__
        if attributes is None:
            raise
    else:
        if attributes is None and _is_mersenne_twister(state):
            return state
        packed["own"] = _Packing().pack(state)
    if attributes is not None:
        packed["attributes"] = _Packing().pack(attributes)
    return OwnState(kind=type(target).__name__, state=packed)


def mersenne_twister_json(raw: tuple[Any, ...]) -> Json:
    """Return the state of a Mersenne Twister as JSON."""
    version, words, gauss_next = raw
    packed = base64.b64encode(struct.pack(f"<{len(words) - 1}I", *words[:-1])).decode()
    return {
        "version": str(version),
        "key": {"uint32": packed},
        "position": str(words[-1]),
        "gauss_next": gauss_next,
    }


def put_python(target: Any, state: Json) -> None:  # noqa: ANN401
    """Set a `random.Random`, or the module `random`, to a state, in place."""
    if "key" in state:
        packed = base64.b64decode(state["key"]["uint32"])
        words = struct.unpack(f"<{len(packed) // 4}I", packed)
        target.setstate((int(state["version"]), (*words, int(state["position"])), state["gauss_next"]))
        return
    if "own" in state:
        target.setstate(unpacked(state["own"]))
    if "attributes" in state:
        kept = object.__getattribute__(target, "__dict__")
        wanted = unpacked(state["attributes"])
        for name in [name for name in kept if name not in wanted and not _is_apart(name, kept[name])]:
            del kept[name]
        kept.update(wanted)


def _is_mersenne_twister(state: Any) -> bool:  # noqa: ANN401
    """Return whether a state is one that `random.Random` itself gives."""
    if type(state) is not tuple or len(state) != _PARTS or type(state[0]) is not int:
        return False
    words, gauss_next = state[1:]
    is_row = type(words) is tuple and len(words) == N_WORDS and set(map(type, words)) == {int}
    return is_row and min(words) >= 0 and max(words) < 1 << 32 and (gauss_next is None or type(gauss_next) is float)


def _own_attributes(target: Any) -> dict[str, object] | None:  # noqa: ANN401
    """Return the attributes of a generator that draws its own numbers, but whose `getstate` is that of Python."""
    kind = type(target)
    draws = {_defined_by(kind, name) for name in ("random", "getrandbits")}
    if _defined_by(kind, "getstate") is not random.Random or draws <= _OF_PYTHON:
        return None
    found = object.__getattribute__(target, "__dict__")
    return {name: value for name, value in list(found.items()) if not _is_apart(name, value)}


def _is_apart(name: str, value: object) -> bool:
    """Return whether an attribute is recorded elsewhere: a generator is a stream by itself."""
    numpy_random: Any = sys.modules.get("numpy.random")
    kinds = [getattr(numpy_random, kind, random.Random) for kind in ("Generator", "RandomState", "BitGenerator")]
    return name == "gauss_next" or issubclass(type(value), (random.Random, *kinds))


def _defined_by(kind: type, name: str) -> type | None:
    bases: tuple[type, ...] = type.__getattribute__(kind, "__mro__")
    return next((base for base in bases if name in dict_of(base)), None)


class _Packing:
    """Turns plain values into JSON from which the very same values can be made."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def pack(self, value: Any) -> Any:  # noqa: ANN401
        self._left -= 1
        if self._left < 0:
            raise UnreadableStateError(f"its state has more than {MAX_VALUES} values")
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind in (int, float):
            return {kind.__name__: str(value) if kind is int else value.hex()}
        if kind in (bytes, bytearray):
            return {kind.__name__: base64.b64encode(value).decode()}
        if kind in (list, tuple, set, frozenset):
            items = value if kind in (list, tuple) else sorted(value, key=repr)
            return {kind.__name__: [self.pack(item) for item in items]}
        if kind is dict:
            return {"dict": [[self.pack(key), self.pack(item)] for key, item in value.items()]}
        if kind.__module__ == "numpy" and getattr(getattr(value, "dtype", None), "kind", "O") in "biuf":
            content = base64.b64encode(value.tobytes()).decode()
            is_number = issubclass(kind, sys.modules["numpy"].generic)
            return {"numpy": [value.dtype.str, None if is_number else [str(n) for n in value.shape], content]}
        raise UnreadableStateError(f"its state holds an object of type {kind.__name__}")


def unpacked(packed: Any) -> Any:  # noqa: ANN401
    """Return the value that packed JSON stands for.

    >>> unpacked({"tuple": [{"int": "5"}, "x", None]})
    (5, 'x', None)
    """
    if not isinstance(packed, dict):
        return packed
    kind, value = next(iter(packed.items()))
    return _UNPACK[kind](value)


def _of_numpy(value: list[Any]) -> Any:  # noqa: ANN401
    dtype, shape, content = value
    row = sys.modules["numpy"].frombuffer(base64.b64decode(content), dtype=dtype).copy()
    return row[0] if shape is None else row.reshape([int(length) for length in shape])


_UNPACK: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "float": float.fromhex,
    "bytes": base64.b64decode,
    "bytearray": lambda value: bytearray(base64.b64decode(value)),
    "list": lambda value: [unpacked(item) for item in value],
    "tuple": lambda value: tuple(unpacked(item) for item in value),
    "set": lambda value: {unpacked(item) for item in value},
    "frozenset": lambda value: frozenset(unpacked(item) for item in value),
    "dict": lambda value: {unpacked(key): unpacked(item) for key, item in value},
    "numpy": _of_numpy,
}
