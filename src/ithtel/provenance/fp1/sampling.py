"""`rows_of`, `as_sampled`: the fingerprint of some rows instead of all, on request."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ithtel.events import ArrayFingerprint, FrameFingerprint
from ithtel.provenance.fp1.digest import hex_of
from ithtel.provenance.fp1.loaded import is_a

if TYPE_CHECKING:
    from ithtel.provenance.fp1.digest import Method


def places(n_rows: int, n: int) -> list[int]:
    """Return `n` evenly spaced places of `n_rows`, including the first and the last.

    >>> places(101, 3)
    [0, 50, 100]
    """
    return [i * (n_rows - 1) // max(1, n - 1) for i in range(n)]


def rows_of(obj: Any, n: int) -> tuple[Any, int] | None:  # noqa: ANN401
    """Return `n` rows of an array or table and its number of rows; None if it has no rows or at most `n`."""
    taker = _taker(obj)
    n_rows = len(obj) if taker is not None else 0
    if taker is None or n_rows <= n:
        return None
    return taker(places(n_rows, n)), n_rows


def _taker(obj: Any) -> Any:  # noqa: ANN401 - a function
    if issubclass(type(obj), np.ndarray):
        return obj.__getitem__ if obj.ndim else None
    if is_a(obj, "pandas", "DataFrame", "Series"):
        return obj.iloc.__getitem__
    if is_a(obj, "pandas", "Index") or is_a(obj, "pandas.api.extensions", "ExtensionArray"):
        return obj.take
    if is_a(obj, "pyarrow", "Table", "RecordBatch", "Array", "ChunkedArray"):
        return lambda rows: obj.take(sys.modules["pyarrow"].array(rows))
    return obj.__getitem__ if is_a(obj, "polars", "DataFrame", "Series") else None


def as_sampled(
    event: ArrayFingerprint | FrameFingerprint, n_rows: int, method: Method
) -> ArrayFingerprint | FrameFingerprint:
    """Return the event of some rows as a sample of the whole; it never equals an event of the whole."""
    if isinstance(event, ArrayFingerprint):
        return _array(event, n_rows, method)
    columns = {name: _array(column, n_rows, method) for name, column in event.columns.items()}
    index = [_array(level, n_rows, method) for level in event.index]
    shape, _, total = _identity(event, n_rows, method)
    return msgspec.structs.replace(event, fingerprint=total, shape=shape, index=index, columns=columns)


def _array(event: ArrayFingerprint, n_rows: int, method: Method) -> ArrayFingerprint:
    shape, text, total = _identity(event, n_rows, method)
    return msgspec.structs.replace(event, fingerprint=total, shape=shape, sampled=text)


def _identity(event: ArrayFingerprint | FrameFingerprint, n_rows: int, method: Method) -> tuple[list[int], str, str]:
    text = f"{event.shape[0]} of {n_rows} rows, evenly taken"
    shape = [n_rows, *event.shape[1:]]
    parts = {"rows": hex_of(event.fingerprint)}
    return shape, text, method.fingerprint("sampled", text, shape, [], event.sha256, parts)
