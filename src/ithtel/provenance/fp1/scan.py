"""`scan_for`: one pass over the blocks of an array that makes each canonical and collects statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ithtel.provenance.fp1.digest import Hasher, Method
    from ithtel.provenance.fp1.kinds import Kind

    Block = NDArray[Any]
    Valid = NDArray[np.bool_] | None

_NAT = np.iinfo(np.int64).min


class Validity:
    """The bitmap of valid values in Arrow's layout; not built while no value is null."""

    def __init__(self, method: Method) -> None:
        self._new_hasher = method.new_hasher
        self._hasher: Hasher | None = None
        self._n_before = 0
        self.n_nulls = 0

    def add(self, valid: Valid, n: int) -> None:
        """Add `n` bits; every call but the last has a multiple of 8."""
        n_nulls = 0 if valid is None else n - int(np.count_nonzero(valid))
        if not n_nulls and self._hasher is None:
            self._n_before += n
            return
        if self._hasher is None:
            self._hasher = self._new_hasher()
            for start in range(0, self._n_before // 8, 65_536):
                self._hasher.update(b"\xff" * min(65_536, self._n_before // 8 - start))
        self.n_nulls += n_nulls
        bits = np.ones(n, np.bool_) if valid is None else valid
        self._hasher.update(np.packbits(bits, bitorder="little").data)

    def hexdigest(self) -> str | None:
        """Return the digest of the bitmap, or None if nothing is null."""
        return None if self._hasher is None else self._hasher.hexdigest()


class Scan:
    """Plain bytes: strings of fixed width, void."""

    null: Any = None
    n_nans = 0

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def canonical(self, block: Block, valid: Valid) -> tuple[Block, Valid]:
        """Return the block as it is hashed, copied only if it must change, and which values are not null."""
        return (block if valid is None else _without_nulls(block, valid, np.zeros((), block.dtype))), valid

    def count(self, block: Block, valid: Valid) -> None:
        """Add a canonical block to the statistics; it was just hashed, and so is in the processor's cache."""

    def range(self) -> list[Any] | None:
        """Return [min, max] of the finite values as JSON values, or None."""
        return None

    def moments(self) -> tuple[float | None, float | None] | None:
        """Return mean and population standard deviation of the finite values; None if not a float."""
        return None


class IntScan(Scan):
    """Integers."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self._min: Any = None
        self._max: Any = None

    def count(self, block: Block, valid: Valid) -> None:
        """Update minimum and maximum of the values that are not null."""
        values = block if valid is None else block[valid]
        if values.size:
            low, high = values.min(), values.max()
            self._min = low if self._min is None or low < self._min else self._min
            self._max = high if self._max is None or high > self._max else self._max

    def range(self) -> list[Any] | None:
        """Return [min, max] as integers."""
        return None if self._min is None else [int(self._min), int(self._max)]


class BoolScan(IntScan):
    """Booleans: one byte each, 0 or 1 even if a view stored other values."""

    def canonical(self, block: Block, valid: Valid) -> tuple[Block, Valid]:
        """Make every true value 1."""
        numbers = block.view(np.uint8)
        if block.size and numbers.max() > 1:
            numbers = (numbers != 0).view(np.uint8)
        return super().canonical(numbers, valid)

    def range(self) -> list[Any] | None:
        """Return [min, max] as booleans."""
        return None if self._min is None else [bool(self._min), bool(self._max)]


class TimeScan(IntScan):
    """Instants and durations: 64-bit integers, of which the smallest is NaT."""

    def __init__(self, kind: Kind, *, nan_is_null: bool, zone: str | None) -> None:
        super().__init__(kind)
        self._nan_is_null = nan_is_null
        self._zone = zone
        self._known: Valid = None
        """Which values of the latest block are not NaT."""

    def canonical(self, block: Block, valid: Valid) -> tuple[Block, Valid]:
        """Replace null by NaT, and count NaT."""
        numbers = block.view(np.int64)
        if valid is not None:
            numbers = _without_nulls(numbers, valid, _NAT)
        self._known = None
        if not numbers.size or numbers.min() != _NAT:
            return numbers, valid
        self._known = numbers != _NAT
        self.n_nans += numbers.size - int(np.count_nonzero(self._known))
        return numbers, self._known if self._nan_is_null else valid

    def count(self, block: Block, valid: Valid) -> None:
        """Update the earliest and the latest value that is not NaT."""
        del valid
        super().count(block, self._known)

    def range(self) -> list[Any] | None:
        """Return instants in ISO 8601, durations as integers in their unit."""
        if self._min is None or self.kind.family == "timedelta":
            return super().range()
        unit = np.datetime_data(cast("np.dtype[np.datetime64]", self.kind.wire))[0]
        if unit == "generic":
            return None
        ends = np.array([self._min, self._max], np.int64).view(self.kind.wire)
        return [text + ("Z" if self._zone else "") for text in np.datetime_as_string(ends).tolist()]


class FloatScan(Scan):
    """Floating-point numbers: one bit pattern for NaN; minimum, maximum, mean and deviation of the finite ones."""

    def __init__(self, kind: Kind, *, nan_is_null: bool) -> None:
        super().__init__(kind)
        self._nan_is_null = nan_is_null
        self._min = math.inf
        self._max = -math.inf
        self._n = 0
        self._mean = 0.0
        self._m2 = 0.0
        self._scratch = np.empty(0)
        """Scratch space for one block in double precision; a new one for each block would be paged in anew."""

    def canonical(self, block: Block, valid: Valid) -> tuple[Block, Valid]:
        """Replace null by NaN, give every NaN the same bits, and update the statistics in the same pass."""
        if not block.size:
            return block, valid
        if block.dtype.itemsize > 8:  # noqa: PLR2004 - longer than a double: bytes of the padding are arbitrary
            block = with_canonical_floats(block.copy())
        if valid is not None:
            block = _without_nulls(block, valid, np.nan)
        low, high = float(block.min()), float(block.max())
        if math.isfinite(low) and math.isfinite(high):
            self._extend(block, low, high)
            return block, valid
        return self._with_odd_values(block, valid)

    def _with_odd_values(self, block: Block, valid: Valid) -> tuple[Block, Valid]:
        missing = np.isnan(block)
        n_missing = int(np.count_nonzero(missing))
        finite = block[np.isfinite(block)]
        if finite.size:
            self._extend(finite, float(finite.min()), float(finite.max()))
        if n_missing:
            self.n_nans += n_missing
            block = _one_nan(block, missing)
            valid = ~missing if self._nan_is_null else valid
        return block, valid

    def _extend(self, values: Block, low: float, high: float) -> None:
        """Add finite values by the pairwise update of Chan, Golub and LeVeque (1979)."""
        self._min = min(low, self._min)
        self._max = max(high, self._max)
        n = values.size
        if self._scratch.size < n:
            self._scratch = np.empty(n)
        apart = self._scratch[:n]
        mean = float(np.add.reduce(values, dtype=np.float64)) / n
        np.subtract(values, mean, out=apart, dtype=np.float64)
        np.multiply(apart, apart, out=apart)
        m2 = float(np.add.reduce(apart))
        if not self._n:
            self._n, self._mean, self._m2 = n, mean, m2
            return
        total = self._n + n
        delta = mean - self._mean
        self._mean += delta * n / total
        self._m2 += m2 + delta * delta * self._n * n / total
        self._n = total

    def range(self) -> list[Any] | None:
        """Return [min, max] of the finite values."""
        return [self._min, self._max] if self._n else None

    def moments(self) -> tuple[float | None, float | None] | None:
        """Return mean and standard deviation of the finite values; None for a result that is not finite."""
        if not self._n:
            return None, None
        std = math.sqrt(self._m2 / self._n) if math.isfinite(self._m2) else None
        return (self._mean if math.isfinite(self._mean) else None), std


class ComplexScan(Scan):
    """Complex numbers: each part is made canonical by itself."""

    def canonical(self, block: Block, valid: Valid) -> tuple[Block, Valid]:
        """Make NaN canonical, and count values with a NaN in either part."""
        if valid is not None:
            block = _without_nulls(block, valid, complex(np.nan, np.nan))
        n_missing = int(np.count_nonzero(np.isnan(block)))
        self.n_nans += n_missing
        if n_missing or block.dtype.itemsize > 16:  # noqa: PLR2004 - two doubles
            block = with_canonical_floats(block.copy())
        return block, valid


class StructuredScan(Scan):
    """Records: the packed canonical bytes of their fields."""

    def canonical(self, block: Block, valid: Valid) -> tuple[Block, Valid]:
        """Give every NaN in a field the same bits, and replace null by zeros."""
        block = with_canonical_floats(block.copy())
        return super().canonical(block, valid)


_SCANS: dict[str, type[Scan]] = {
    "int": IntScan, "bool": BoolScan, "complex": ComplexScan, "structured": StructuredScan,
}  # fmt: skip


def scan_for(kind: Kind, *, nan_is_null: bool = False, zone: str | None = None) -> Scan:
    """Return the scan for a dtype."""
    if kind.family == "float":
        return FloatScan(kind, nan_is_null=nan_is_null)
    if kind.family in ("datetime", "timedelta"):
        return TimeScan(kind, nan_is_null=nan_is_null, zone=zone)
    return _SCANS.get(kind.family, Scan)(kind)


def with_canonical_floats(values: Block) -> Block:
    """Change every float in `values` to its canonical bytes, in place, and return `values`."""
    if values.dtype.names is not None:
        for name in values.dtype.names:
            with_canonical_floats(values[name])
    elif values.dtype.kind == "c":
        with_canonical_floats(values.real)
        with_canonical_floats(values.imag)
    elif values.dtype.kind == "f":
        values[np.isnan(values)] = np.nan
        if values.dtype.itemsize > 8 and np.finfo(values.dtype).nmant == 63:  # noqa: PLR2004 - x87: 10 bytes of 16
            values[..., np.newaxis].view(np.uint8)[..., 10:] = 0
    elif values.dtype.kind == "b":
        numbers = values.view(np.uint8)
        numbers[numbers > 1] = 1
    return values


def _one_nan(block: Block, missing: NDArray[np.bool_]) -> Block:
    """Return `block` with only the canonical NaN, copied only if it had another."""
    if block.dtype.itemsize <= 8:  # noqa: PLR2004 - a double
        bits = block.view(f"<u{block.dtype.itemsize}")
        canonical = np.array(np.nan, block.dtype).view(bits.dtype)
        if (bits[missing] == canonical).all():
            return block
    block = block.copy()
    block[missing] = np.nan
    return block


def _without_nulls(block: Block, valid: NDArray[np.bool_], null: Any) -> Block:  # noqa: ANN401 - any scalar
    block = block.copy()
    block[~valid] = null
    return block
