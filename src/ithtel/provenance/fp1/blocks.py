"""`array_source`: an array of any layout as blocks that are one-dimensional, contiguous, little-endian, in C order.

The cuts depend only on the length, so that results computed block by block do not depend on the layout.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Piece = tuple[NDArray[Any], NDArray[np.bool_] | None]
    Source = Callable[[int], Iterator[Piece]]

BLOCK_BYTES = 1024 * 1024
"""About the L2 cache of a core of 2020. With half of it, two threads swap the GIL twice as often: 8 % more time."""


def block_length(itemsize: int) -> int:
    """Return the number of elements of a block: a multiple of 8, so that the bits of nulls fill whole bytes."""
    return max(8, BLOCK_BYTES // max(1, itemsize) // 8 * 8)


def array_source(array: NDArray[Any], wire: np.dtype[Any], mask: NDArray[Any] | None = None) -> Source:
    """Return a source of the blocks of `array`; `mask` is true where an element is null."""

    def blocks(length: int) -> Iterator[Piece]:
        values = _blocks(array, wire, length)
        if mask is None:
            return ((block, None) for block in values)
        nulls = _blocks(mask, mask.dtype, length)
        return ((block, ~null) for block, null in zip(values, nulls, strict=True))

    return blocks


def range_source(start: int, step: int, size: int) -> Source:
    """Return a source of `size` integers from `start` on, which are never all in memory."""

    def blocks(length: int) -> Iterator[Piece]:
        for first in range(0, size, length):
            count = min(length, size - first)
            yield np.arange(count, dtype="<i8") * step + (start + first * step), None

    return blocks


def _blocks(array: NDArray[Any], wire: np.dtype[Any], length: int) -> Iterator[NDArray[Any]]:
    size = array.size
    if array.flags.c_contiguous:
        flat = array.reshape(-1)
        for start in range(0, size, length):
            block = flat[start : start + length]
            yield block if array.dtype == wire else block.astype(wire)
        return
    for start in range(0, size, length):
        block = np.empty(min(length, size - start), wire)
        _copy_range(array, start, block)
        yield block


def _copy_range(array: NDArray[Any], start: int, out: NDArray[Any]) -> None:
    """Copy the elements from `start` on, counted in C order, into all of `out`.

    Whole rows are copied by one assignment, for which NumPy chooses the order: that is ten times as fast as
    `array.flat` for a transposed array.
    """
    if not out.size:
        return
    if array.ndim == 1:
        out[:] = array[start : start + out.size]
        return
    row = math.prod(array.shape[1:])
    first, offset = divmod(start, row)
    done = 0
    if offset or out.size < row:
        done = min(row - offset, out.size)
        _copy_range(array[first], offset, out[:done])
        first += 1
    n_rows = (out.size - done) // row
    if n_rows:
        whole = out[done : done + n_rows * row].reshape(n_rows, *array.shape[1:])
        whole[...] = array[first : first + n_rows]
    done += n_rows * row
    if done < out.size:
        _copy_range(array[first + n_rows], 0, out[done:])
