"""`read_times`: a column of dates as people write them becomes times; the order of day and month is decided once.

A date is never guessed row by row: the whole column decides its format, or it is refused with the reason.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Literal

import numpy as np
import pandas as pd

from ithtel.errors import InputError

EARLIEST_YEAR, LATEST_YEAR = 1677, 2262
EXCEL_DAY_0 = "1899-12-30"
_PARTS = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(.*)$", re.DOTALL)
_OFFSET = re.compile(r":\d\d(?:[.,]\d+)?\s*(?:Z|[+-]\d\d(?::?\d\d)?)$")
_NAMED_OFFSET = re.compile(r"\s*\b(?:GMT|UTC)\s*(?=[+-]\d)")
_COMMENT = re.compile(r"\s*\([^()]*\)$")
_MONTH_AND_YEAR = re.compile(r"^[A-Za-z]{3,9}[- ']+\d{2}$")
_DAY_OR_YEAR = re.compile(r"^\d{2}[- ][A-Za-z]{3,9}$")
_CLOCK = re.compile(r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?$")
_DATE_LIKE = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2}|[A-Za-z]{3}\D+\d{2}", re.ASCII)
# digits of a whole number → what it counts since 1970
_EPOCHS: dict[int, Literal["s", "ms", "us", "ns"]] = {
    9: "s",
    10: "s",
    12: "ms",
    13: "ms",
    15: "us",
    16: "us",
    18: "ns",
    19: "ns",
}
_DAY_DIGITS, _MONTH_DIGITS = 8, 6
_EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119


def read_times(given: pd.Series | pd.Index) -> pd.DatetimeIndex:
    """Return a column of dates as times; those with UTC offsets are in UTC. A missing or unreadable date is NaT.

    Args:
        given: Text, `datetime.date`, times, or whole numbers: yyyymmdd, yyyymm, seconds (also milli, micro, nano)
            since 1970, or the days of a spreadsheet. Shape (n,).

    Raises:
        InputError: The rows contradict each other, or may be read in more than one way; or they hold no date.

    >>> read_times(pd.Series(["12/01/2024", "13/01/2024"]))[0].isoformat()
    '2024-01-12T00:00:00'
    >>> read_times(pd.Series([20240112]))[0].isoformat()
    '2024-01-12T00:00:00'
    """
    column = pd.Series(np.asarray(given, dtype=object)) if isinstance(given, pd.Index) else given
    if isinstance(given, pd.DatetimeIndex) or pd.api.types.is_datetime64_any_dtype(given.dtype):
        return pd.DatetimeIndex(given)
    if pd.api.types.is_bool_dtype(column.dtype):
        raise InputError("the column holds yes and no, not dates")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _of_numbers(column)
    text = column.astype(object).map(_plain)
    known = [each for each in text if isinstance(each, str)]
    if known and all(each.isdecimal() for each in known):
        return _of_numbers(pd.to_numeric(text))
    if not known:
        return pd.DatetimeIndex(pd.to_datetime(column, errors="coerce"))
    return _checked_years(_of_texts(text, known))


def is_date_like(value: object) -> bool:
    """Return whether a label of an index is meant as a date: a date, or text such as `2024-01-12` or `3 Jan 24`.

    >>> is_date_like("2024-01-12"), is_date_like("fund 7")
    (True, False)
    """
    if isinstance(value, str):
        return _DATE_LIKE.search(value) is not None and pd.notna(pd.to_datetime(value, errors="coerce"))
    return isinstance(value, dt.date | np.datetime64)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a column
    return _NAMED_OFFSET.sub("", _COMMENT.sub("", value.strip())) if isinstance(value, str) else value


def _of_texts(text: pd.Series, known: list[str]) -> pd.DatetimeIndex:
    if clock := next((each for each in known if _CLOCK.match(each)), None):
        raise InputError(f"{clock!r} is a time of day without a date; add the date to the column")
    if odd := next((each for each in known if _DAY_OR_YEAR.match(each)), None):
        raise InputError(f"{odd!r} may mean a day or a year; write dates as 2020-01-31")
    has_offset = any(_OFFSET.search(each) for each in known)
    found = [_PARTS.match(each) for each in known]
    if any(found):
        return _of_parts(text, [each for each in found if each is not None], utc=has_offset)
    if any(_MONTH_AND_YEAR.match(each) for each in known):
        spaced = text.str.replace(r"[- ']+", " ", regex=True)
        short = pd.to_datetime(spaced, format="%b %y", errors="coerce")
        return pd.DatetimeIndex(short.fillna(pd.to_datetime(spaced, format="%B %y", errors="coerce")))
    return _parsed(text, utc=has_offset)


def _of_parts(text: pd.Series, found: list[re.Match[str]], *, utc: bool) -> pd.DatetimeIndex:
    """Read dates of two small numbers and a year: the whole column decides which of the two is the day."""
    first, second = (np.array([int(each[i]) for each in found]) for i in (1, 3))
    day_first, month_first = bool((first > 12).any()), bool((second > 12).any())  # noqa: PLR2004 - months
    if day_first and month_first:
        a, b = found[int(np.argmax(first > 12))][0], found[int(np.argmax(second > 12))][0]  # noqa: PLR2004 - months
        raise InputError(
            f"{a!r} begins with a day and {b!r} with a month; write all dates in one order of day and month"
        )
    if not day_first and not month_first:
        day_first = _is_day_first(text, found, utc=utc)
    order = r"\4-\3-\1" if day_first else r"\4-\1-\3"
    if any(len(each[4]) == 2 for each in found):  # noqa: PLR2004 - a year of two digits
        text = text.str.replace(_PARTS, lambda each: each.expand(r"\1\2\3\2") + _century(each[4]) + each[5], regex=True)
    return _parsed(_ordered(text, order), utc=utc)


def _is_day_first(text: pd.Series, found: list[re.Match[str]], *, utc: bool) -> bool:
    """Decide by what no row says: a point stands between day and month, and times must run one way."""
    if all(each[2] == "." for each in found) or all(each[1] == each[3] for each in found):
        return True
    runs = []
    for order in (r"\4-\3-\1", r"\4-\1-\3"):
        changed = _ordered(text, order)
        times = _parsed(changed, utc=utc)
        runs.append(times.is_unique and (times.is_monotonic_increasing or times.is_monotonic_decreasing))
    if runs[0] == runs[1]:
        raise InputError(
            f"{found[0][0]!r} may begin with a day or with a month, and no row decides it;"
            " write dates as 2020-01-31 (year, month, day)"
        )
    return runs[0]


def _ordered(text: pd.Series, order: str) -> pd.Series:
    return text.str.replace(_PARTS, lambda each: each.expand(order) + each[5], regex=True)


def _century(year: str) -> str:
    return f"{'19' if int(year) >= 69 else '20'}{year}"  # noqa: PLR2004 - as POSIX reads years of two digits


def _parsed(text: pd.Series, *, utc: bool) -> pd.DatetimeIndex:
    try:
        return pd.DatetimeIndex(pd.to_datetime(text, errors="coerce", format="mixed", utc=utc))
    except (ValueError, TypeError) as error:
        raise InputError(str(error)) from None


def _checked_years(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    years = times.dropna().year
    if len(years) and not EARLIEST_YEAR <= years.min() <= years.max() <= LATEST_YEAR:
        odd = years.min() if years.min() < EARLIEST_YEAR else years.max()
        raise InputError(f"a date would be in the year {odd:.0f}; write dates as 2020-01-31")
    return times


def _of_numbers(column: pd.Series) -> pd.DatetimeIndex:
    """Read whole numbers as dates, if all of them have one meaning."""
    known = column.dropna().to_numpy(dtype=np.float64)
    if not len(known):
        return pd.DatetimeIndex(pd.to_datetime(column, errors="coerce"))
    shown = f"numbers such as {column.dropna().iloc[0]}"
    digits = {len(str(int(each))) for each in (known.min(), known.max())} if (known >= 1).all() else {0}
    if (known % 1 == 0).all() and len(digits) == 1:
        formats = {_DAY_DIGITS: "%Y%m%d", _MONTH_DIGITS: "%Y%m"}
        n_digits = digits.pop()
        if n_digits in formats:
            whole = column.astype("Int64").astype(str)
            times = pd.DatetimeIndex(pd.to_datetime(list(whole), format=formats[n_digits], errors="coerce"))
            if not times[column.notna().to_numpy()].hasnans:
                return times
        if n_digits in _EPOCHS:
            return pd.DatetimeIndex(pd.to_datetime(column, unit=_EPOCHS[n_digits]))
    low, high = _EXCEL_DAYS
    if low <= known.min() and known.max() < high:
        return pd.DatetimeIndex(pd.to_datetime(column, unit="D", origin=EXCEL_DAY_0)).round("s")
    raise InputError(
        f"the column holds {shown}, not dates; allowed are yyyymmdd, seconds since 1970 (also milli-, micro- and"
        " nanoseconds), and the days of a spreadsheet: choose another column with --date"
    )
