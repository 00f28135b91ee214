"""`to_json_value`, `canonical_digest`, `encode_text`: Python values in JSON, with a tagged form for what JSON lacks.

A value without a JSON form becomes an object with one key that starts with `$`:

| Python | JSON |
|---|---|
| `nan`, `inf`, `-inf` | `{"$float": "nan"}`, `{"$float": "inf"}`, `{"$float": "-inf"}` |
| `complex` | `{"$complex": [1.0, 2.0]}` |
| `Decimal` | `{"$decimal": "1.50"}` |
| `datetime`, `date`, `time` | `{"$datetime": "2026-01-25T14:30:52"}`, `{"$date": …}`, `{"$time": …}` |
| `timedelta` | `{"$timedelta_us": 1500000}` |
| `numpy.datetime64`, `timedelta64` | `{"$datetime64": ["2026-01-25", "D"]}`, `{"$timedelta64": [5, "s"]}` |
| `bytes` | `{"$bytes": "base64"}` |
| `Path` | `{"$path": "data/nav.csv"}` |
| `UUID` | `{"$uuid": "…"}` |
| `set`, `frozenset` | `{"$set": [sorted by their JSON]}` |
| an integer beyond 64 bits | `{"$int": "…"}` |
| an array | `{"$array": [dtype, shape, first 100 values]}` |
| a dict whose keys are not all text | `{"$dict": [[key, value], …]}` |
| anything else | `{"$object": ["module.Type", repr cut to 1 000 characters]}` |
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
import math
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, get_args
from uuid import UUID

import msgspec

from ithtel.events.base import Event, event_type

MAX_DEPTH = 20
MAX_REPR = 1_000
MAX_ARRAY = 100
_INT64 = range(-(2**63), 2**64)


def to_json_value(value: object, *, depth: int = 0) -> Any:  # noqa: ANN401 - it is JSON
    """Return `value` in JSON's own types, and in a tagged form where JSON lacks its type; never raise.

    >>> to_json_value({"a": float("nan"), "b": (1, 2)})
    {'a': {'$float': 'nan'}, 'b': [1, 2]}
    """
    if value is None or isinstance(value, bool):
        return value
    if depth > MAX_DEPTH:
        return _opaque(value)
    try:
        return _scalar(value, depth)
    except Exception:  # noqa: BLE001 - a user's object may fail in any way, and a message must not fail
        return _opaque(value)


def _scalar(value: object, depth: int) -> Any:  # noqa: ANN401, PLR0911 - a table, one line per type
    match value:
        case Enum():
            return to_json_value(value.value, depth=depth + 1)
        case str():
            return str(value)
        case int():
            return int(value) if int(value) in _INT64 else {"$int": str(int(value))}
        case float():
            return float(value) if math.isfinite(value) else {"$float": str(float(value))}
        case complex():
            return {"$complex": [to_json_value(value.real), to_json_value(value.imag)]}
        case Decimal():
            return {"$decimal": str(value)}
        case bytes() | bytearray() | memoryview():
            return {"$bytes": base64.b64encode(value).decode()}
        case PurePath():
            return {"$path": str(value)}
        case UUID():
            return {"$uuid": str(value)}
        case _:
            return _time(value) or _container(value, depth)


def _time(value: object) -> Any:  # noqa: ANN401
    match value:
        case dt.datetime():
            return {"$datetime": value.isoformat()}
        case dt.date():
            return {"$date": value.isoformat()}
        case dt.time():
            return {"$time": value.isoformat()}
        case dt.timedelta():
            return {"$timedelta_us": value // dt.timedelta(microseconds=1)}
        case _:
            return None


def _container(value: object, depth: int) -> Any:  # noqa: ANN401, PLR0911 - a table, one line per type
    match value:
        case Mapping():
            items = [(to_json_value(k, depth=depth + 1), to_json_value(v, depth=depth + 1)) for k, v in value.items()]
            if all(isinstance(key, str) for key, _ in items):
                return dict(items)
            return {"$dict": [list(item) for item in items]}
        case list() | tuple():
            return [to_json_value(item, depth=depth + 1) for item in value]
        case AbstractSet():
            return {"$set": sorted((to_json_value(item, depth=depth + 1) for item in value), key=msgspec.json.encode)}
        case Event():
            return _fields(value, depth)
        case msgspec.Struct():
            return to_json_value(msgspec.to_builtins(value), depth=depth + 1)
        case _:
            return _numpy(value, depth)


def _fields(struct: msgspec.Struct, depth: int) -> dict[str, Any]:
    """Return the fields of an event, or of a struct in one, as its encoder would, with free values in tagged form."""
    found: dict[str, Any] = {"event_type": event_type(struct)} if isinstance(struct, Event) else {}
    for name, is_free, may_be_absent in _fields_of(type(struct)):
        value = getattr(struct, name)
        if not (value is None and may_be_absent):
            found[name] = (to_json_value if is_free else _typed)(value, depth=depth + 1)
    return found


@functools.cache
def _fields_of(struct: type[msgspec.Struct]) -> tuple[tuple[str, bool, bool], ...]:
    """Return for each field its name, whether it holds free values, and whether it is omitted if it is None."""
    omits = struct.__struct_config__.omit_defaults
    fields = msgspec.structs.fields(struct)
    return tuple((field.name, _is_free(field.type), omits and field.default is None) for field in fields)


def _is_free(kind: Any) -> bool:  # noqa: ANN401 - a type
    return kind is Any or any(map(_is_free, get_args(kind)))


def _typed(value: object, *, depth: int) -> Any:  # noqa: ANN401, PLR0911 - a table, one line per type
    """Return the value of a typed field as its encoder would: null for a number that is not finite."""
    if depth > MAX_DEPTH:
        return _opaque(value)
    match value:
        case bool():
            return value
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case list() | tuple() | set() | frozenset():
            return [_typed(item, depth=depth + 1) for item in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {str(key): _typed(item, depth=depth + 1) for key, item in value.items()}
        case msgspec.Struct():
            return _fields(value, depth)
        case _:
            return to_json_value(value, depth=depth)


def _numpy(value: object, depth: int) -> Any:  # noqa: ANN401
    """Convert a NumPy value, without importing NumPy if nothing else has."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.generic | numpy.ndarray):
        return _opaque(value)
    if isinstance(value, numpy.datetime64):
        return {"$datetime64": [str(value), numpy.datetime_data(value.dtype)[0]]}
    if isinstance(value, numpy.timedelta64):
        return {"$timedelta64": [int(value.astype("int64")), numpy.datetime_data(value.dtype)[0]]}
    if isinstance(value, numpy.generic):
        return to_json_value(value.item(), depth=depth + 1)
    head = to_json_value(value.reshape(-1)[:MAX_ARRAY].tolist(), depth=depth + 1)
    return {"$array": [str(value.dtype), list(value.shape), head]}


