"""`table`, `polars_column`: polars data as columns. polars is not imported here, since whoever made the object did."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1.columns import Column, Fixed
from ithtel.provenance.fp1.kinds import kind_of
from ithtel.provenance.fp1.of_arrow import arrow_column
from ithtel.provenance.fp1.scan import scan_for
from ithtel.provenance.fp1.tables import Index, Table
from ithtel.provenance.fp1.variable import Composite, Objects, Text, codes_dtype, nones, struct_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ithtel.provenance.fp1.blocks import Piece
    from ithtel.provenance.fp1.variable import TextPiece

_PRIMITIVE = {
    "Boolean": "bool", "Float16": "float16", "Float32": "float32", "Float64": "float64",
    **{f"{sign}Int{bits}": f"{sign.lower()}int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)},
}  # fmt: skip


def table(frame: Any) -> Table:  # noqa: ANN401
    """Return a DataFrame as a table."""
    columns = [polars_column(frame.to_series(place)) for place in range(frame.width)]
    return Table(labels=list(frame.columns), columns=columns, n_rows=frame.height, index=Index())


def polars_column(series: Any) -> Column:  # noqa: ANN401
    """Return a Series as a column, regardless of its chunks."""
    name = series.dtype.base_type().__name__
    if name in _PRIMITIVE:
        return _fixed(series, np.dtype(_PRIMITIVE[name]))
    if name in _TIMES:
        return _time(series, name)
    if name in _OTHERS:
        return _OTHERS[name](series)
    # polars exports Decimal and binary only through Arrow.
    return arrow_column(series.to_arrow())


_TIMES = {"Datetime", "Duration", "Date", "Time"}


def _time(series: Any, name: str) -> Fixed:  # noqa: ANN401
    if name == "Date":
        return _fixed(series, np.dtype("M8[D]"))
    if name == "Time":
        return _fixed(series, np.dtype("m8[ns]"), dtype="time[ns]")
    unit = series.dtype.time_unit
    if name == "Duration":
        return _fixed(series, np.dtype(f"m8[{unit}]"))
    zone = series.dtype.time_zone
    return _fixed(series, np.dtype(f"M8[{unit}]"), dtype=f"datetime64[{unit}, {zone}]" if zone else None, zone=zone)


def _fixed(series: Any, logical: np.dtype[Any], *, dtype: str | None = None, zone: str | None = None) -> Fixed:  # noqa: ANN401
    kind = kind_of(logical)

    def blocks(length: int) -> Iterator[Piece]:
        for start in range(0, len(series), length):
            part = series.slice(start, length).to_physical()
            valid = part.is_not_null().to_numpy() if part.null_count() else None
            values = part.to_numpy() if valid is None else part.fill_null(value=_zero(kind.family)).to_numpy()
            wire = kind.wire if kind.family not in ("datetime", "timedelta") else np.dtype("<i8")
            yield values.astype(wire, copy=False).view(kind.wire), valid

    def at(places: list[int]) -> NDArray[Any]:
        return np.asarray(series.gather(places).to_numpy(), np.float64)

    return Fixed(blocks, kind, (len(series),), scan=lambda: scan_for(kind, zone=zone), at=at, dtype=dtype)


def _wide(series: Any, name: str) -> Fixed:  # noqa: ANN401
    """Return 128-bit integers, which neither NumPy nor Arrow has: 16 bytes each, two's complement."""
    kind, is_signed = kind_of(np.dtype("V16")), name == "Int128"

    def blocks(length: int) -> Iterator[Piece]:
        for start in range(0, len(series), length):
            part = series.slice(start, length)
            valid = part.is_not_null().to_numpy() if part.null_count() else None
            octets = [(value or 0).to_bytes(16, "little", signed=is_signed) for value in part.to_list()]
            yield np.frombuffer(b"".join(octets), kind.wire), valid

    return Fixed(blocks, kind, (len(series),), scan=lambda: scan_for(kind), dtype=name.lower())


def _zero(family: str) -> bool | int | float:
    return False if family == "bool" else 0.0 if family == "float" else 0


def _text(series: Any, size: int, length: int) -> Iterator[TextPiece]:  # noqa: ANN401
    for start in range(0, size, length):
        part = series.slice(start, min(length, size - start))
        valid = part.is_not_null().to_numpy() if part.null_count() else None
        lengths = part.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
        yield lengths, (part.str.join("").item() or "").encode(), valid


def _categorical(series: Any) -> Column:  # noqa: ANN401
    """Return an Enum with its categories, a Categorical with the categories that occur, in order of first occurrence.

    The physical codes of a Categorical are shared by the whole process, so they do not describe the column.
    """
    polars = sys.modules["polars"]
    if series.dtype.base_type().__name__ == "Enum":
        categories = series.dtype.categories
        codes = series.to_physical()
    else:
        categories = series.drop_nulls().unique(maintain_order=True).cast(polars.String)
        codes = series.cast(polars.String).cast(polars.Enum(categories)).to_physical()
    return Composite(
        "categorical", [_fixed(codes, codes_dtype(len(categories))), polars_column(categories)], (len(series),),
        lambda: polars_column(series.head(10)),
    )  # fmt: skip


def _presence(series: Any) -> Fixed:  # noqa: ANN401
    kind = kind_of(np.dtype(np.bool_))

    def blocks(length: int) -> Iterator[Piece]:
        for start in range(0, len(series), length):
            part = series.slice(start, length)
            valid = part.is_not_null().to_numpy() if part.null_count() else None
            yield np.ones(len(part), np.bool_), valid

    return Fixed(blocks, kind, (len(series),), scan=lambda: scan_for(kind))


def _struct(series: Any) -> Composite:  # noqa: ANN401
    children = [(field.name, polars_column(series.struct.field(field.name))) for field in series.dtype.fields]
    name = struct_name([name for name, _ in children], [child for _, child in children])
    return Composite(
        name, [_presence(series), *(child for _, child in children)], (len(series),),
        lambda: polars_column(series.head(10)),
    )  # fmt: skip


def _list(series: Any) -> Composite:  # noqa: ANN401
    polars, fixed = sys.modules["polars"], ""
    if series.dtype.base_type().__name__ == "Array":
        fixed = f",{series.dtype.size}"
        series = series.arr.to_list()
    lengths = series.list.len().cast(polars.Int64)
    items = polars_column(series.filter((lengths > 0).fill_null(value=False)).explode())
    return Composite(
        f"list[{items.dtype}{fixed}]", [polars_column(lengths), items], (len(series),),
        lambda: polars_column(series.head(10)),
    )  # fmt: skip


def _lists(series: Any, size: int, length: int) -> Iterator[list[Any]]:  # noqa: ANN401
    for start in range(0, size, length):
        yield series.slice(start, min(length, size - start)).to_list()


_OTHERS: dict[str, Callable[[Any], Column]] = {
    "Null": lambda series: Objects(nones, (len(series),), "null"),
    "String": lambda series: Text(lambda size, length: _text(series, size, length), (len(series),)),
    "Object": lambda series: Objects(lambda size, length: _lists(series, size, length), (len(series),)),
    "Enum": _categorical,
    "Categorical": _categorical,
    "List": _list,
    "Array": _list,
    "Struct": _struct,
    "Int128": lambda series: _wide(series, "Int128"),
    "UInt128": lambda series: _wide(series, "UInt128"),
}
