"""`Column`, `Fixed`: the values of one dtype that a fingerprint is taken of, from any library."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import numpy as np

from ithtel.events import ArrayFingerprint, Sketch
from ithtel.provenance.fp1.blocks import block_length
from ithtel.provenance.fp1.digest import Method, Stream, digest_blocks, prefix_marks
from ithtel.provenance.fp1.scan import Scan, Validity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from ithtel.provenance.fp1.blocks import Source
    from ithtel.provenance.fp1.kinds import Kind

FIRST = 10
SKETCH_VALUES = 16


class Measured(msgspec.Struct, kw_only=True):
    """The result of one pass over a column."""

    dtype: str
    sha256: str
    first: str
    n_nans: int
    size_bytes: int
    parts: dict[str, str]
    range: list[Any] | None = None
    sketch: Sketch | None = None
    prefixes: list[str] | None = None


class Column(Protocol):
    """Values of one dtype in one order."""

    shape: Sequence[int]
    dtype: str
    holds_gil: bool
    """Whether it consists of Python objects, so that other threads must wait."""

    def measure(self, method: Method) -> Measured:
        """Compute the digest and statistics in one pass."""
        ...


class Fixed:
    """Values of fixed width: numbers, instants, NumPy strings, records."""

    holds_gil = False

    def __init__(
        self,
        source: Source,
        kind: Kind,
        shape: Sequence[int],
        *,
        scan: Callable[[], Scan],
        at: Callable[[list[int]], NDArray[Any]] | None = None,
        dtype: str | None = None,
    ) -> None:
        self._source = source
        self._kind = kind
        self._scan = scan
        self._at = at
        self.shape = shape
        self._size = math.prod(shape)
        self.dtype = dtype or kind.name

    def measure(self, method: Method) -> Measured:
        """Compute the digest of the plain bytes; for dtypes without NaN a second digest covers the nulls."""
        itemsize = self._kind.wire.itemsize
        size_bytes = self._size * itemsize
        mark = size_bytes // self.shape[0] * FIRST if self.shape and self.shape[0] > FIRST else 0
        prefixes = prefix_marks(size_bytes)
        stream = Stream(method.new_hasher(), list({*prefixes, mark}) if mark else ())
        scan, validity = self._scan(), Validity(method)
        with np.errstate(all="ignore"):
            if size_bytes:
                digest_blocks(self._blocks(scan, validity), stream, size_bytes if method.with_thread else 0)
            sketch = self._sketch(scan) if method.with_values else None
        sha256 = plain = stream.hexdigest()
        bitmap = validity.hexdigest()
        if bitmap is not None and self._kind.family not in ("float", "datetime", "timedelta"):
            sha256 = method.combine([plain, bitmap])
        return Measured(
            dtype=self.dtype,
            sha256=sha256,
            first=(stream.marked[mark] if mark else plain)[:16],
            n_nans=scan.n_nans or validity.n_nulls,
            size_bytes=size_bytes,
            parts={} if bitmap is None else {"validity": bitmap},
            range=scan.range() if method.with_values else None,
            sketch=sketch,
            prefixes=[stream.marked[position] for position in prefixes] or None,
        )

    def _blocks(self, scan: Scan, validity: Validity) -> Iterator[memoryview]:
        for values, known in self._source(block_length(self._kind.wire.itemsize)):
            block, valid = scan.canonical(values, known)
            validity.add(valid, values.size)
            yield block.view(np.uint8).data
            scan.count(block, valid)

    def _sketch(self, scan: Scan) -> Sketch | None:
        moments = scan.moments()
        if moments is None or self._at is None:
            return None
        last, n = self._size - 1, SKETCH_VALUES
        places = [i * last // (n - 1) for i in range(n)] if last >= n else list(range(last + 1))
        values = self._at(places).astype(np.float64).tolist() if places else []
        return Sketch(mean=moments[0], std=moments[1], values=[v if math.isfinite(v) else None for v in values])


def array_event(
    column: Measured,
    shape: Sequence[int],
    name: str | None,
    method: Method,
    *,
    kind: str = "array",
    attributes: dict[str, str] | None = None,
) -> ArrayFingerprint:
    """Return the event of an array or a column; its name is not part of the fingerprint.

    `attributes` are further parts of the header: what an instance of a derived class keeps besides its elements.
    """
    return ArrayFingerprint(
        name=name,
        fingerprint=method.fingerprint(
            kind, column.dtype, shape, [], column.sha256, {**column.parts, **(attributes or {})}
        ),
        sha256=column.sha256,
        shape=list(shape),
        dtype=column.dtype,
        range=column.range,
        checksum_first_10=column.first,
        n_nans=column.n_nans,
        size_bytes=column.size_bytes,
        sketch=column.sketch,
        prefix_sha256=column.prefixes,
    )
