"""`as_nav`, `as_navs`, `sketch`: a Series, a column, a list or an array becomes a `Nav`, and a `Nav` its sketch."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ithtel.commands.ith.dates import is_date_like, read_times
from ithtel.errors import InputError
from ithtel.events import SeriesSketch
from ithtel.ith import check
from ithtel.ith.nav import DEFAULT_NAME, Nav

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Times = Sequence[object] | NDArray[np.generic] | pd.Index | pd.Series

MAX_BUCKETS = 1_000  # as many as a picture can show; the contract allows 2 000


def as_nav(nav: ArrayLike | pd.Series, *, on_bad: check.OnBad = "raise", timestamps: Times | None = None) -> Nav:
    """Check a series as a user gave it, and return it as a `Nav` with its name and times.

    Raises:
        InputError: It is not a one-dimensional series of numbers, its times do not match or do not increase, or it
            has bars that `on_bad` does not accept; the message names the first.
    """
    if nav is None or isinstance(nav, str | os.PathLike):
        raise InputError(_not_a_series(nav))
    series = nav if isinstance(nav, pd.Series) else None
    given = getattr(nav, "name", None)
    name = DEFAULT_NAME if given is None or given == "" else str(given)
    checked = Nav.of(nav if series is None else _plain(series), name=name, on_bad=on_bad)
    times = _index_of(series) if timestamps is None else times_from(timestamps, len(checked))
    return checked if times is None else _timed(checked, checked_times(times))


def as_navs(
    nav: ArrayLike | pd.Series | pd.DataFrame, *, on_bad: check.OnBad = "raise", timestamps: Times | None = None
) -> tuple[list[Nav], bool]:
    """Return one `Nav` per column, and whether there are several: a table of one column is a single series.

    Raises:
        InputError: As `as_nav`, with the name of the column; or two columns have the same name.
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
        raise InputError("NAV is a table without columns")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise InputError(f"NAV has two columns with the name {twice!r}; rename one")
    return [_column(nav, i, on_bad, timestamps) for i in range(len(names))], True


def times_from(timestamps: Times, n_bars: int) -> pd.DatetimeIndex:
    """Return times as an index of length `n_bars`.

    Raises:
        InputError: They cannot be parsed, or their number is not that of the bars.
    """
    try:
        given: Any = list(timestamps) if isinstance(timestamps, list | tuple) else timestamps
        is_text = len(given) > 0 and isinstance(next(iter(given)), str)
        times = read_times(pd.Index(list(given))) if is_text else pd.DatetimeIndex(given)
        if is_text and (bad := [each for each, is_bad in zip(given, times.isna(), strict=True) if is_bad and each]):
            raise InputError(f"{bad[0]!r} is not a date")
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"cannot parse timestamps; expected one per bar: {error}") from None
    if len(times) != n_bars:
        raise InputError(f"got {len(times)} timestamps for {n_bars} bars; expected one per bar")
    return times


def checked_times(index: pd.DatetimeIndex, *, first_bar: int = 0) -> pd.DatetimeIndex:
    """Return times unchanged if they increase; `first_bar` is the bar of the first of them.

    Raises:
        InputError: A time is missing, or not later than the one before.
    """
    if index.hasnans:
        bar = first_bar + int(np.flatnonzero(index.isna())[0])
        raise InputError(f"NAV has no time at bar {bar}: drop or fix that row")
    if not (index.is_monotonic_increasing and index.is_unique):
        i = int(np.flatnonzero(index[1:] <= index[:-1])[0]) + 1
        what = "the same time as" if index[i] == index[i - 1] else "an earlier time than"
        raise InputError(
            f"NAV has {what} the bar before at bar {first_bar + i} ({index[i].isoformat()}): times must increase;"
            " sort the series, and keep one row per time"
        )
    return index


def sketch(nav: Nav, run_id: str) -> SeriesSketch:
    """Return at most 1 000 buckets of equal length, each with its first, smallest, largest and last value."""
    values, n = nav.values, len(nav)
    width = max(1, math.ceil(n / MAX_BUCKETS))
    starts = np.arange(0, n, width)
    ends = np.minimum(starts + width, n) - 1
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


def _timed(nav: Nav, times: pd.DatetimeIndex) -> Nav:
    return Nav(values=nav.values, name=nav.name, times=times, is_positive=nav.is_positive)


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
    """Return whether this is a list of rows, or a table of another library, without reading all of it."""
    if isinstance(given, list | tuple):
        return bool(given) and hasattr(given[0], "__len__") and not isinstance(given[0], str | bytes)
    return getattr(given, "ndim", 1) == 2 or hasattr(given, "columns")  # noqa: PLR2004 - rows and columns


def _as_table(given: ArrayLike) -> pd.DataFrame | NDArray[np.generic]:
    columns = check.columns_of(given)
    try:
        return np.asarray(given) if columns is None else pd.DataFrame(columns)
    except (ValueError, TypeError) as error:
        raise InputError(f"NAV is not a table of numbers: {error}") from None


def _not_a_series(given: str | os.PathLike[str] | None) -> str:
    if given is None:
        return "NAV is None; expected a series of numbers"
    kind = "string" if isinstance(given, str) else "path"
    return f"NAV is the {kind} {os.fspath(given)!r}; ithtel.load_nav reads files"


def _index_of(series: pd.Series | None) -> pd.DatetimeIndex | None:
    index = None if series is None else series.index
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex):
        return index
    if index is None or not len(index) or not is_date_like(index[0]):
        return None
    return _read(index)


def _read(index: pd.Index) -> pd.DatetimeIndex:
    """Return labels that are meant as dates as times: a series must not be analysed in the wrong order.

    Raises:
        InputError: One of them is not a date, or they can be read in more than one way.
    """
    try:
        times = read_times(index)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"the index holds dates that cannot be read: {error}; use pandas.to_datetime first") from None
    if times.hasnans:
        bar = int(np.flatnonzero(times.isna())[0])
        raise InputError(
            f"the index holds {index[bar]!r} at bar {bar}, which is not a date; use pandas.to_datetime first"
        )
    return times
