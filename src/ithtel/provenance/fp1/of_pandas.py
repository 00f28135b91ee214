"""`table`, `index`, `column`: pandas data as columns. pandas itself is not imported: whoever made the object did."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1.arrays import array_column
from ithtel.provenance.fp1.blocks import array_source, range_source
from ithtel.provenance.fp1.columns import Column, Fixed
from ithtel.provenance.fp1.kinds import kind_of
from ithtel.provenance.fp1.leaves import zone_name
from ithtel.provenance.fp1.loaded import is_a
from ithtel.provenance.fp1.of_arrow import arrow_column
from ithtel.provenance.fp1.scan import scan_for
from ithtel.provenance.fp1.tables import Index, Table
from ithtel.provenance.fp1.variable import Composite, Objects, Text, codes_dtype, nones, text_of_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ithtel.provenance.fp1.blocks import Piece
    from ithtel.provenance.fp1.columns import Measured
    from ithtel.provenance.fp1.digest import Method
    from ithtel.provenance.fp1.variable import TextPiece

_INT64 = kind_of(np.dtype(np.int64))


def table(frame: Any) -> Table:  # noqa: ANN401
    """Return a DataFrame as a table; `attrs` and flags are ignored."""
    names = list(frame.columns.names)
    return Table(
        labels=list(frame.columns),
        columns=[column(series.array) for _, series in frame.items()],
        n_rows=len(frame),
        level_names=[] if names == [None] else names,
        label_dtypes=_label_dtypes(frame.columns),
        index=index(frame.index),
    )


def _label_dtypes(labels: Any) -> list[str]:  # noqa: ANN401
    """Return the dtypes of the columns' labels; none where they are those that pandas infers from the labels alone."""
    levels = index(labels).levels if len(labels) else []
    dtypes = [level.dtype for level in levels]
    if set(dtypes) <= {"string"}:
        return []
    pandas = sys.modules["pandas"]
    parts = [labels.get_level_values(place) for place in range(labels.nlevels)]
    inferred = [column(pandas.Index(list(part), tupleize_cols=False).array).dtype for part in parts]
    return [] if dtypes == inferred else dtypes


def index(labels: Any) -> Index:  # noqa: ANN401
    """Return an Index of any kind; a RangeIndex equals the int64 index of its values."""
    names = list(labels.names)
    if is_a(labels, "pandas", "MultiIndex"):
        levels = [column(labels.get_level_values(level).array) for level in range(labels.nlevels)]
        return Index(names=names, levels=levels, counts_rows=False)
    if is_a(labels, "pandas", "RangeIndex"):
        counts = names == [None] and (len(labels) == 0 or (labels.start == 0 and labels.step == 1))
        return Index(names=names, levels=[_RangeColumn(labels.start, labels.step, len(labels))], counts_rows=counts)
    counts = names == [None] and labels.dtype == np.int64 and _counts(np.asarray(labels))
    return Index(names=names, levels=[column(labels.array)], counts_rows=counts)


class _RangeColumn(Fixed):
    """A range. Frames of one length share theirs, so the result is cached."""

    def __init__(self, start: int, step: int, size: int) -> None:
        super().__init__(range_source(start, step, size), _INT64, (size,), scan=lambda: scan_for(_INT64))
        self.range = start, step, size

    def measure(self, method: Method) -> Measured:
        """Return the digest, from the cache if possible."""
        return _measured_range(self.range, method)


@lru_cache(maxsize=64)
def _measured_range(labels: tuple[int, int, int], method: Method) -> Measured:
    return Fixed.measure(_RangeColumn(*labels), method)


def _counts(values: NDArray[np.int64]) -> bool:
    """Return whether `values` are 0, 1, 2 … without a gap."""
    if not values.size or values[0] != 0 or values[-1] != values.size - 1:
        return not values.size
    length = 65_536
    return all(
        np.array_equal(values[start : start + length], np.arange(start, min(start + length, values.size)))
        for start in range(0, values.size, length)
    )


