"""`load_nav`: read a NAV from a file, check it, and record that it was loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ithtel.commands.data.tables import Table, read_table, refuse_stacked, without_thousands_points
from ithtel.commands.ith.dates import read_times
from ithtel.commands.ith.doubts import report_doubts
from ithtel.commands.ith.nav import as_nav
from ithtel.errors import DataError, InputError
from ithtel.events import DataLoad
from ithtel.ith.check import is_positive_finite
from ithtel.ith.nav import Nav
from ithtel.ith.plausibility import doubts_about_nav
from ithtel.provenance.files import fingerprint_file
from ithtel.recording.process import current
from ithtel.recording.recorded import emit

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Loaded:
    """A NAV, and the event that records where it comes from; None if no session was running."""

    series: pd.Series
    event: DataLoad | None


def load_nav(
    path: str | os.PathLike[str],
    date: str = "Date",
    nav: str = "NAV",
    *,
    returns: str | None = None,
    prices: str | None = None,
) -> pd.Series:
    r"""Read a NAV from a CSV or Parquet file, check it, and record `data.load` if a session is running.

    Args:
        path: A CSV file, whose separator is detected, or a Parquet file, which is recognised by its first bytes.
        date: The column of the times, which must increase, or the name of a Parquet file's index.
        nav: The column of the values, positive and finite.
        returns: A column of returns, used instead of `nav`: fractions (0.01 is one percent) above -1. The NAV starts
            at 1, the amount invested, so that no return is lost: n returns make n + 1 bars. The time of the 1 is as
            far before the first return as the second return is after it (one day before a single return). If the
            first return is missing, as `pct_change` leaves it, the 1 stands at its place instead.
        prices: A column of prices, used unchanged instead of `nav`.

    Returns:
        The values as float64, named after the file, indexed by time.

    Raises:
        MissingFileError: There is no such file.
        DataError: The file is not a table, lacks a column, or holds a value that a NAV cannot have; the message names
            the line.
        InputError: Both `returns` and `prices` are given.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "fund.csv"
        >>> _ = path.write_text("Date,NAV\n2024-01-02,100\n2024-01-03,101.5\n")
        >>> load_nav(path).tolist()
        [100.0, 101.5]
    """
    loaded = read_nav(path, date, nav, returns=returns, prices=prices)
    if loaded.event is not None:
        emit(loaded.event)
    report_doubts(doubts_about_nav(as_nav(loaded.series)))
    return loaded.series


def read_nav(
    path: str | os.PathLike[str], date: str, nav: str, *, returns: str | None = None, prices: str | None = None
) -> Loaded:
    """Read a NAV as `load_nav` does, with the event that records it, but record nothing."""
    if returns is not None and prices is not None:
        raise InputError(f"got returns={returns!r} and prices={prices!r}: a NAV comes from one column")
    file = Path(path)
    table = read_table(file)
    refuse_stacked(table, [date, nav if returns is None and prices is None else returns or prices or nav])
    dates = _dates(table, date)
    column = prices if prices is not None else nav
    given = _values(table, column if returns is None else returns)
    values = given if returns is None else _compounded(table, given)
    series = pd.Series(values, index=dates, name=file.stem)
    _check(table, series)
    if returns is not None and not np.isnan(given[0]):
        series = _with_start(series)
    return Loaded(series=series, event=_event(table, series))


def _dates(table: Table, name: str) -> pd.DatetimeIndex:
    given = table.column(name, "date (--date)")
    try:
        times = read_times(given)
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(f"{table.file}: column {name!r}: {error}") from None
    bad = np.flatnonzero(times.isna())
    if bad.size:
        raise DataError(
            f"{table.place(bad[0])}: column {name!r} holds {given.iloc[bad[0]]!r}, which is not a date"
            f" ({bad.size} of {len(given)} rows)"
        )
    return pd.DatetimeIndex(times, name=name)


def _values(table: Table, name: str) -> NDArray[np.float64]:
    given = table.column(name, "nav, prices or returns (--nav, --prices, --returns)")
    if pd.api.types.is_bool_dtype(given.dtype):
        raise DataError(f"{table.place(0)}: column {name!r} holds True and False, not numbers")
    if (whole := without_thousands_points(table, name)) is not None:
        given = whole
    numbers = pd.to_numeric(given, errors="coerce")
    bad = np.flatnonzero(numbers.isna() & given.notna())
    if bad.size:
        raise DataError(
            f"{table.place(bad[0])}: column {name!r} holds {given.iloc[bad[0]]!r}, which is not a number"
            f" ({bad.size} of {len(given)} rows)"
        )
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def _compounded(table: Table, returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the NAV after each return, of 1 invested before the first; a missing first return leaves the 1."""
    if len(returns) and np.isnan(returns[0]):
        returns = np.concatenate([[0.0], returns[1:]])
    bad = np.flatnonzero(~((returns > -1) & (returns < np.inf)))
    if bad.size:
        value = returns[bad[0]]
        shown = "missing" if np.isnan(value) else repr(float(value))
        raise DataError(
            f"{table.place(bad[0])}: the return is {shown}, but must be a finite fraction above -1, such as 0.01"
            f" ({bad.size} of {len(returns)} rows): fix or drop the rows"
        )
    with np.errstate(over="ignore", under="ignore"):  # the check of the NAV names the line
        return np.asarray(np.cumprod(1 + returns), dtype=np.float64)


