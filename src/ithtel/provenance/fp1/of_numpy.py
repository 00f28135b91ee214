"""Tokens of NumPy's scalars and dtypes. Importing this module registers them with `leaves`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1 import leaves
from ithtel.provenance.fp1.kinds import kind_of
from ithtel.provenance.fp1.loaded import type_name
from ithtel.provenance.fp1.scan import with_canonical_floats

if TYPE_CHECKING:
    from collections.abc import Callable


def _numpy_leaf(kind: type[np.generic]) -> Callable[[Any], bytes]:
    dtype = kind_of(np.dtype(kind))
    start = b"g" + leaves.text(dtype.name) + b"b%d:" % dtype.wire.itemsize
    nan = start + np.array(np.nan, dtype.wire).tobytes() if dtype.family == "float" else b""
    if sys.byteorder == "little":
        return lambda value: start + value.tobytes() if value == value else nan  # noqa: PLR0124 - as above
    return lambda value: start + np.array(value, dtype.wire).tobytes() if value == value else nan  # noqa: PLR0124


leaves.BY_TYPE.update({
    kind: _numpy_leaf(kind)
    for kind in (
        np.bool_, np.float16, np.float32, np.float64,
        np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64,
    )
})  # fmt: skip


def scalar(value: Any) -> bytes | None:  # noqa: ANN401 - a table with one line per type
    """Return the token of a NumPy scalar, a dtype, or a class of scalars; None for anything else."""
    kind = type(value)
    if issubclass(kind, np.generic):
        return _of_scalar(value)
    if issubclass(kind, np.dtype):
        return leaves.named("numpy.dtype", kind_of(value).name)
    if issubclass(kind, type) and issubclass(value, np.generic):
        return leaves.named("type", type_name(value))
    return None


def _of_scalar(value: Any) -> bytes | None:  # noqa: ANN401
    if isinstance(value, np.str_):
        return b"g" + leaves.text("str") + leaves.text(str(value))
    if isinstance(value, np.bytes_):
        return b"g" + leaves.text("bytes") + leaves.octets(bytes(value))
    kind = kind_of(value.dtype)
    if kind.family == "object":
        return None
    data = with_canonical_floats(np.array(value, kind.wire).reshape(1))
    return b"g" + leaves.text(kind.name) + leaves.octets(data.tobytes())


leaves.SCALARS.append(scalar)
