"""A dtype means the same on every machine."""

from __future__ import annotations

import numpy as np
import pytest

from ithtel.provenance.fp1.kinds import kind_of


@pytest.mark.parametrize(
    ("dtype", "name", "family"),
    [
        (">f8", "float64", "float"),
        ("<i2", "int16", "int"),
        ("?", "bool", "bool"),
        ("M8[s]", "datetime64[s]", "datetime"),
        ("m8", "timedelta64", "timedelta"),
        ("U3", "U3", "raw"),
        ("S3", "S3", "raw"),
        ("O", "object", "object"),
        ([("a", ">i4"), ("b", "f8", 2)], '{"a":int32,"b":float64[2]}', "structured"),
        ([("a", "O")], '{"a":object}', "object"),
    ],
)
def test_a_dtype_has_a_name_and_a_family(dtype: object, name: str, family: str) -> None:
    """Regardless of byte order."""
    kind = kind_of(np.dtype(dtype))
    assert (name, family) == (kind.name, kind.family)


def test_the_bytes_are_little_endian_and_packed() -> None:
    """Alignment of a record leaves no gaps in them."""
    aligned = np.dtype([("a", "i1"), ("b", ">f8")], align=True)
    assert (16, 9) == (aligned.itemsize, kind_of(aligned).wire.itemsize)
    assert np.dtype("<f8") == kind_of(aligned).wire["b"]  # type: ignore[misc]
