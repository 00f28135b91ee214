"""`freeze`, `encode`, `decode`: the states of generators in a form that compares, as JSON, and back.

In JSON every integer is a string, since some have 128 bits. An array is an object with its dtype, whose value is the
base64 of its little-endian bytes; one that is not a row also has its shape.
"""

from __future__ import annotations

import base64
import re
import sys
from typing import Any

from ithtel.errors import InputError

_INTEGER = re.compile(r"-?\d+", re.ASCII)
_DTYPES = frozenset(
    {"bool", "float32", "float64"} | {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
)
MAX_DEPTH = 20
_PAIR, _TRIPLE = 2, 3


class UnreadableStateError(InputError):
    """The state of a generator cannot be recorded; the message says why."""


def freeze(value: Any, depth: int = 0) -> Any:  # noqa: ANN401
    """Return a state with its arrays as bytes, so that two of them compare with `==`.

    Raises:
        UnreadableStateError: It holds something that JSON cannot.

    >>> freeze({"a": (1, 2.0)})
    {'a': [1, 2.0]}
    """
    kind = type(value)
    if value is None or kind in (int, float, bool, str):
        return value
    if depth > MAX_DEPTH:
        raise UnreadableStateError("its state is nested too deeply")
    if issubclass(kind, dict):
        return {_key(key): freeze(item, depth + 1) for key, item in dict.items(value)}
    if issubclass(kind, list | tuple):
        return [freeze(item, depth + 1) for item in value]
    if hasattr(kind, "dtype") and hasattr(kind, "tobytes") and value.dtype.name in _DTYPES:
        return _frozen_array(value)
    raise UnreadableStateError(f"its state holds an object of type {kind.__name__}")


def _key(key: object) -> str:
    if type(key) is not str:
        raise UnreadableStateError(f"its state has a key that is a {type(key).__name__}")
    return key


def _frozen_array(value: Any) -> Any:  # noqa: ANN401
    if not hasattr(value, "setflags") or value.ndim == 0:  # a number
        return value.item()
    content = value.astype(value.dtype.newbyteorder("<"), copy=False).tobytes()
    return (value.dtype.name, content) if value.ndim == 1 else (value.dtype.name, content, value.shape)


def encode(value: Any) -> Any:  # noqa: ANN401
    """Return a frozen state as JSON.

    >>> encode({"position": 7, "key": ("uint32", b"abcd")})
    {'position': '7', 'key': {'uint32': 'YWJjZA=='}}
    """
    match value:
        case dict():
            return {key: encode(item) for key, item in value.items()}
        case list():
            return [encode(item) for item in value]
        case (str(dtype), bytes(content)):
            return {dtype: base64.b64encode(content).decode()}
        case (str(dtype), bytes(content), tuple(shape)):
            return {dtype: base64.b64encode(content).decode(), "shape": [str(length) for length in shape]}
        case int():
            return str(int(value))
        case _:
            return value


def decode(value: Any) -> Any:  # noqa: ANN401
    """Return what JSON stands for, with arrays of NumPy.

    >>> decode({"position": "7", "kept": [None, 0.5]})
    {'position': 7, 'kept': [None, 0.5]}
    """
    match value:
        case dict():
            dtype = next(iter(value), "")
            if dtype in _DTYPES and isinstance(value[dtype], str) and value.keys() <= {dtype, "shape"}:
                return _array(dtype, value[dtype], value.get("shape"))
            return {key: decode(item) for key, item in value.items()}
        case list():
            return [decode(item) for item in value]
        case str() if _INTEGER.fullmatch(value):
            return int(value)
        case _:
            return value


def _array(dtype: str, packed: str, shape: list[str] | None) -> Any:  # noqa: ANN401
    numpy = sys.modules["numpy"]
    little = numpy.frombuffer(base64.b64decode(packed), dtype=numpy.dtype(dtype).newbyteorder("<"))
    row = little.astype(dtype)
    return row if shape is None else row.reshape([int(length) for length in shape])