def _with_start(series: pd.Series) -> pd.Series:
    """Return the NAV with the invested 1 before its first bar, at a time that keeps the first distance."""
    times = pd.DatetimeIndex(series.index)
    distance = times[1] - times[0] if len(times) > 1 else pd.Timedelta(days=1)
    before = pd.DatetimeIndex([times[0] - distance], name=times.name)
    return pd.Series(np.concatenate([[1.0], series.to_numpy()]), index=before.append(times), name=series.name)


def _check(table: Table, series: pd.Series) -> None:
    """Raise DataError unless this is a NAV; the message names the line of the file."""
    values, times = series.to_numpy(), series.index
    if not len(values):
        raise DataError(f"{table.file}: no rows below the header")
    if not is_positive_finite(values):
        bad = np.flatnonzero(~((values > 0) & (values < np.inf)))
        value = values[bad[0]]
        shown = "missing" if np.isnan(value) else repr(float(value))
        raise DataError(
            f"{table.place(bad[0])}: the NAV is {shown}, but must be positive and finite"
            f" ({bad.size} of {len(values)} rows): fix or drop the rows"
        )
    if not (times.is_monotonic_increasing and times.is_unique):
        row = int(np.flatnonzero(times[1:] <= times[:-1])[0]) + 1
        what = "is the same time as" if times[row] == times[row - 1] else "is earlier than"
        raise DataError(
            f"{table.place(row)}: {times[row].isoformat()} {what} the row before:"
            " times must increase; sort the file, and keep one row per time"
        )


def _event(table: Table, series: pd.Series) -> DataLoad | None:
    if current() is None:
        return None  # the digest of a large file takes time
    content = fingerprint_file(table.file)
    return data_load(str(table.file), table.frame, series, sha256=content.sha256, size_bytes=content.size_bytes)


def data_load(
    source: str, frame: pd.DataFrame, series: pd.Series, *, sha256: str | None = None, size_bytes: int | None = None
) -> DataLoad:
    """Return the event for data that was loaded: `frame` from `source`, of which `series` is used."""
    return DataLoad(
        source_path=source,
        sha256_hash=sha256,
        input_hash=Nav.of(series, on_bad="reference").digest(),
        size_bytes=size_bytes,
        row_count=len(frame),
        column_count=frame.shape[1],
        schema={str(name): str(dtype) for name, dtype in frame.dtypes.items()},
        value_range={str(name): _range(frame[name]) for name in frame.columns},
    )


def _range(given: pd.Series) -> list[object] | None:
    """Return the smallest and the largest value; None if there is none."""
    present = given.dropna()
    if not len(present):
        return None
    low, high = present.min(), present.max()
    if isinstance(low, pd.Timestamp):
        return [low.isoformat(), high.isoformat()]
    return [low.item(), high.item()] if isinstance(low, np.generic) else [low, high]