def _opaque(value: object) -> Any:  # noqa: ANN401
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    try:
        text = repr(value)[:MAX_REPR]
    except Exception as error:  # noqa: BLE001 - a user's __repr__ may fail in any way
        text = f"<repr failed: {type(error).__name__}>"
    return {"$object": [kind, text]}


def encode_text(text: str) -> str:
    r"""Return `text` in a form that UTF-8 can encode: a lone surrogate becomes its six-character escape `\udXXX`.

    >>> encode_text("a\ud800")
    'a\\ud800'
    """
    return text.encode("utf-8", "backslashreplace").decode() if not text.isascii() else text


def escaped(value: object) -> Any:  # noqa: ANN401 - it is JSON
    """Return `value` as JSON in which every string can be encoded as UTF-8, for what could not be encoded before."""
    return _escaped(to_json_value(value))


def _escaped(value: Any) -> Any:  # noqa: ANN401 - it is JSON
    match value:
        case str() as text:
            return encode_text(text)
        case dict() as mapping:
            return {encode_text(key): _escaped(inner) for key, inner in mapping.items()}
        case list() as values:
            return [_escaped(inner) for inner in values]
        case other:
            return other


def canonical_digest(value: object) -> str:
    """Return `sha256:` and the digest of `value` encoded as JSON with sorted keys and no white space.

    >>> canonical_digest({"b": 1, "a": 2}) == canonical_digest({"a": 2, "b": 1})
    True
    """
    encoded = msgspec.json.encode(to_json_value(value), order="sorted")
    return "sha256:" + hashlib.sha256(encoded).hexdigest()
