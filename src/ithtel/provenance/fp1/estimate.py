"""How long a fingerprint would take, without taking it: for a budget."""

from __future__ import annotations

import hashlib
import math
import time
import types
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from ithtel.provenance.fp1.leaves import BY_TYPE
from ithtel.provenance.fp1.loaded import is_a
from ithtel.provenance.fp1.state import own_attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
STATE_MS = 0.02
"""An object that is read by its state, without what it holds."""
MAX_STATES = 5_000
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
    known = next((float(cost(obj)) for package, names, cost in _COSTS if is_a(obj, package, *names)), None)
    return _by_state(obj) if known is None else known


def _by_state(obj: object) -> float:
    """Return what an object costs that is read by its state: what its attributes hold, to the end or to a bound.

    The bound is about as long as the time that a cell of a second leaves for fingerprints. What is larger than that (a
    figure of matplotlib holds 100 000 objects) counts as without end.
    """
    cost, waiting, seen = 0.0, [obj], {id(obj)}
    while waiting:
        value = waiting.pop()
        cost += STATE_MS
        if len(seen) > MAX_STATES:
            return math.inf
        for part in _parts(value):
            if type(part) in BY_TYPE or id(part) in seen:
                continue
            seen.add(id(part))
            if not _holds_objects(part) and any(is_a(part, package, *names) for package, names, _ in _COSTS):
                cost += ONE_MS + _estimate(part, 0)
            else:
                waiting.append(part)
    return cost


def _holds_objects(value: Any) -> bool:  # noqa: ANN401
    return is_a(value, "numpy", "ndarray") and bool(value.dtype.hasobject)


def _parts(value: Any) -> Iterable[Any]:  # noqa: ANN401
    kind = type(value)
    if kind is dict:
        return list(value.values())
    if kind in (list, tuple, set, frozenset):
        return list(value)
    if issubclass(kind, type | types.ModuleType | types.FunctionType):
        return ()
    if is_a(value, "numpy", "ndarray"):
        return list(value.flat)
    return own_attributes(value, kind).values()


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
