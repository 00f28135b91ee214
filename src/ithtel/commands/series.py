"""A NAV as users have it (a Series, a column, a list) becomes values, a name and times."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ithtel.errors import InputError
from ithtel.events import SeriesSketch
from ithtel.ith import check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

MOST_BUCKETS = 1_000  # what a picture can show; the contract allows 2 000
DEFAULT_NAME = "nav"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Nav:
    """A checked NAV: float64 values of shape (n,), what it is called, when its bars are (None where nobody said)."""

    values: NDArray[np.float64]
    name: str
    times: pd.DatetimeIndex | None

    def time(self, bar: int) -> str | None:
        """Return the time of a bar, ISO 8601."""
        return None if self.times is None or not len(self.times) else self.times[bar].isoformat()

    def times_of(self, bars: Iterable[int]) -> list[str | None]:
        """Return the times of several bars."""
        return [self.time(int(bar)) for bar in bars]

    def digest(self) -> str:
        """Return `sha256:` and the digest of the values, little-endian."""
        return "sha256:" + hashlib.sha256(np.ascontiguousarray(self.values, dtype="<f8").data).hexdigest()


def as_nav(nav: ArrayLike | pd.Series | pd.DataFrame, *, on_bad: check.OnBad) -> Nav:
    """Check what the caller gave, and return it as a NAV.

    Raises:
        InputError: It is no one-dimensional series of numbers, its times do not increase, or it has bars that
            `on_bad` does not let pass; the message names the first.
    """
    if isinstance(nav, pd.DataFrame):
        nav = _only_column(nav)
    series = nav if isinstance(nav, pd.Series) else None
    values = check.check_nav(nav if series is None else _plain(series), on_bad=on_bad)
    return Nav(
        values=values,
        name=DEFAULT_NAME if series is None or series.name is None else str(series.name),
        times=None if series is None else _times(series),
    )


def sketch(nav: Nav, run_id: str) -> SeriesSketch:
    """Return at most 1 000 buckets of equal length: first, least, largest and last value of each."""
    n = len(nav.values)
    width = max(1, math.ceil(n / MOST_BUCKETS))
    starts = np.arange(0, n, width)
    ends = np.minimum(starts + width, n) - 1
    values = nav.values
    return SeriesSketch(
        run_id=run_id,
        name=nav.name,
        n_bars=n,
        start_time=nav.time(0) if n else None,
        end_time=nav.time(-1) if n else None,
        bars_per_bucket=width,
        first=values[starts].tolist(),
        min=np.minimum.reduceat(values, starts).tolist() if n else [],
        max=np.maximum.reduceat(values, starts).tolist() if n else [],
        last=values[ends].tolist(),
    )


def _only_column(frame: pd.DataFrame) -> pd.Series:
    if frame.shape[1] != 1:
        names = ", ".join(map(repr, frame.columns[:8]))
        raise InputError(
            f"NAV is a frame of {frame.shape[1]} columns; pass one of them, such as nav[{frame.columns[0]!r}] ({names})"
            if frame.shape[1]
            else "NAV is a frame without columns"
        )
    return frame.iloc[:, 0]


def _plain(series: pd.Series) -> NDArray[np.generic]:
    """Return the values of a Series as NumPy has them; a missing value of a nullable or Arrow column is NaN."""
    if pd.api.types.is_bool_dtype(series.dtype) or not pd.api.types.is_numeric_dtype(series.dtype):
        return series.to_numpy()
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def _times(series: pd.Series) -> pd.DatetimeIndex | None:
    index = series.index
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if not isinstance(index, pd.DatetimeIndex):
        return None
    if index.hasnans:
        raise InputError(f"NAV has no time at bar {int(np.flatnonzero(index.isna())[0])}: drop or mend that row")
    if not (index.is_monotonic_increasing and index.is_unique):
        bar = int(np.flatnonzero(index[1:] <= index[:-1])[0]) + 1
        what = "the same time as" if index[bar] == index[bar - 1] else "an earlier time than"
        raise InputError(
            f"NAV has {what} the bar before at bar {bar} ({index[bar].isoformat()}): times must increase;"
            " sort the series, and keep one row a time"
        )
    return index
