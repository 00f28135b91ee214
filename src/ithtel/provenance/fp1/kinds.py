"""`kind_of`: what a NumPy dtype means in a fingerprint (name, canonical bytes, family)."""

from __future__ import annotations

from functools import lru_cache
from json import dumps
from typing import Literal, NamedTuple

import numpy as np

Family = Literal["float", "complex", "int", "bool", "datetime", "timedelta", "raw", "structured", "object", "string"]

_FAMILIES: dict[str, Family] = {
    "f": "float", "c": "complex", "i": "int", "u": "int", "b": "bool", "M": "datetime", "m": "timedelta",
    "S": "raw", "U": "raw", "V": "raw", "O": "object", "T": "string",
}  # fmt: skip


class Kind(NamedTuple):
    """The meaning of a dtype, the same on every machine and in every library."""

    name: str
    family: Family
    wire: np.dtype[np.generic]
    """Little-endian and packed: the bytes that are hashed."""


@lru_cache(maxsize=512)
def kind_of(dtype: np.dtype[np.generic]) -> Kind:
    """Return the meaning of `dtype`, which does not depend on byte order, padding or alignment.

    >>> kind_of(np.dtype(">f8")).name, kind_of(np.dtype([("a", "i4"), ("b", "f8", 2)], align=True)).name
    ('float64', '{"a":int32,"b":float64[2]}')
    """
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        inner = kind_of(base)
        name = f"{inner.name}[{','.join(map(str, shape))}]"
        return Kind(name, inner.family, np.dtype((inner.wire, shape)))
    if dtype.fields is not None:
        return _structured(dtype)
    family = _FAMILIES[dtype.kind]
    return Kind(_name(dtype), family, dtype if family in ("object", "string") else dtype.newbyteorder("<"))


def _structured(dtype: np.dtype[np.generic]) -> Kind:
    fields = [(name, kind_of(dtype.fields[name][0])) for name in dtype.names or ()]  # type: ignore[index]
    families = {kind.family for _, kind in fields}
    name = "{" + ",".join(f"{dumps(field)}:{kind.name}" for field, kind in fields) + "}"
    if families & {"object", "string"}:
        return Kind(name, "object", dtype)
    return Kind(name, "structured", np.dtype([(field, kind.wire) for field, kind in fields]))


def _name(dtype: np.dtype[np.generic]) -> str:
    if dtype.kind in "SUV":
        width = dtype.itemsize // 4 if dtype.kind == "U" else dtype.itemsize
        return f"{dtype.kind}{width}"
    return "string" if dtype.kind == "T" else dtype.name
