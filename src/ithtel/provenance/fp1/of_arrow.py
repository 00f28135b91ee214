"""`table`, `arrow_column`: Arrow data as columns. pyarrow is not imported here, since whoever made the object did."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1.columns import Column, Fixed
from ithtel.provenance.fp1.kinds import Kind, kind_of
from ithtel.provenance.fp1.scan import scan_for
from ithtel.provenance.fp1.tables import Index, Table
from ithtel.provenance.fp1.variable import Composite, Objects, Text, codes_dtype, nones, struct_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ithtel.provenance.fp1.blocks import Piece
    from ithtel.provenance.fp1.variable import TextPiece

_PRIMITIVE = {
    "bool": "bool", "halffloat": "float16", "float": "float32", "double": "float64",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}  # fmt: skip
_DAY_MS = 86_400_000


def table(arrow: Any) -> Table:  # noqa: ANN401
    """Return a Table or RecordBatch; metadata of the schema is ignored."""
    return Table(
        labels=list(arrow.schema.names),
        columns=[arrow_column(arrow.column(place)) for place in range(arrow.num_columns)],
        n_rows=arrow.num_rows,
        index=Index(),
    )


def arrow_column(array: Any) -> Column:  # noqa: ANN401, PLR0911 - a table with one line per type
    """Return an Array or ChunkedArray as a column, regardless of its chunks."""
    kind, types = array.type, sys.modules["pyarrow"].types
    if str(kind) in _PRIMITIVE:
        return _fixed(array, np.dtype(_PRIMITIVE[str(kind)]))
    if types.is_null(kind):
        return Objects(nones, (len(array),), "null")
    if types.is_timestamp(kind):
        dtype = f"datetime64[{kind.unit}, {kind.tz}]" if kind.tz else None
        return _fixed(array, np.dtype(f"M8[{kind.unit}]"), dtype=dtype, zone=kind.tz)
    if types.is_duration(kind):
        return _fixed(array, np.dtype(f"m8[{kind.unit}]"))
    if types.is_date(kind):
        return _fixed(array, np.dtype("M8[D]"), stored="<i4" if types.is_date32(kind) else "<i8")
    if types.is_time(kind):
        stored = "<i4" if types.is_time32(kind) else "<i8"
        return _fixed(array, np.dtype(f"m8[{kind.unit}]"), dtype=f"time[{kind.unit}]", stored=stored)
    if types.is_decimal(kind):
        return _decimal(array)
    if types.is_fixed_size_binary(kind):
        return _fixed(array, np.dtype(f"V{kind.byte_width}"), dtype=f"binary[{kind.byte_width}]")
    if _is_text(types, kind):
        return _text(array, "string" if "string" in str(kind) else "binary")
    return _nested(array)


def _nested(array: Any) -> Column:  # noqa: ANN401
    kind, types = array.type, sys.modules["pyarrow"].types
    if types.is_dictionary(kind):
        return _dictionary(array)
    if types.is_struct(kind):
        return _struct(array)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _list(array)
    if isinstance(kind, sys.modules["pyarrow"].BaseExtensionType):
        storage = arrow_column(_map_chunks(array, kind.storage_type, lambda chunk: chunk.storage))
        return Composite(_extension(kind, storage.dtype), [storage], (len(array),), _head(array))
    if types.is_run_end_encoded(kind):
        return arrow_column(importlib.import_module("pyarrow.compute").run_end_decode(array))
    return Objects(lambda size, length: _pylists(array, size, length), (len(array),), f"arrow:{kind}")


def _extension(kind: Any, storage: str) -> str:  # noqa: ANN401
    """Return the name of an extension type, with the parameters that it would be stored with."""
    parameters = kind.__arrow_ext_serialize__() if hasattr(kind, "__arrow_ext_serialize__") else b""
    return f"{kind.extension_name}[{storage}{f', {parameters.hex()}' if parameters else ''}]"


def _is_text(types: Any, kind: Any) -> bool:  # noqa: ANN401
    if types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind):
        return True
    return str(kind) in ("string_view", "binary_view")


def _slice(array: Any, start: int, length: int) -> Any:  # noqa: ANN401
    """Return a part of an Array or ChunkedArray as one Array; a copy only where it spans chunks."""
    part = array.slice(start, length)
    chunks = getattr(part, "chunks", None)
    if chunks is None:
        return part
    arrow = sys.modules["pyarrow"]
    return chunks[0] if len(chunks) == 1 else arrow.concat_arrays(chunks or [arrow.array([], array.type)])


def _map_chunks(array: Any, kind: Any, change: Any) -> Any:  # noqa: ANN401
    chunks = getattr(array, "chunks", None)
    return (
        sys.modules["pyarrow"].chunked_array([change(chunk) for chunk in chunks], kind)
        if chunks is not None
        else change(array)
    )


def _head(array: Any) -> Any:  # noqa: ANN401
    return lambda: arrow_column(array.slice(0, 10))


def _valid(part: Any) -> NDArray[np.bool_] | None:  # noqa: ANN401
    bitmap = part.buffers()[0]
    if bitmap is None or not part.null_count:
        return None
    return _bits(bitmap, part.offset, len(part))


def _bits(buffer: Any, offset: int, length: int) -> NDArray[np.bool_]:  # noqa: ANN401
    octets = np.frombuffer(buffer, np.uint8)[offset // 8 : (offset + length + 7) // 8]
    return np.unpackbits(octets, bitorder="little")[offset % 8 : offset % 8 + length].view(np.bool_)


def _fixed(
    array: Any,  # noqa: ANN401
    logical: np.dtype[Any],
    *,
    dtype: str | None = None,
    zone: str | None = None,
    stored: str | None = None,
) -> Fixed:
    kind = kind_of(logical)
    layout = np.dtype(stored) if stored else kind.wire

    def blocks(length: int) -> Iterator[Piece]:
        for start in range(0, len(array), length):
            part = _slice(array, start, length)
            yield _values(part, kind, layout), _valid(part)

    def at(places: list[int]) -> NDArray[Any]:
        return np.asarray(array.take(sys.modules["pyarrow"].array(places)).to_numpy(zero_copy_only=False))

    return Fixed(blocks, kind, (len(array),), scan=lambda: scan_for(kind, zone=zone), at=at, dtype=dtype)


def _values(part: Any, kind: Kind, layout: np.dtype[Any]) -> NDArray[Any]:  # noqa: ANN401
    data = part.buffers()[1]
    if kind.family == "bool":
        return _bits(data, part.offset, len(part))
    values = np.frombuffer(data, layout)[part.offset : part.offset + len(part)]
    if layout == kind.wire:
        return values
    if kind.family == "int":
        return values.astype(kind.wire)
    days = values // _DAY_MS if str(part.type).startswith("date64") else values
    return days.astype("<i8").view(kind.wire)


def _decimal(array: Any) -> Fixed:  # noqa: ANN401
    arrow, kind = sys.modules["pyarrow"], array.type
    width = 32 if arrow.types.is_decimal256(kind) else 16
    if kind.byte_width < width:
        array = array.cast(arrow.decimal128(kind.precision, kind.scale))
    name = "decimal256" if width == 32 else "decimal"  # noqa: PLR2004 - bytes
    return _fixed(array, np.dtype(f"V{width}"), dtype=f"{name}[{kind.precision},{kind.scale}]")


def _text(array: Any, dtype: str) -> Text:  # noqa: ANN401
    def pieces(size: int, length: int) -> Iterator[TextPiece]:
        for start in range(0, size, length):
            yield _lengths_and_bytes(_slice(array, start, min(length, size - start)))

    return Text(pieces, (len(array),), dtype)


def _lengths_and_bytes(part: Any) -> TextPiece:  # noqa: ANN401
    arrow = sys.modules["pyarrow"]
    if str(part.type).endswith("_view"):
        part = part.cast(arrow.large_string() if "string" in str(part.type) else arrow.large_binary())
    _, offsets, data = part.buffers()
    width = np.int64 if str(part.type).startswith("large") else np.int32
    ends = np.frombuffer(offsets, width)[part.offset : part.offset + len(part) + 1]
    lengths, valid = np.diff(ends), _valid(part)
    if valid is not None and ((lengths != 0) > valid).any():
        # A null may cover bytes, which are not part of the value.
        return _lengths_and_bytes(arrow.array(part.to_pylist(), part.type))
    return lengths, memoryview(data)[ends[0] : ends[-1]] if data is not None else b"", valid


def _dictionary(array: Any) -> Column:  # noqa: ANN401
    arrow, kind = sys.modules["pyarrow"], array.type
    chunked = array if hasattr(array, "chunks") else arrow.chunked_array([array])
    chunked = chunked.unify_dictionaries()
    chunks = chunked.chunks
    categories = chunks[0].dictionary if chunks else arrow.array([], kind.value_type)
    if categories.null_count:
        decoded = _map_chunks(chunked, kind.value_type, lambda chunk: chunk.dictionary_decode())
        return _dictionary(decoded.dictionary_encode())
    codes = arrow.chunked_array([chunk.indices for chunk in chunks], kind.index_type)
    stored = "<" + np.dtype(str(kind.index_type)).str[1:]
    return Composite(
        "categorical[ordered]" if kind.ordered else "categorical",
        [_fixed(codes, codes_dtype(len(categories)), stored=stored), arrow_column(categories)],
        (len(array),),
        _head(array),
    )


def _presence(array: Any) -> Fixed:  # noqa: ANN401
    kind = kind_of(np.dtype(np.bool_))

    def blocks(length: int) -> Iterator[Piece]:
        for start in range(0, len(array), length):
            part = _slice(array, start, length)
            yield np.ones(len(part), np.bool_), _valid(part)

    return Fixed(blocks, kind, (len(array),), scan=lambda: scan_for(kind))


def _struct(array: Any) -> Composite:  # noqa: ANN401
    kind = array.type
    fields = [kind.field(place) for place in range(kind.num_fields)]
    children = [
        arrow_column(_map_chunks(array, field.type, lambda chunk, place=place: chunk.flatten()[place]))
        for place, field in enumerate(fields)
    ]
    name = struct_name([field.name for field in fields], children)
    return Composite(name, [_presence(array), *children], (len(array),), _head(array))


def _list(array: Any) -> Composite:  # noqa: ANN401
    kind, compute = array.type, importlib.import_module("pyarrow.compute")
    lengths = arrow_column(compute.list_value_length(array).cast("int64"))
    items = arrow_column(_map_chunks(array, kind.value_type, lambda chunk: chunk.flatten()))
    fixed = f",{kind.list_size}" if sys.modules["pyarrow"].types.is_fixed_size_list(kind) else ""
    return Composite(f"list[{items.dtype}{fixed}]", [lengths, items], (len(array),), _head(array))


def _pylists(array: Any, size: int, length: int) -> Iterator[list[Any]]:  # noqa: ANN401
    for start in range(0, size, length):
        yield _slice(array, start, min(length, size - start)).to_pylist()
