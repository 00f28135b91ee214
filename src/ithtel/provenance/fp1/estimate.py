"""How long a fingerprint would take, without taking it: for a budget."""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from ithtel.provenance.fp1.leaves import BY_TYPE
from ithtel.provenance.fp1.loaded import is_a

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

ONE_MS = 0.03
"""Any fingerprint at all."""
COLUMN_MS = 0.05
OBJECT_MS = 0.0002
"""A Python object by value."""
TEXT_MS = 0.00008
"""A `str` in an object column."""
CONTAINER_MS = 0.002
SPARSE_MS = 0.0001
COPIED = 1.5
"""What has to be copied takes so much longer than what can be read in place."""
TAKEN = 16
MAX_DEPTH = 4


def estimate_ms(obj: object) -> float:
    """Return about how many milliseconds `fingerprint(obj)` would take on this machine; never raises.

    Reads shapes and dtypes only, of a container the first few elements.

    >>> import numpy as np
    >>> estimate_ms(np.zeros(10)) < 1 < estimate_ms(np.zeros(10_000_000))
    True
    """
    try:
        return ONE_MS + _estimate(obj, 0)
    except Exception:  # noqa: BLE001 - a user's object may fail in any way, and then it is soon done
        return ONE_MS


@lru_cache(maxsize=1)
def ms_per_byte() -> float:
    """Return how long one byte takes to hash here: 0.5 ns with the processor's help, 2 to 4 ns without."""
    data = bytes(65_536)
    best = min(_timed(data) for _ in range(3))
    return best * 1_000 / len(data)


def _timed(data: bytes) -> float:
    start = time.perf_counter()
    hashlib.sha256(data)
    return time.perf_counter() - start


def _estimate(obj: Any, depth: int) -> float:  # noqa: ANN401
    kind = type(obj)
    if kind in (str, bytes, bytearray):
        return len(obj) * ms_per_byte()
    if kind in BY_TYPE:
        return 0.0
    if kind in (list, tuple, set, frozenset, dict):
        return CONTAINER_MS + _container(obj, depth)
    return next((float(cost(obj)) for package, names, cost in _COSTS if is_a(obj, package, *names)), 0.0)


def _frame(frame: Any) -> float:  # noqa: ANN401
    n_rows = len(frame)
    return sum(COLUMN_MS + _pandas(dtype, n_rows) for dtype in frame.dtypes) + _index(frame.index)


def _index(index: Any) -> float:  # noqa: ANN401
    levels = getattr(index, "levels", None)
    if levels is None:
        return COLUMN_MS + _pandas(index.dtype, len(index))
    return sum(COLUMN_MS + COPIED * _pandas(level.dtype, len(index)) for level in levels)


_COSTS: tuple[tuple[str, tuple[str, ...], Callable[[Any], float]], ...] = (
    ("numpy", ("ndarray",), lambda obj: _array(obj.dtype, obj.size, contiguous=obj.flags.c_contiguous)),
    ("pandas", ("DataFrame",), _frame),
    ("pandas", ("Series",), lambda obj: _pandas(obj.dtype, len(obj)) + _index(obj.index)),
    ("pandas", ("Index",), _index),
    ("pyarrow", ("Table", "RecordBatch"), lambda obj: obj.num_columns * COLUMN_MS + obj.nbytes * ms_per_byte()),
    ("pyarrow", ("Array", "ChunkedArray"), lambda obj: obj.nbytes * ms_per_byte()),
    ("polars", ("DataFrame",), lambda obj: obj.width * COLUMN_MS + COPIED * obj.estimated_size() * ms_per_byte()),
    ("polars", ("Series",), lambda obj: COPIED * obj.estimated_size() * ms_per_byte()),
    ("scipy.sparse", ("sparray", "spmatrix"), lambda obj: obj.nnz * SPARSE_MS),
)


def _array(dtype: np.dtype[Any], size: int, *, contiguous: bool = True) -> float:
    if dtype.hasobject:
        return size * OBJECT_MS
    per_byte = ms_per_byte() * (1 if contiguous and dtype.isnative else COPIED)
    return size * dtype.itemsize * per_byte


def _pandas(dtype: Any, size: int) -> float:  # noqa: ANN401
    if is_a(dtype, "numpy", "dtype"):
        return size * OBJECT_MS if dtype.hasobject else _array(dtype, size)
    if str(dtype) in ("str", "string") and getattr(dtype, "storage", "") == "python":
        return size * TEXT_MS
    return float(size * getattr(dtype, "itemsize", 8) * ms_per_byte() * COPIED)


def _container(obj: Any, depth: int) -> float:  # noqa: ANN401
    if not obj:
        return 0.0
    if depth >= MAX_DEPTH:
        return len(obj) * OBJECT_MS
    values = obj.values() if type(obj) is dict else obj
    taken = [OBJECT_MS + _estimate(value, depth + 1) for value in islice(values, TAKEN)]
    return sum(taken) / len(taken) * len(obj) * (2 if type(obj) is dict else 1)
