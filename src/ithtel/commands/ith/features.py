"""The rolling features of a NAV as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ithtel.errors import InputError
from ithtel.ith.check import columns_of
from ithtel.ith.features import DEFAULT_LOOKBACKS, rolling_features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


def features(
    nav: ArrayLike | pd.Series | pd.DataFrame,
    lookbacks: Sequence[int] | int = DEFAULT_LOOKBACKS,
    *,
    threshold: int | None = None,
) -> pd.DataFrame:
    """Return the rolling ITH features of a NAV: twelve columns a lookback, a row a bar, in the order of `nav`.

    The value of bar i comes from the bars i - lookback + 1 … i alone: nothing looks ahead. The first lookback - 1 rows
    are NaN, and every window that does not begin on a positive finite value. Columns are named `ith_lb{lookback}_…`:
    `bull_ed`, `bull_eg`, `bull_cv` (epoch density, excess gain, interval CV, squashed to [0, 1]), the same of the bear,
    `max_dd`, `max_ru`; beside them, as they are, `bull_epochs`, `bull_raw_cv` and the bear's.

    Args:
        nav: One value a bar, shape (n,); the index of a Series is that of the result.
        lookbacks: Bars a window, one or several, each at least 2 and less than n.
        threshold: Of the range bars that the NAV comes from, if it does: names become `ith_rb{threshold}_lb…`.

    Raises:
        InputError: `nav` is no series of numbers, or a lookback is impossible.

    Source: docs/ith-specification.md, section 6, after the public project trading-fitness.

    Example:
        >>> import ithtel
        >>> ithtel.features([1, 1.1, 1, 1.2], lookbacks=[3])["ith_lb3_max_dd"].round(6).tolist()
        [nan, nan, 0.090909, 0.090909]
    """
    sizes = [lookbacks] if isinstance(lookbacks, int | np.integer) else list(lookbacks)
    others = columns_of(nav)
    table = nav if others is None else pd.DataFrame(others)
    series = _only_column(table) if isinstance(table, pd.DataFrame) else table
    columns = rolling_features(series, lookbacks=sizes, threshold=threshold)
    return pd.DataFrame(columns, index=series.index if isinstance(series, pd.Series) else None)


def _only_column(frame: pd.DataFrame) -> pd.Series:
    if frame.shape[1] != 1:
        raise InputError(f"NAV is a table of {frame.shape[1]} columns; features are made of one series at a time")
    return frame.iloc[:, 0]
