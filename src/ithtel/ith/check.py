"""What may enter the numerics: a NAV becomes a float64 array, or a clear error says which bar forbids it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ithtel.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

OnBad = Literal["refuse", "reference"]
Side = Literal["bull", "bear"]

_MEND = "mend the series, or pass on_bad='reference' for what the reference kernels do with it"


def check_nav(nav: ArrayLike, *, on_bad: OnBad = "refuse") -> Floats:
    """Return the NAV as a read-only float64 array, without a copy where the memory allows it.

    Args:
        nav: one value a bar, shape (n,); a list, a Series, float32, integers, strided or read-only.
        on_bad: "refuse" allows only positive finite values; "reference" lets everything through, an empty series too.

    Returns:
        Shape (n,), float64, not writeable; it may share memory with the input.

    Raises:
        InputError: text, booleans, complex numbers, a shape that is not (n,); with "refuse" also empty, NaN,
            infinite, zero or negative.

    >>> check_nav([100, 101, 99])
    array([100., 101.,  99.])
    >>> check_nav([100, 0, -1])
    Traceback (most recent call last):
    ...
    ithtel.errors.InputError: NAV has a zero at bar 1 (2 of 3 bars are not positive and finite): mend the series, \
or pass on_bad='reference' for what the reference kernels do with it
    """
    if on_bad not in ("refuse", "reference"):
        raise InputError(f"no way {on_bad!r} of treating bad bars{did_you_mean(str(on_bad), ['refuse', 'reference'])}")
    values = as_floats(nav, name="NAV")
    if on_bad == "refuse":
        refuse_bad(values)
    return values


def check_side(side: str) -> int:
    """Return +1 for "bull", -1 for "bear"; raise InputError for anything else."""
    if side == "bull":
        return 1
    if side == "bear":
        return -1
    raise InputError(f"no side {side!r}{did_you_mean(str(side), ['bull', 'bear'])}")


def as_floats(values: ArrayLike, *, name: str) -> Floats:
    """Return numbers as a read-only one-dimensional float64 array; say what they are if they are no numbers."""
    try:
        array = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name} is no one-dimensional array of numbers: {error}") from error
    if array.ndim != 1:
        what = f"{name} has shape {array.shape}; a series has one dimension"
        raise InputError(f"{what}: pass one column, such as nav[:, 0]" if array.ndim == 2 else what)  # noqa: PLR2004 - columns
    if array.dtype.kind == "O":
        array = _objects_as_floats(array, name)
    if array.dtype.kind not in "fiu" and array.size > 0:
        raise InputError(f"{name} holds {_kind(array)}; numbers are needed: convert it first, as nav.astype(float)")
    floats = np.asarray(array, dtype=np.float64).view()
    floats.flags.writeable = False
    return floats


def columns_of(table: Any) -> dict[str, NDArray[np.generic]] | None:  # noqa: ANN401 - whatever the user has
    """Return the columns of a table of polars or Arrow by name, each of its own type; None for anything else.

    Read as a whole by NumPy, dates beside numbers would become numbers themselves.

    Raises:
        InputError: The columns cannot be read one by one.
    """
    names = getattr(table, "column_names", None) or getattr(table, "columns", None)
    if not isinstance(names, list):
        return None
    try:
        return {str(name): np.asarray(table[name]) for name in names}
    except (LookupError, TypeError, ValueError) as error:
        raise InputError(f"the columns of the {type(table).__name__} cannot be read: {error}") from error


def contiguous_nav(nav: ArrayLike) -> Floats:
    """Return the series in one piece, read-only.

    One compiled kernel serves all, and one copy costs less than another compilation.
    """
    values = np.ascontiguousarray(as_floats(nav, name="NAV"))
    values.flags.writeable = False
    return values


def refuse_bad(values: Floats, *, first_bar: int = 0) -> None:
    """Raise InputError unless there are values and all are positive and finite.

    `first_bar` is the index of the first of them.
    """
    if values.size == 0:
        raise InputError("NAV is empty; at least one bar is needed")
    if is_positive_finite(values):
        return
    bad = np.flatnonzero(~((values > 0) & (values < np.inf)))
    where = f"{_describe(float(values[bad[0]]))} at bar {first_bar + int(bad[0])}"
    raise InputError(f"NAV has {where} ({bad.size} of {values.size} bars are not positive and finite): {_MEND}")


def is_positive_finite(values: Floats) -> bool:
    """Return whether all of a non-empty array is positive and finite.

    Two reductions and no array between (NaN fails both).
    """
    return bool(values.min() > 0 and values.max() < np.inf)


def _describe(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return f"{value}"
    return "a zero" if value == 0 else f"a negative value, {value!r},"


def _objects_as_floats(array: NDArray[np.object_], name: str) -> Floats:
    """Convert Python numbers that NumPy kept as objects (Decimal, Fraction, None as NaN); text stays text."""
    for index, item in enumerate(array):
        if isinstance(item, (str, bytes, bool, np.bool_, complex)):
            raise InputError(f"{name} holds {type(item).__name__} {item!r} at bar {index}; numbers are needed")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} holds objects that are no numbers: {error}") from error


def _kind(array: NDArray[np.generic]) -> str:
    kinds = {"b": "booleans", "c": "complex numbers", "U": "text", "S": "bytes", "M": "dates", "m": "durations"}
    return kinds.get(array.dtype.kind, f"values of type {array.dtype}")
