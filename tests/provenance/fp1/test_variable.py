"""Columns of variable width: lengths, dtypes of codes, and strings in object arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.fp1.variable import codes_dtype, nones, packed_lengths, text_of_objects


def unpacked(data: bytes) -> list[int]:
    """Read packed lengths as docs/fingerprints.md specifies them."""
    found, place = [], 0
    while place < len(data):
        is_long = data[place] == 255
        found.append(int.from_bytes(data[place + 1 : place + 9], "little") if is_long else data[place])
        place += 9 if is_long else 1
    return found


@given(st.lists(st.integers(0, 300) | st.just(2**40), max_size=20))
def test_packed_lengths_can_be_read_again(lengths: list[int]) -> None:
    """So no two columns share them."""
    assert lengths == unpacked(packed_lengths(np.array(lengths, np.int64)).tobytes())


@given(st.lists(st.text(max_size=4) | st.none() | st.just("\0"), min_size=1, max_size=12))
def test_strings_give_lengths_bytes_and_validity(values: list[Any]) -> None:
    """A null has length 0; a string may contain the separator."""
    array = np.empty(len(values), object)
    array[:] = values
    lengths, data, valid = text_of_objects(array, pd.isna)
    encoded = [b"" if value is None else value.encode("utf-8", "surrogatepass") for value in values]
    assert ([len(each) for each in encoded], b"".join(encoded)) == (lengths.tolist(), bytes(data))
    expected = [value is not None for value in values]
    assert expected == ([True] * len(values) if valid is None else valid.tolist())


@pytest.mark.parametrize(("n", "dtype"), [(1, "int8"), (127, "int8"), (128, "int16"), (2**15, "int32")])
def test_codes_are_as_narrow_as_their_number_allows(n: int, dtype: str) -> None:
    """So that libraries, which store them in other widths, agree."""
    assert np.dtype(dtype) == codes_dtype(n)


def test_nulls_come_in_pieces() -> None:
    """Of at most the given length."""
    assert [[None, None], [None]] == [*nones(3, 2)]
