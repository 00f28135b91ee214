"""A NAV as users have it (a Series, a column, a list) becomes values, a name and times."""

from __future__ import annotations

import hashlib
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ithtel.errors import InputError
from ithtel.events import SeriesSketch
from ithtel.ith import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Times = Sequence[object] | NDArray[np.generic] | pd.Index | pd.Series

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

    def times_of(self, bars: ArrayLike) -> list[str | None]:
        """Return the times of several bars."""
        index = np.asarray(bars, dtype=np.int64)
        if self.times is None or not len(self.times):
            return [None] * len(index)
        return [time.isoformat() for time in self.times[index]]

    def digest(self) -> str:
        """Return `sha256:` and the digest of the values, little-endian."""
        return "sha256:" + hashlib.sha256(np.ascontiguousarray(self.values, dtype="<f8").data).hexdigest()


def as_nav(nav: ArrayLike | pd.Series, *, on_bad: check.OnBad, timestamps: Times | None = None) -> Nav:
    """Check what the caller gave, and return it as a NAV.

    Raises:
        InputError: It is no one-dimensional series of numbers, its times do not match or increase, or it has bars
            that `on_bad` does not let pass; the message names the first.
    """
    if nav is None or isinstance(nav, str | os.PathLike):
        raise InputError(_no_series(nav))
    series = nav if isinstance(nav, pd.Series) else None
    values = check.check_nav(nav if series is None else _plain(series), on_bad=on_bad)
    given = None if series is None else _index_of(series)
    times = given if timestamps is None else times_from(timestamps, len(values))
    name = getattr(nav, "name", None)
    return Nav(
        values=values,
        name=DEFAULT_NAME if name is None or name == "" else str(name),
        times=None if times is None else checked_times(times),
    )


def as_navs(
    nav: ArrayLike | pd.Series | pd.DataFrame, *, on_bad: check.OnBad, timestamps: Times | None = None
) -> tuple[list[Nav], bool]:
    """Return one NAV a column, and whether there are columns: a frame or a 2-D array of just one is a single series.

    Raises:
        InputError: As `as_nav`, naming the column; two columns of one name.
    """
    if not isinstance(nav, pd.Series | pd.DataFrame | np.ndarray) and _is_nested(nav):
        nav = _as_table(nav)
    if isinstance(nav, np.ndarray) and nav.ndim == 2:  # noqa: PLR2004 - rows and columns
        nav = pd.DataFrame(nav, columns=[DEFAULT_NAME] if nav.shape[1] == 1 else None)
    if not isinstance(nav, pd.DataFrame):
        return [as_nav(nav, on_bad=on_bad, timestamps=timestamps)], False
    if nav.shape[1] == 1:
        return [as_nav(nav.iloc[:, 0], on_bad=on_bad, timestamps=timestamps)], False
    names = [str(name) for name in nav.columns]
    if not names:
        raise InputError("NAV is a frame without columns")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise InputError(f"NAV has two columns of the name {twice!r}; rename one")
    return [_column(nav, i, on_bad, timestamps) for i in range(len(names))], True


def times_from(timestamps: Times, n_bars: int) -> pd.DatetimeIndex:
    """Return times as an index of length `n_bars`.

    Raises:
        InputError: They are no times, or not one a bar.
    """
    try:
        given: Any = list(timestamps) if isinstance(timestamps, list | tuple) else timestamps
        times = pd.DatetimeIndex(given)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"timestamps are no times: {error}") from None
    if len(times) != n_bars:
        raise InputError(f"timestamps are {len(times)}, but the NAV has {n_bars} bars; there must be one a bar")
    return times


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


def _plain(series: pd.Series) -> NDArray[np.generic]:
    """Return the values of a Series as NumPy has them; a missing value of a nullable or Arrow column is NaN."""
    if pd.api.types.is_bool_dtype(series.dtype) or not pd.api.types.is_numeric_dtype(series.dtype):
        return series.to_numpy()
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def _column(frame: pd.DataFrame, place: int, on_bad: check.OnBad, timestamps: Times | None) -> Nav:
    name = str(frame.columns[place])
    try:
        return as_nav(frame.iloc[:, place].rename(name), on_bad=on_bad, timestamps=timestamps)
    except InputError as error:
        raise InputError(f"column {name!r}: {error}") from None


def _is_nested(given: object) -> bool:
    """Say whether this is a list of rows, or a table of another library, without reading all of it."""
    if isinstance(given, list | tuple):
        return bool(given) and hasattr(given[0], "__len__") and not isinstance(given[0], str | bytes)
    return getattr(given, "ndim", 1) == 2 or hasattr(given, "columns")  # noqa: PLR2004 - rows and columns


def _as_table(given: ArrayLike) -> pd.DataFrame | NDArray[np.generic]:
    columns = check.columns_of(given)
    try:
        return np.asarray(given) if columns is None else pd.DataFrame(columns)
    except (ValueError, TypeError) as error:
        raise InputError(f"NAV is no table of numbers: {error}") from None


def _no_series(given: str | os.PathLike[str] | None) -> str:
    if given is None:
        return "NAV is None; a series of numbers is needed"
    kind = "text" if isinstance(given, str) else "path"
    return f"NAV is the {kind} {os.fspath(given)!r}; ithtel.load_nav reads files"


def _index_of(series: pd.Series) -> pd.DatetimeIndex | None:
    index = series.index
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    return index if isinstance(index, pd.DatetimeIndex) else None


def checked_times(index: pd.DatetimeIndex, *, first_bar: int = 0) -> pd.DatetimeIndex:
    """Return times that increase, as they are; `first_bar` is the bar of the first of them.

    Raises:
        InputError: A time is missing, or not later than the one before.
    """
    if index.hasnans:
        bar = first_bar + int(np.flatnonzero(index.isna())[0])
        raise InputError(f"NAV has no time at bar {bar}: drop or mend that row")
    if not (index.is_monotonic_increasing and index.is_unique):
        i = int(np.flatnonzero(index[1:] <= index[:-1])[0]) + 1
        what = "the same time as" if index[i] == index[i - 1] else "an earlier time than"
        raise InputError(
            f"NAV has {what} the bar before at bar {first_bar + i} ({index[i].isoformat()}): times must increase;"
            " sort the series, and keep one row a time"
        )
    return index
