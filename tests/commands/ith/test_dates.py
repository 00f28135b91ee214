"""`read_times` decides the format of dates over the whole column, or refuses it with the reason."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from ithtel.commands.ith.dates import is_date_like, read_times
from ithtel.errors import InputError


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["02/01/2020", "03/01/2020", "13/01/2020"], "2020-01-02"),
        (["01/02/2020", "01/03/2020", "01/13/2020"], "2020-01-02"),
        (["02.01.2020", "03.01.2020"], "2020-01-02"),
        (["02/01/20", "13/01/20"], "2020-01-02"),
        (["30/12/2019", "02/01/2020"], "2019-12-30"),
        (["01-31-2020", "02-28-2020"], "2020-01-31"),
        (["Jan-20", "Feb-20"], "2020-01-01"),
        (["January 20", "February 20"], "2020-01-01"),
        (["2020-01-02", "2020-01-03"], "2020-01-02"),
        (["2020-03-06 16:00:00 -0500", "2020-03-09 16:00:00 -0400"], "2020-03-06T21:00:00+00:00"),
        (["2020-03-06 16:00:00 -05", "2020-03-09 16:00:00 -04"], "2020-03-06T21:00:00+00:00"),
        (["2020-01-02 10:00:00 GMT+0100"], "2020-01-02T09:00:00+00:00"),
        (["20200102", "20200103"], "2020-01-02"),
    ],
)
def test_texts(texts: list[str], first: str) -> None:
    """Dates are read as the whole column shows them to be."""
    assert pd.Timestamp(first) == read_times(pd.Series(texts))[0]


@pytest.mark.parametrize("number", [20200102, 1577923200, 1577923200000, 1577923200000000, 43832])
def test_numbers(number: int) -> None:
    """Whole numbers are read by their size: days, seconds, milli- and microseconds, days of a spreadsheet."""
    assert pd.Timestamp("2020-01-02") == read_times(pd.Series([number]))[0]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["13/01/2020", "01/14/2020"], "one order of day and month"),
        (["01/02/2020", "02/03/2020"], "may begin with a day or with a month"),
        (["16:00", "17:00"], "time of day without a date"),
        (["20-Jan", "21-Jan"], "a day or a year"),
        ([1, 2, 3], "not dates"),
        ([True, False], "yes and no"),
    ],
)
def test_what_is_in_doubt_is_refused(column: list[object], message: str) -> None:
    """No date is guessed."""
    with pytest.raises(InputError, match=message):
        read_times(pd.Series(column))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("2020-01-02", True),
        ("3 Jan 2024", True),
        (dt.date(2020, 1, 2), True),
        ("fund 7", False),
        ("A", False),
        (3, False),
    ],
)
def test_labels_that_are_dates(label: object, *, expected: bool) -> None:
    """Names and numbers of rows are not dates."""
    assert expected == is_date_like(label)
