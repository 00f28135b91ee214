"""`estimate_ms`, `is_by_state`: how long a fingerprint would take, without taking it: for a budget."""

from __future__ import annotations

import hashlib
import math
import time
import types
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from ithtel.provenance.fp1.leaves import BY_TYPE, refusal, scalar, unreadable
from ithtel.provenance.fp1.loaded import is_a
from ithtel.provenance.fp1.objects import contents_of
from ithtel.provenance.fp1.stand_ins import stand_in
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
STATE_MS = 0.05
"""An object that is read by its state, without what it holds."""
MAX_LOOKED = 300
"""Objects to look at where no limit is given: 1 ms. A figure of matplotlib holds 100 000."""
TAKEN = 16
MANY = 64
MAX_DEPTH = 4
_CONTAINERS = (dict, list, tuple, set, frozenset)


def estimate_ms(obj: object, limit_ms: float = math.inf) -> float:
    """Return about how many milliseconds `fingerprint(obj)` would take on this machine; never raises.

    Reads shapes and dtypes only, of a container the first few elements. Of an object that is read by its state it
    looks at what its attributes hold, until that costs more than `limit_ms`; then the estimate is infinite.

    >>> import numpy as np
    >>> estimate_ms(np.zeros(10)) < 1 < estimate_ms(np.zeros(10_000_000))
    True
    """
    try:
        return ONE_MS + _estimate(obj, 0, _Looking(limit_ms))
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


def is_by_state(value: object) -> bool:
    """Return whether a value is read by its state: neither a table nor a container, nor made of declared fields.

    >>> is_by_state({}), is_by_state(1), is_by_state(ValueError())
    (False, False, True)
    """
    kind = type(value)
    if kind in BY_TYPE or refusal(value) is not None or stand_in(value) is not value:
        return False
    if any(is_a(value, package, *names) for package, names, _ in _COSTS) or scalar(value) is not None:
        return False
    return contents_of(value, kind, type.mro(kind)) is None


class _Looking:
    """How much has been looked at, so that a look costs at most a tenth of the fingerprint."""

    def __init__(self, limit_ms: float) -> None:
        self.limit_ms = limit_ms
        self.n_left = MAX_LOOKED if math.isinf(limit_ms) else max(limit_ms / STATE_MS, TAKEN)


def _estimate(obj: Any, depth: int, looking: _Looking) -> float:  # noqa: ANN401
    kind = type(obj)
    if kind in (str, bytes, bytearray):
        return len(obj) * ms_per_byte()
    if kind in BY_TYPE:
        return 0.0
    if kind in _CONTAINERS:
        return CONTAINER_MS + _container(obj, depth, looking)
    known = next((float(cost(obj)) for package, names, cost in _COSTS if is_a(obj, package, *names)), None)
    return _by_state(obj, looking) if known is None else known


def _by_state(obj: object, looking: _Looking) -> float:
    """Return what an object costs that is read by its state: what its attributes hold, to the end or to the limit."""
    cost, waiting, seen = 0.0, [obj], {id(obj)}
    while waiting:
        value = waiting.pop()
        if unreadable(value) is not None:
            return cost  # so is the whole then
        looking.n_left -= 1
        cost += CONTAINER_MS if type(value) in _CONTAINERS else STATE_MS
        if looking.n_left < 0 or cost > looking.limit_ms:
            return math.inf
        parts, rest = _parts(value)
        cost += rest
        for part in parts:
            if type(part) in BY_TYPE or id(part) in seen:
                continue
            seen.add(id(part))
            if not _holds_objects(part) and any(is_a(part, package, *names) for package, names, _ in _COSTS):
                cost += ONE_MS + _estimate(part, 0, looking)
            else:
                waiting.append(part)
    return cost


def _holds_objects(value: Any) -> bool:  # noqa: ANN401
    return is_a(value, "numpy", "ndarray") and bool(value.dtype.hasobject)


def _parts(value: Any) -> tuple[Iterable[Any], float]:  # noqa: ANN401
    """Return what a value holds, of many parts the first, and what the others cost."""
    kind = type(value)
    if issubclass(kind, type | types.ModuleType | types.FunctionType):
        return (), 0.0
    attributes = () if kind in _CONTAINERS else own_attributes(value, kind).values()
    base = next((base for base in _CONTAINERS if issubclass(kind, base)), None)
    if base is not None:
        items, n = dict.values(value) if base is dict else base.__iter__(value), base.__len__(value)
    elif _holds_objects(value):
        items, n = value.flat, value.size
    else:
        return attributes, 0.0
    taken = list(islice(items, MANY))
    n_objects = sum(type(part) not in BY_TYPE for part in taken)
    each = OBJECT_MS + STATE_MS * n_objects / max(len(taken), 1)
    return [*attributes, *taken], (n - len(taken)) * each + len(taken) * OBJECT_MS


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


def _container(obj: Any, depth: int, looking: _Looking) -> float:  # noqa: ANN401
    if not obj:
        return 0.0
    if depth >= MAX_DEPTH:
        return len(obj) * OBJECT_MS
    values = obj.values() if type(obj) is dict else obj
    taken = [OBJECT_MS + _estimate(value, depth + 1, looking) for value in islice(values, TAKEN)]
    return sum(taken) / len(taken) * len(obj) * (2 if type(obj) is dict else 1)