def column(array: Any) -> Column:  # noqa: ANN401, PLR0911 - a table with one line per type
    """Return the values of a column or index level. Missing values are null, including NaN in a NumPy float column."""
    dtype = array.dtype
    if isinstance(dtype, np.dtype) or is_a(array, "pandas.arrays", "NumpyExtensionArray"):
        values = np.asarray(array)
        return _object_column(values) if values.dtype.kind == "O" else array_column(values, nan_is_null=True)
    if is_a(dtype, "pandas", "DatetimeTZDtype"):
        zone = zone_name(dtype.tz)
        instants = array.asi8.view(f"M8[{dtype.unit}]")
        return array_column(instants, nan_is_null=True, dtype=f"datetime64[{dtype.unit}, {zone}]", zone=zone)
    if is_a(dtype, "pandas", "PeriodDtype"):
        return array_column(array.asi8.view("m8"), nan_is_null=True, dtype=dtype.name)
    if is_a(dtype, "pandas", "CategoricalDtype"):
        return _categorical(array)
    if is_a(dtype, "pandas", "IntervalDtype"):
        return _interval(array)
    if is_a(dtype, "pandas", "StringDtype") and dtype.storage == "python":
        return _text(np.asarray(array))
    if is_a(dtype, "pandas", "StringDtype", "ArrowDtype"):
        return arrow_column(array.__arrow_array__())
    if is_a(dtype, "pandas", "SparseDtype"):
        return _sliced(array, dtype.subtype, f"sparse[{kind_of(dtype.subtype).name}, {dtype.fill_value}]")
    if isinstance(getattr(dtype, "numpy_dtype", None), np.dtype) and hasattr(array, "_mask"):
        return _sliced(array, dtype.numpy_dtype, kind_of(dtype.numpy_dtype).name)
    return Objects(lambda size, length: _lists(array, size, length), (len(array),), f"pandas:{dtype}")


def _categorical(array: Any) -> Composite:  # noqa: ANN401
    codes = np.asarray(array.codes)
    null = codes == -1
    kind = kind_of(codes_dtype(len(array.categories)))
    of_codes = Fixed(
        array_source(codes, kind.wire, null if null.any() else None), kind, codes.shape, scan=lambda: scan_for(kind)
    )
    return Composite(
        "categorical[ordered]" if array.ordered else "categorical",
        [of_codes, column(array.categories.array)],
        codes.shape,
        head=lambda: _categorical(array[:10]),
    )


def _interval(array: Any) -> Composite:  # noqa: ANN401
    ends = [column(array.left.array), column(array.right.array)]
    return Composite(f"interval[{array.closed}]", ends, (len(array),), head=lambda: _interval(array[:10]))


def _sliced(array: Any, dtype: np.dtype[Any], name: str) -> Column:  # noqa: ANN401
    """Return a masked or sparse pandas array, block by block."""
    kind = kind_of(dtype)

    def blocks(length: int) -> Iterator[Piece]:
        for start in range(0, len(array), length):
            part = array[start : start + length]
            null = np.asarray(part.isna())
            if null.any() and hasattr(part, "_mask"):
                values = part.to_numpy(dtype=dtype, na_value=dtype.type(0))
            else:
                values = np.asarray(part, dtype=dtype)
            yield values.astype(kind.wire, copy=False), ~null if null.any() else None

    if kind.family == "object":
        return Objects(lambda size, length: _lists(array, size, length), (len(array),), name)
    return Fixed(blocks, kind, (len(array),), scan=lambda: scan_for(kind), at=_taken(array), dtype=name)


def _taken(array: Any) -> Any:  # noqa: ANN401 - a function
    return lambda places: array.take(np.asarray(places, np.intp)).to_numpy(dtype=np.float64, na_value=np.nan)


def _object_column(values: NDArray[Any]) -> Column:
    """Return an object column: strings if every value is a `str` or missing, null if all are missing, else objects.

    pandas before 3.0 keeps strings in object columns, and Arrow and Parquet store such columns as strings.
    """
    match sys.modules["pandas"].api.types.infer_dtype(values, skipna=True):
        case "string":
            return _text(values)
        case "empty" if values.size:
            return Objects(nones, values.shape, "null")
    return Objects(lambda size, length: _lists(values, size, length), values.shape)


def _text(values: NDArray[Any]) -> Text:
    isna = sys.modules["pandas"].isna

    def pieces(size: int, length: int) -> Iterator[TextPiece]:
        for start in range(0, size, length):
            yield text_of_objects(values[start : min(start + length, size)], isna)

    return Text(pieces, values.shape, holds_gil=True)


def _lists(values: Any, size: int, length: int) -> Iterator[list[Any]]:  # noqa: ANN401
    for start in range(0, size, length):
        yield list(values[start : min(start + length, size)])
