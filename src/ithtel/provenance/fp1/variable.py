"""`Text`, `Objects`, `Composite`: columns of variable width, of Python objects, and made of other columns."""

from __future__ import annotations

import math
from json import dumps
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1 import leaves
from ithtel.provenance.fp1.blocks import block_length
from ithtel.provenance.fp1.columns import FIRST, Column, Measured
from ithtel.provenance.fp1.digest import hex_of
from ithtel.provenance.fp1.objects import Encoder
from ithtel.provenance.fp1.scan import Validity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from ithtel.provenance.fp1.digest import Method

    TextPiece = tuple[NDArray[np.int64], Any, NDArray[np.bool_] | None]
    TextPieces = Callable[[int, int], Iterable[TextPiece]]

LONG = 255
"""The byte before a length that does not fit into one byte."""
_MISSING = {leaves.NONE, leaves.NAN, leaves.named("pandas.NAType"), leaves.named("pandas.NaTType")}


class Text:
    """Strings or bytes of any length: digests of the lengths, of the concatenated bytes, and of the nulls.

    `pieces(size, length)` yields the first `size` elements, `length` at a time: lengths in bytes, bytes, validity.
    """

    def __init__(
        self, pieces: TextPieces, shape: Sequence[int], dtype: str = "string", *, holds_gil: bool = False
    ) -> None:
        self._pieces = pieces
        self.holds_gil = holds_gil
        self.dtype = dtype
        self.shape = shape

    def measure(self, method: Method) -> Measured:
        """Compute the digest; null has length 0 and differs from empty by the digest of the nulls."""
        size = math.prod(self.shape)
        sha256, n_bytes, validity = self._digest(method, size)
        first = sha256
        if size and self.shape and self.shape[0] > FIRST:
            first, _, _ = self._digest(method, size // self.shape[0] * FIRST)
        bitmap = validity.hexdigest()
        return Measured(
            dtype=self.dtype,
            sha256=sha256,
            first=first[:16],
            n_nans=validity.n_nulls,
            size_bytes=n_bytes,
            parts={} if bitmap is None else {"validity": bitmap},
        )

    def _digest(self, method: Method, size: int) -> tuple[str, int, Validity]:
        lengths, text, validity = method.new_hasher(), method.new_hasher(), Validity(method)
        n_bytes = 0
        for counts, data, valid in self._pieces(size, block_length(8)):
            packed = packed_lengths(counts)
            lengths.update(packed.data)
            text.update(data)
            n_bytes += packed.size + len(data)
            validity.add(valid, counts.size)
        bitmap = validity.hexdigest()
        parts = [lengths.hexdigest(), text.hexdigest(), *([] if bitmap is None else [bitmap])]
        return method.combine(parts), n_bytes, validity


class Objects:
    """Python objects by value: a digest of their concatenated tokens."""

    holds_gil = True

    def __init__(
        self, pieces: Callable[[int, int], Iterable[list[Any]]], shape: Sequence[int], dtype: str = "object"
    ) -> None:
        self._pieces = pieces
        self.dtype = dtype
        self.shape = shape

    def measure(self, method: Method) -> Measured:
        """Compute the digest.

        Raises:
            NoFingerprintError: An object has no token.
        """
        size = math.prod(self.shape)
        first_size = size // self.shape[0] * FIRST if size and self.shape and self.shape[0] > FIRST else size
        encoder, hasher, first = Encoder(method), method.new_hasher(), method.new_hasher()
        n_missing = n_bytes = n_done = 0
        for values in self._pieces(size, 4_096):
            tokens = list(encoder.items(values, n_done))
            n_missing += sum(token in _MISSING for token in tokens)
            data = b"".join(tokens)
            if n_done < first_size:
                first.update(b"".join(tokens[: first_size - n_done]))
            n_done += len(tokens)
            n_bytes += len(data)
            hasher.update(data)
        return Measured(
            dtype=self.dtype,
            sha256=hasher.hexdigest(),
            first=first.hexdigest()[:16],
            n_nans=n_missing,
            size_bytes=n_bytes,
            parts={},
        )


class Composite:
    """Values made of columns: codes and categories, bounds of intervals, lengths and items, presence and fields."""

    def __init__(
        self,
        dtype: str,
        children: Sequence[Column],
        shape: Sequence[int],
        head: Callable[[], Column],
    ) -> None:
        self.dtype = dtype
        self._children = children
        self.holds_gil = any(child.holds_gil for child in children)
        self._head = head
        self.shape = shape

    def measure(self, method: Method) -> Measured:
        """Combine the fingerprints of the parts; the first part shows what is null."""
        parts = [child.measure(method) for child in self._children]
        sha256 = method.combine(
            hex_of(method.fingerprint("array", part.dtype, child.shape, [], part.sha256, part.parts))
            for part, child in zip(parts, self._children, strict=True)
        )
        first = sha256
        if self.shape[0] > FIRST:
            first = self._head().measure(method).sha256
        return Measured(
            dtype=self.dtype,
            sha256=sha256,
            first=first[:16],
            n_nans=parts[0].n_nans,
            size_bytes=sum(part.size_bytes for part in parts),
            parts={},
        )


def packed_lengths(lengths: NDArray[Any]) -> NDArray[np.uint8]:
    """Return lengths as bytes: one byte each below 255, else 255 and eight bytes, little-endian.

    Always eight bytes would be two to eight times the size of a column of labels.
    """
    if not lengths.size or lengths.max() < LONG:
        return lengths.astype(np.uint8)
    places = np.flatnonzero(lengths >= LONG)
    octets = lengths[places].astype("<i8").view(np.uint8)
    short = np.minimum(lengths, LONG).astype(np.uint8)
    return np.insert(short, np.repeat(places + 1, 8), octets)


def struct_name(names: Sequence[str], fields: Sequence[Column]) -> str:
    """Return the name of the dtype of records with these fields."""
    return "struct{" + ",".join(f"{dumps(name)}:{field.dtype}" for name, field in zip(names, fields, strict=True)) + "}"


def codes_dtype(n_categories: int) -> np.dtype[Any]:
    """Return the narrowest integer dtype for the codes of `n_categories`."""
    return np.dtype(np.int8 if n_categories < 2**7 else np.int16 if n_categories < 2**15 else np.int32)


def text_of_objects(values: NDArray[Any], isna: Callable[[Any], Any]) -> TextPiece:
    """Return lengths, bytes and validity of a block of objects, each of them a `str` or missing.

    One join with a separator is three times as fast as asking each string for its length.
    """
    valid = None
    strings = values.tolist()
    try:
        joined = "\0".join(strings)
    except TypeError:
        null = isna(values)
        valid = ~null
        filled = values.astype(object)
        filled[null] = ""
        strings = filled.tolist()
        joined = "\0".join(strings)
    data = np.frombuffer(joined.encode("utf-8", "surrogatepass"), np.uint8)
    ends = np.flatnonzero(data == 0)
    if ends.size == len(strings) - 1:
        return np.diff(ends, prepend=-1, append=data.size) - 1, data[data != 0].data, valid
    parts = [str.encode(value, "utf-8", "surrogatepass") for value in strings]
    return np.fromiter(map(len, parts), np.int64, len(parts)), b"".join(parts), valid


def nones(size: int, length: int) -> Iterator[list[None]]:
    """Yield the values of a column of nulls, `length` at a time."""
    for start in range(0, size, length):
        yield [None] * min(length, size - start)
