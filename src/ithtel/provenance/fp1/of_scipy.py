"""SciPy's sparse arrays and matrices as columns: the places and values of what is not zero, whatever the format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.provenance.fp1.arrays import array_column
from ithtel.provenance.fp1.variable import Composite

if TYPE_CHECKING:
    from ithtel.provenance.fp1.columns import Column


def sparse_column(array: Any) -> Column:  # noqa: ANN401
    """Return a sparse array; entries are summed, sorted in C order, and zeros that are stored are left out."""
    entries = array.tocoo(copy=True)
    entries.sum_duplicates()
    entries.eliminate_zeros()
    coords = getattr(entries, "coords", None) or (entries.row, entries.col)
    order = np.lexsort(coords[::-1])
    places = [array_column(coord[order].astype(np.int64)) for coord in coords]
    values = array_column(entries.data[order])
    return Composite(
        f"sparse[{values.dtype}]", [values, *places], array.shape, lambda: sparse_column(array.tocsr()[:10])
    )
