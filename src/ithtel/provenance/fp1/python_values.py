"""`fingerprint_python`: fingerprints of plain Python values, equal to those of `fingerprint`, without loading NumPy."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from ithtel.provenance.fp1.digest import Method, NoFingerprintError
from ithtel.provenance.fp1.loaded import is_a
from ithtel.provenance.fp1.values import guarded, object_event

if TYPE_CHECKING:
    from ithtel.events import ObjectFingerprint

NO_NUMPY = "NumPy is not loaded"


def fingerprint_python(obj: object, name: str | None = None, *, until: float | None = None) -> ObjectFingerprint:
    """Return the fingerprint of a number, string, list, dict, dataclass …, equal to that of `fingerprint`.

    A value that only NumPy can read, such as a buffer or a table of polars or Arrow, has none here; `reason` says so.
    Past `until`, by `time.thread_time`, no more objects are read by their state.

    >>> fingerprint_python([1, 2]).fingerprint == fingerprint_python([1, 2]).fingerprint
    True
    """
    return guarded(obj, name, lambda: object_event(_checked(obj), name, _METHOD, until=until))


def needs_numpy(obj: object) -> bool:
    """Return whether only NumPy can read a value itself, regardless of values in it."""
    return (
        type(obj) in (array, memoryview)
        or is_a(obj, "polars", "DataFrame", "Series")
        or is_a(obj, "pyarrow", "Table", "RecordBatch", "Array", "ChunkedArray", "Scalar")
    )


def _checked(obj: object) -> object:
    if needs_numpy(obj):
        raise NoFingerprintError(NO_NUMPY)
    return obj


def _nested(obj: object) -> None:
    _checked(obj)


_METHOD = Method(nested=_nested)
