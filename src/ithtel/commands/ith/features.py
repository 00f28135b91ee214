"""`features`: the rolling features of a NAV as a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ithtel.errors import InputError
from ithtel.ith.check import columns_of
from ithtel.ith.features import DEFAULT_LOOKBACKS, rolling_features
from ithtel.ith.nav import Nav

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


def features(
    nav: ArrayLike | pd.Series | pd.DataFrame,
    lookbacks: Sequence[int] | int = DEFAULT_LOOKBACKS,
    *,
    threshold: int | None = None,
) -> pd.DataFrame:
    """Return the rolling ITH features of a NAV: twelve columns per lookback, one row per bar, in the order of `nav`.

    The value of bar i depends on the bars i - lookback + 1 … i only: nothing looks ahead. The first lookback - 1 rows
    are NaN, and so is every window that does not begin with a positive finite value. Columns are named
    `ith_lb{lookback}_…`: `bull_ed`, `bull_eg`, `bull_cv` (epoch density, excess gain, interval CV, squashed to [0, 1]),
    the same for the bear, `max_dd`, `max_ru`; beside them, not squashed, `bull_epochs`, `bull_raw_cv` and those of the
    bear.

    Args:
        nav: One value per bar, shape (n,); the result has the index of a Series.
        lookbacks: Bars per window, one number or several, each at least 2 and less than n.
        threshold: The size of the range bars that the NAV comes from, if it does: columns are then named
            `ith_rb{threshold}_lb…`.

    Raises:
        InputError: `nav` is not a series of numbers, or a lookback is out of range.

    Source: docs/ith-specification.md, section 5, after the public project trading-fitness.

    Example:
        >>> import ithtel
        >>> ithtel.features([1, 1.1, 1, 1.2], lookbacks=[3])["ith_lb3_max_dd"].round(6).tolist()
        [nan, nan, 0.090909, 0.090909]
    """
    sizes = [lookbacks] if isinstance(lookbacks, int | np.integer) else list(lookbacks)
    others = columns_of(nav)
    table = nav if others is None else pd.DataFrame(others)
    series = _only_column(table) if isinstance(table, pd.DataFrame) else table
    columns = rolling_features(Nav.of(series, on_bad="reference"), lookbacks=sizes, threshold=threshold)
    return pd.DataFrame(columns, index=series.index if isinstance(series, pd.Series) else None)


def _only_column(frame: pd.DataFrame) -> pd.Series:
    if frame.shape[1] != 1:
        raise InputError(f"NAV is a table of {frame.shape[1]} columns; pass one series at a time")
    return frame.iloc[:, 0]
