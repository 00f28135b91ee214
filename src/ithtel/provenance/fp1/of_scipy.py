"""`sparse_column`: SciPy's sparse arrays and matrices of any format as the places and values of nonzero elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1.arrays import array_column
from ithtel.provenance.fp1.columns import FIRST
from ithtel.provenance.fp1.variable import Composite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ithtel.provenance.fp1.columns import Column


def sparse_column(array: Any) -> Column:  # noqa: ANN401
    """Return a sparse array; duplicates are summed, entries sorted in C order, and stored zeros dropped."""
    entries = array.tocoo(copy=True)
    entries.sum_duplicates()
    entries.eliminate_zeros()
    coords = getattr(entries, "coords", None) or (entries.row, entries.col)
    order = np.lexsort(coords[::-1])
    return _column([coord[order].astype(np.int64) for coord in coords], entries.data[order], array.shape)


def _column(coords: list[NDArray[np.int64]], data: NDArray[Any], shape: tuple[int, ...]) -> Composite:
    values, places = array_column(data), [array_column(coord) for coord in coords]

    def head() -> Column:
        n = int(np.searchsorted(coords[0], FIRST))
        return _column([coord[:n] for coord in coords], data[:n], (FIRST, *shape[1:]))

    return Composite(f"sparse[{values.dtype}]", [values, *places], shape, head)
