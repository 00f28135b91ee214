"""`Sample`, `Table`, `digest`: the input of tests as float64, without NaN, fingerprinted as it was given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.errors import InputError
from ithtel.ith.check import columns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROUNDING = 8 * np.finfo(np.float64).eps
SUBSET_SEED = 0
LARGEST = 1e100
"""Beyond it, squares and their sums leave the range of float64."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sample:
    """One column of numbers: as given, and without its NaN values, in the same order."""

    given: Floats
    values: Floats
    name: str | None

    @property
    def n_dropped(self) -> int:
        """The number of NaN values dropped."""
        return len(self.given) - len(self.values)

    @property
    def n_gaps(self) -> int:
        """The number of NaN values between numbers: dropping them joined bars that are not neighbours."""
        present = np.flatnonzero(~np.isnan(self.given))
        return int(present[-1] - present[0] + 1 - len(present)) if len(present) else 0

    @property
    def fault(self) -> str | None:
        """The reason why a test that needs finite, varying values cannot be made; None if it can."""
        if len(self.values) == 0:
            return "no values"
        if reason := unbounded(self.values):
            return reason
        if is_constant(self.values):
            return f"all {len(self.values)} values are equal"
        return "the values differ by less than 1e-100" if np.ptp(self.values) < 1 / LARGEST else None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Table:
    """Columns of numbers: as given, and their complete rows."""

    given: Floats
    values: Floats
    names: list[str]
    name: str | None = None

    @property
    def n_dropped(self) -> int:
        """The number of rows dropped because a value in them is NaN."""
        return len(self.given) - len(self.values)

    @property
    def constant(self) -> list[str]:
        """The columns that do not vary."""
        return [name for name, column in zip(self.names, self.values.T, strict=True) if is_constant(column)]

    def without(self, names: Sequence[str]) -> Table:
        """Return the table without the columns `names`; its complete rows stay the same."""
        keep = [name not in names for name in self.names]
        kept = [name for name in self.names if name not in names]
        return Table(given=self.given, values=self.values[:, keep], names=kept, name=self.name)


def take_sample(values: object, name: str = "values") -> Sample:
    """Return one-dimensional `values` as a sample; `name` is the name of the argument in errors.

    Raises:
        InputError: They are not one column of real numbers.

    >>> take_sample([1, None, 3]).n_dropped
    1
    """
    given = _floats(values, name)
    if given.ndim != 1:
        raise InputError(f"{name} must be one column of numbers, got shape {given.shape}")
    own = getattr(values, "name", None)
    return Sample(given=given, values=given[~np.isnan(given)], name=None if own is None else str(own))


def take_table(data: object, name: str = "data") -> Table:
    """Return a DataFrame, a mapping of columns or a two-dimensional array as a table.

    The columns of an array are named `x0`, `x1` and so on.

    Raises:
        InputError: It is none of these, a column is not of real numbers, or two columns have one name.

    >>> take_table({"a": [1, 2], "b": [3, float("nan")]}).values
    array([[1., 3.]])
    """
    if (named := _named_columns(data)) is not None:
        names = [str(key) for key, _ in named]
        columns = [take_sample(values, f"{name}[{key!r}]").given for key, values in named]
        if len({len(column) for column in columns}) > 1:
            raise InputError(f"columns of {name} differ in length: {[len(column) for column in columns]}")
        given = np.column_stack(columns) if columns else np.empty((0, 0))
    else:
        given = _floats(data, name)
        if given.ndim != 2:  # noqa: PLR2004 - rows and columns
            raise InputError(f"{name} must have rows and columns, got shape {given.shape}")
        names = [f"x{i}" for i in range(given.shape[1])]
    if twice := sorted({column for column in names if names.count(column) > 1}):
        raise InputError(f"{name} has more than one column named {twice[0]!r}")
    return Table(given=given, values=given[~np.isnan(given).any(axis=1)], names=names)


