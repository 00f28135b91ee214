"""`fingerprint`: the canonical fingerprint of any value, `fp1` as docs/fingerprints.md specifies it."""

from __future__ import annotations

import hashlib
import sys
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.errors import InputError
from ithtel.events import ArrayFingerprint, FrameFingerprint, ObjectFingerprint
from ithtel.provenance.fp1 import of_arrow, of_numpy, of_pandas, of_polars  # noqa: F401 - of_numpy adds its leaves
from ithtel.provenance.fp1.arrays import ndarray_column
from ithtel.provenance.fp1.columns import array_event
from ithtel.provenance.fp1.derived import attributes_part, table_attributes, table_kind
from ithtel.provenance.fp1.digest import Method
from ithtel.provenance.fp1.kinds import kind_of
from ithtel.provenance.fp1.leaves import BY_TYPE
from ithtel.provenance.fp1.loaded import is_a
from ithtel.provenance.fp1.of_scipy import sparse_column
from ithtel.provenance.fp1.sampling import as_sampled, rows_of
from ithtel.provenance.fp1.scan import with_canonical_floats
from ithtel.provenance.fp1.tables import Index, index_event, series_event, table_event
from ithtel.provenance.fp1.values import guarded, object_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ithtel.provenance.fp1.digest import Hasher

AnyFingerprint = ArrayFingerprint | FrameFingerprint | ObjectFingerprint


def fingerprint(obj: object, name: str | None = None, *, sample: int | None = None) -> AnyFingerprint:
    """Return the fingerprint of `obj`, which is equal exactly when the values are equal and of the same kind.

    Never raises for any object: one without a canonical form (a function, a socket) has `fingerprint=None` and a
    `reason`. With `sample`, only that many rows of an array or table are read, and the result says so.

    Raises:
        InputError: `sample` is less than 1.

    >>> fingerprint([1.0, 2.0]).fingerprint == fingerprint([1.0, 2.0]).fingerprint
    True
    """
    if sample is not None and sample < 1:
        raise InputError(f"sample must be at least 1, got {sample}")
    return take(obj, name, PLAIN, sample=sample)


def fingerprint_array(values: object, name: str | None = None) -> ArrayFingerprint:
    """Return the fingerprint of an array, Series, Index or Arrow array; a list or number is converted by NumPy.

    Raises:
        InputError: It is none of these, or has no canonical form.

    >>> import numpy as np
    >>> fingerprint_array(np.zeros(3)).shape
    [3]
    """
    event = fingerprint(np.asarray(values) if isinstance(values, list | tuple | int | float) else values, name)
    if isinstance(event, ArrayFingerprint):
        return event
    raise InputError(f"expected an array, got {_description(event)}")


def fingerprint_frame(frame: object, name: str | None = None) -> FrameFingerprint:
    """Return the fingerprint of a DataFrame or Table, column by column.

    Raises:
        InputError: It is neither, or a column has no canonical form.
    """
    event = fingerprint(frame, name)
    if isinstance(event, FrameFingerprint):
        return event
    raise InputError(f"expected a DataFrame or Table, got {_description(event)}")


def _description(event: AnyFingerprint) -> str:
    if isinstance(event, ObjectFingerprint):
        return event.type + (f": {event.reason}" if event.reason else "")
    kind = "a table" if isinstance(event, FrameFingerprint) else "an array"
    return f"{kind} of shape {tuple(event.shape)}"


def as_mapping(event: AnyFingerprint) -> dict[str, Any]:
    """Return a fingerprint as a dict of plain values, as callers of the older functions expect it.

    >>> import numpy as np
    >>> as_mapping(fingerprint(np.zeros(2), "nav"))["shape"]
    [2]
    """
    return {field: getattr(event, field) for field in event.__struct_fields__}


def take(
    obj: object, name: str | None, method: Method, *, sample: int | None = None, until: float | None = None
) -> AnyFingerprint:
    """Return the fingerprint by a given method: with another hash, or without values of the data.

    Past `until`, by `time.thread_time`, no more objects are read by their state, and there is a reason instead.
    """
    return guarded(obj, name, lambda: _taken(obj, name, method, sample, until))


def _taken(obj: object, name: str | None, method: Method, sample: int | None, until: float | None) -> AnyFingerprint:
    if type(obj) in BY_TYPE:  # a number, a string …: neither a table nor an array, and quick
        return object_event(obj, name, method)
    rows = rows_of(obj, sample) if sample is not None else None
    event = _table_or_array(obj if rows is None else rows[0], name, method)
    if event is None:
        return object_event(obj, name, method, until=until)
    return event if rows is None else as_sampled(event, rows[1], method)


