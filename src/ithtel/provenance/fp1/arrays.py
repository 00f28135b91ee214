"""`array_column`, `ndarray_column`: NumPy arrays of every dtype as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1.blocks import array_source
from ithtel.provenance.fp1.columns import FIRST, Column, Fixed
from ithtel.provenance.fp1.kinds import kind_of
from ithtel.provenance.fp1.loaded import type_name
from ithtel.provenance.fp1.scan import scan_for
from ithtel.provenance.fp1.variable import Composite, Objects, Text, text_of_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ithtel.provenance.fp1.variable import TextPiece

PLAIN = (np.ndarray, np.memmap, np.ma.MaskedArray, np.recarray, type(np.ma.masked))


def array_column(
    array: NDArray[Any],
    *,
    mask: NDArray[Any] | None = None,
    nan_is_null: bool = False,
    dtype: str | None = None,
    zone: str | None = None,
) -> Column:
    """Return `array` as a column; `mask` is true where a value is null, `dtype` replaces NumPy's name."""
    kind = kind_of(array.dtype)
    shape = array.shape
    if kind.family == "string":
        return Text(lambda size, length: _texts(array, size, length), shape, holds_gil=True)
    if kind.family == "object":
        return Objects(lambda size, length: _unmasked(array, mask, size, length), shape, dtype or kind.name)
    return Fixed(
        array_source(array, kind.wire, mask),
        kind,
        shape,
        scan=lambda: scan_for(kind, nan_is_null=nan_is_null, zone=zone),
        at=array.flat.__getitem__ if mask is None else _masked_places(array, mask),
        dtype=dtype,
    )


def ndarray_column(array: NDArray[Any]) -> tuple[Column, str]:
    """Return an array that a user gave, masked or not, as a column, and its kind.

    A class derived from `ndarray` is a kind of its own; what its instances keep beside the elements, such as a unit,
    is in `attributes_part`.
    """
    kind = "array" if type(array) in PLAIN else f"array:{type_name(type(array))}"
    mask = None
    if isinstance(array, np.ma.MaskedArray):
        found = np.ma.getmask(array)
        mask = None if found is np.ma.nomask else np.asarray(found)
        array = np.ma.getdata(array)
        if mask is not None and mask.dtype.names is not None and array.shape:
            return _masked_records(array, mask), kind
    return array_column(np.asarray(array), mask=mask), kind


def _masked_records(array: NDArray[Any], mask: NDArray[Any]) -> Column:
    """Return records with masked fields, each field as a column."""
    if not mask.view(np.bool_).any():
        return array_column(array)
    fields = [
        _masked_records(array[name], mask[name])
        if mask.dtype[name].names is not None
        else array_column(array[name], mask=mask[name])
        for name in array.dtype.names or ()
    ]
    name = f"masked{kind_of(array.dtype).name}"
    return Composite(name, fields, array.shape, lambda: _masked_records(array[:FIRST], mask[:FIRST]))


def _masked_places(array: NDArray[Any], mask: NDArray[Any]) -> Any:  # noqa: ANN401 - a function
    def at(places: list[int]) -> NDArray[Any]:
        values = array.flat[places].astype(np.float64)
        values[mask.flat[places]] = np.nan
        return values

    return at


def _not_text(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.fromiter((not isinstance(value, str) for value in values), np.bool_, values.size)


def _texts(array: NDArray[Any], size: int, length: int) -> Iterator[TextPiece]:
    for values in _lists(array, size, length):
        block = np.empty(len(values), object)
        block[:] = values
        yield text_of_objects(block, _not_text)


def _lists(array: NDArray[Any], size: int, length: int) -> Iterator[list[Any]]:
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    for start in range(0, size, length):
        yield flat[start : min(start + length, size)].tolist()


def _unmasked(array: NDArray[Any], mask: NDArray[Any] | None, size: int, length: int) -> Iterator[list[Any]]:
    if mask is None:
        yield from _lists(array, size, length)
        return
    for values, nulls in zip(_lists(array, size, length), _lists(mask, size, length), strict=True):
        yield [None if null is True else value for value, null in zip(values, nulls, strict=True)]
