"""`check_nav`, `check_side`, `as_floats`: input becomes float64 arrays, or an error that names the first bad bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ithtel.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

OnBad = Literal["raise", "reference"]
Side = Literal["bull", "bear"]

_FIX = "fix the series, or pass on_bad='reference' to treat bad bars as the reference kernels do"


def check_nav(nav: ArrayLike, *, on_bad: OnBad = "raise") -> Floats:
    """Return the NAV as a read-only float64 array, without a copy if it is float64 already.

    Args:
        nav: One value per bar, shape (n,): a list, a Series, float32, integers, strided or read-only.
        on_bad: `raise` accepts only positive finite values; `reference` accepts any numbers, and an empty series.

    Returns:
        Shape (n,), float64, read-only; it may share memory with the input.

    Raises:
        InputError: The values are text, booleans or complex numbers, or have more than one dimension; with `raise`
            also if there are none, or one is NaN, infinite, zero or negative.

    >>> check_nav([100, 101, 99])
    array([100., 101.,  99.])
    >>> check_nav([100, 0, -1])
    Traceback (most recent call last):
    ...
    ithtel.errors.InputError: NAV has a zero at bar 1 (2 of 3 bars are not positive and finite): fix the series, \
or pass on_bad='reference' to treat bad bars as the reference kernels do
    """
    check_on_bad(on_bad)
    values = as_floats(nav, name="NAV")
    if on_bad == "raise":
        require_positive(values)
    return values


def check_on_bad(on_bad: str) -> None:
    """Raise InputError unless `on_bad` is `raise` or `reference`."""
    if on_bad not in get_args(OnBad):
        raise InputError(f"on_bad must be 'raise' or 'reference', got {on_bad!r}")


def check_side(side: str) -> int:
    """Return +1 for `bull` and -1 for `bear`; raise InputError for anything else."""
    if side == "bull":
        return 1
    if side == "bear":
        return -1
    raise InputError(f"no side {side!r}{did_you_mean(str(side), ['bull', 'bear'])}")


def as_floats(values: ArrayLike, *, name: str) -> Floats:
    """Return numbers as a read-only one-dimensional float64 array.

    Raises:
        InputError: They are not numbers, or not in one dimension. The message calls them `name`.
    """
    try:
        array = _unmasked(values)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name} is not a one-dimensional array of numbers: {error}") from error
    if array.ndim != 1:
        what = f"{name} has shape {array.shape}, but a series has one dimension"
        raise InputError(f"{what}: pass one column, such as nav[:, 0]" if array.ndim == 2 else what)  # noqa: PLR2004 - columns
    if array.dtype.kind == "O":
        array = _objects_as_floats(array, name)
    if array.dtype.kind not in "fiu" and array.size > 0:
        raise InputError(f"{name} holds {_kind(array)}, not numbers: convert it first, for example nav.astype(float)")
    floats = np.asarray(array, dtype=np.float64).view()
    floats.flags.writeable = False
    return floats


def _unmasked(values: ArrayLike) -> NDArray[Any]:
    """Return an array; a masked value is missing, so it becomes NaN: the number behind a mask means nothing."""
    if isinstance(values, np.ma.MaskedArray) and values.dtype.kind in "fiu" and np.ma.is_masked(values):
        return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
    return np.asarray(values)


def contiguous(values: Floats) -> Floats:
    """Return a float64 array as contiguous and read-only: the one layout that the kernels are compiled for.

    One copy costs less than compiling them again for another layout.
    """
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values


def columns_of(table: Any) -> dict[str, NDArray[np.generic]] | None:  # noqa: ANN401 - any object of the user
    """Return the columns of a polars or Arrow table by name, each with its own type; None for anything else.

    If NumPy read the table as a whole, dates beside numbers would become numbers.

    Raises:
        InputError: A column cannot be read.
    """
    names = getattr(table, "column_names", None) or getattr(table, "columns", None)
    if not isinstance(names, list):
        return None
    try:
        return {str(name): np.asarray(table[name]) for name in names}
    except (LookupError, TypeError, ValueError) as error:
        raise InputError(f"cannot read the columns of the {type(table).__name__}: {error}") from error


def require_positive(values: Floats, *, first_bar: int = 0) -> None:
    """Raise InputError unless there are values and all are positive and finite.

    `first_bar` is the index of the first value, for the message.
    """
    if values.size == 0:
        raise InputError("NAV is empty; it must have at least one bar")
    if is_positive_finite(values):
        return
    bad = np.flatnonzero(~((values > 0) & (values < np.inf)))
    where = f"{_describe(float(values[bad[0]]))} at bar {first_bar + int(bad[0])}"
    raise InputError(f"NAV has {where} ({bad.size} of {values.size} bars are not positive and finite): {_FIX}")


def is_positive_finite(values: Floats) -> bool:
    """Return whether all values of a non-empty array are positive and finite.

    Two reductions, without an array in between; NaN fails both.
    """
    return bool(values.min() > 0 and values.max() < np.inf)


def _describe(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return f"{value}"
    return "a zero" if value == 0 else f"a negative value, {value!r},"


def _objects_as_floats(array: NDArray[np.object_], name: str) -> Floats:
    """Convert Python numbers that NumPy kept as objects: Decimal, Fraction, and None as NaN. Text is refused."""
    for index, item in enumerate(array):
        if isinstance(item, (str, bytes, bool, np.bool_, complex)):
            raise InputError(f"{name} holds {type(item).__name__} {item!r} at bar {index}, not a number")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} holds objects that are not numbers: {error}") from error


def _kind(array: NDArray[np.generic]) -> str:
    kinds = {"b": "booleans", "c": "complex numbers", "U": "text", "S": "bytes", "M": "dates", "m": "durations"}
    return kinds.get(array.dtype.kind, f"values of type {array.dtype}")