def digest(*arrays: Floats) -> str:
    """Return `sha256:` and the digest of the values as little-endian float64 in C order, NaN canonical.

    >>> digest(np.array([1.0, 2.0])) == digest(np.array([1.0]), np.array([2.0]))
    True
    """
    sha256 = hashlib.sha256()
    for array in arrays:
        plain = np.ascontiguousarray(array, dtype="<f8").copy()
        plain[np.isnan(plain)] = np.nan
        sha256.update(plain.data)
    return "sha256:" + sha256.hexdigest()


def is_constant(values: Floats) -> bool:
    """Return whether finite `values` are all equal except for rounding.

    >>> is_constant(np.array([0.3, 0.1 + 0.2]))
    True
    """
    low, high = values.min(), values.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        return bool(low == high)
    with np.errstate(over="ignore"):  # an infinite difference is a difference
        return bool(high - low <= ROUNDING * max(abs(low), abs(high)))


def unbounded(*arrays: Floats) -> str | None:
    """Return the reason why values are too large to calculate with; None if they are not.

    >>> unbounded(np.array([1.0, np.inf]))
    '1 infinite values'
    """
    if n_infinite := sum(int(np.isinf(array).sum()) for array in arrays):
        return f"{n_infinite} infinite values"
    n_large = sum(int((np.abs(array) > LARGEST).sum()) for array in arrays)
    return f"{n_large} values beyond 1e100" if n_large else None


def subset(values: Floats, limit: int) -> tuple[Floats, int | None]:
    """Return at most `limit` of the values, in order, and the seed by which they were drawn; None if all are taken.

    They are drawn at random, because evenly spaced places alias with whatever repeats, such as days and weeks. The seed
    is fixed, so the same places of as many values are always taken.

    >>> subset(np.arange(3.0), 4)
    (array([0., 1., 2.]), None)
    >>> subset(np.arange(10.0), 4)[1]
    0
    """
    if len(values) <= limit:
        return values, None
    places = np.random.default_rng(SUBSET_SEED).choice(len(values), limit, replace=False, shuffle=False)
    return values[np.sort(places)], SUBSET_SEED


def finite(number: float | None) -> float | None:
    """Return `number` as a float, None if it is not finite, because JSON cannot hold it.

    >>> finite(float("nan")) is None
    True
    """
    return float(number) if number is not None and np.isfinite(number) else None


def _named_columns(data: Any) -> list[tuple[object, object]] | None:  # noqa: ANN401 - whatever the user has
    """Return the columns of a table that has names for them; None for anything else."""
    if hasattr(data, "iloc") and getattr(data, "ndim", 0) == 2:  # noqa: PLR2004 - a frame of pandas
        return [(name, data.iloc[:, i]) for i, name in enumerate(data.columns)]
    columns = data if isinstance(data, Mapping) else columns_of(data)
    return None if columns is None else list(columns.items())


def _floats(values: object, name: str) -> Floats:
    if isinstance(values, str | bytes | set | frozenset | Mapping):
        raise InputError(f"{name} must be an array, a Series or a list of numbers, got {type(values).__name__}")
    if isinstance(values, np.ma.MaskedArray):
        return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} is not a regular array: {error}") from error
    if array.dtype.kind in "biuf":
        return array.astype(np.float64)
    if array.dtype.kind == "O" and array.ndim:
        return _numbers(array, name) if array.size else array.astype(np.float64)
    raise InputError(f"{name} must hold real numbers, got dtype {array.dtype}")


def _numbers(array: NDArray[np.object_], name: str) -> Floats:
    try:
        return np.asarray(np.vectorize(_number, otypes=[np.float64])(array))
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def _number(value: Any) -> float:  # noqa: ANN401 - an element of an object array
    if value is None or type(value).__name__ == "NAType":
        return float("nan")
    if isinstance(value, str | bytes | complex):
        raise InputError(f"{value!r} is not a real number")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{value!r} is not a real number") from error
