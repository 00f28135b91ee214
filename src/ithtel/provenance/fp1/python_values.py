"""Fingerprints of Python's own values where NumPy is not loaded: the same, without loading it."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from ithtel.provenance.fp1.digest import Method, NoFingerprintError
from ithtel.provenance.fp1.loaded import is_a
from ithtel.provenance.fp1.values import guarded, object_event

if TYPE_CHECKING:
    from ithtel.events import ObjectFingerprint

NO_NUMPY = "NumPy is not loaded"


def fingerprint_python(obj: object, name: str | None = None) -> ObjectFingerprint:
    """Return the fingerprint of a number, a text, a list, a dict, a dataclass …, as `fingerprint` takes it.

    What only NumPy can read (a buffer, a table of polars or Arrow) has none here, and the reason says so.

    >>> fingerprint_python([1, 2]).fingerprint == fingerprint_python([1, 2]).fingerprint
    True
    """
    return guarded(obj, name, lambda: object_event(_checked(obj), name, _METHOD))


def needs_numpy(obj: object) -> bool:
    """Say whether only NumPy can read a value itself (not what may be in it)."""
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