def _table_or_array(obj: Any, name: str | None, method: Method) -> ArrayFingerprint | FrameFingerprint | None:  # noqa: ANN401
    if issubclass(type(obj), np.ndarray):
        column, kind = ndarray_column(obj)
        kept = attributes_part(obj, method)
        return array_event(column.measure(method), obj.shape, name, method, kind=kind, attributes=kept)
    if type(obj) in (memoryview, array):
        column, _ = ndarray_column(np.asarray(obj))
        return array_event(column.measure(method), column.shape, name, method)
    for package, read in _READERS:
        if package in sys.modules:
            event = read(obj, name, method)
            if event is not None:
                return event
    return None


def _of_pandas(obj: Any, name: str | None, method: Method) -> ArrayFingerprint | FrameFingerprint | None:  # noqa: ANN401
    if is_a(obj, "pandas", "DataFrame"):
        kind, kept = table_kind(obj, "frame"), table_attributes(obj, method)
        return table_event(of_pandas.table(obj), name, method, kind=kind, attributes=kept)
    if is_a(obj, "pandas", "Series"):
        column, index = of_pandas.column(obj.array), of_pandas.index(obj.index)
        kind, kept = table_kind(obj, "series"), table_attributes(obj, method)
        return series_event(column, obj.name, index, name, method, kind=kind, attributes=kept)
    if is_a(obj, "pandas", "Index"):
        return index_event(of_pandas.index(obj), name, method)
    if is_a(obj, "pandas.api.extensions", "ExtensionArray"):
        column = of_pandas.column(obj)
        return array_event(column.measure(method), column.shape, name, method)
    return None


def _of_arrow(obj: Any, name: str | None, method: Method) -> ArrayFingerprint | FrameFingerprint | None:  # noqa: ANN401
    if is_a(obj, "pyarrow", "Table", "RecordBatch"):
        return table_event(of_arrow.table(obj), name, method)
    if is_a(obj, "pyarrow", "Array", "ChunkedArray"):
        column = of_arrow.arrow_column(obj)
        return array_event(column.measure(method), column.shape, name, method)
    if is_a(obj, "pyarrow", "Scalar"):
        column = of_arrow.arrow_column(sys.modules["pyarrow"].repeat(obj, 1))
        return array_event(column.measure(method), [], name, method, kind="scalar")
    return None


def _of_polars(obj: Any, name: str | None, method: Method) -> ArrayFingerprint | FrameFingerprint | None:  # noqa: ANN401
    if is_a(obj, "polars", "DataFrame"):
        return table_event(of_polars.table(obj), name, method)
    if is_a(obj, "polars", "Series"):
        return series_event(of_polars.polars_column(obj), obj.name or None, Index(), name, method)
    return None


def _of_scipy(obj: Any, name: str | None, method: Method) -> ArrayFingerprint | FrameFingerprint | None:  # noqa: ANN401
    if is_a(obj, "scipy.sparse", "sparray", "spmatrix"):
        column = sparse_column(obj)
        return array_event(column.measure(method), column.shape, name, method)
    return None


_READERS = (("pandas", _of_pandas), ("pyarrow", _of_arrow), ("polars", _of_polars), ("scipy.sparse", _of_scipy))


SMALL_BYTES = 8_192


def small_array(array: NDArray[Any], method: Method) -> str:
    """Return the fingerprint of a small array of numbers, as `fingerprint` takes it, in a fifth of the time.

    A forest of a hundred trees holds 500 of them, whose statistics nobody asks for.
    """
    kind = kind_of(array.dtype)
    block = with_canonical_floats(np.array(array, kind.wire, order="C"))
    return method.fingerprint("array", kind.name, array.shape, [], method.hexdigest(block.tobytes()), {})


def method_of(new_hasher: Callable[[], Hasher] = hashlib.sha256, *, with_values: bool = True) -> Method:
    """Return a method of taking fingerprints, with a keyed hash or without values of the data."""

    def nested(obj: object) -> str | None:
        if type(obj) is np.ndarray and obj.nbytes <= SMALL_BYTES and obj.dtype.kind in "iubf":
            return small_array(obj, method)
        event = _table_or_array(obj, None, method)
        return None if event is None else event.fingerprint

    method = Method(nested=nested, new_hasher=new_hasher, with_values=with_values)
    return method


PLAIN = method_of()
