"""Blocks of an array are its elements in C order, whatever the layout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.fp1.blocks import array_source, block_length, range_source


@given(st.permutations([0, 1, 2]), st.integers(1, 9), st.booleans())
def test_the_blocks_of_any_layout_are_in_c_order(axes: list[int], length: int, is_reversed: bool) -> None:
    """Each has the given length, except the last."""
    array = np.arange(60, dtype=">i4").reshape(3, 4, 5).transpose(axes)
    array = array[::-1, ::2] if is_reversed else array
    blocks = [block for block, _ in array_source(array, np.dtype("<i4"))(length)]
    assert array.flatten().tolist() == np.concatenate(blocks).tolist()
    assert {length} >= {block.size for block in blocks[:-1]}


def test_a_mask_becomes_validity() -> None:
    """True where a value is not null."""
    mask = np.array([True, False, False])
    ((_, valid),) = array_source(np.arange(3), np.dtype("<i8"), mask)(8)
    assert valid is not None
    assert [False, True, True] == valid.tolist()


def test_a_range_is_never_whole() -> None:
    """Only its blocks are in memory."""
    blocks = [block.tolist() for block, _ in range_source(10, -3, 5)(2)]
    assert [[10, 7], [4, 1], [-2]] == blocks


@pytest.mark.parametrize("itemsize", [0, 1, 8, 7, 10**9])
def test_a_block_fills_whole_bytes_of_nulls(itemsize: int) -> None:
    """A multiple of 8 elements, at least 8."""
    length = block_length(itemsize)
    assert (True, 0) == (length >= 8, length % 8)
