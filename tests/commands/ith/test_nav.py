"""`as_nav` takes the values, the name and the times of what a user has; `sketch` shortens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from ithtel.commands.ith.nav import MAX_BUCKETS, as_nav, as_navs, checked_times, sketch, times_from
from ithtel.errors import InputError
from navs import checked

if TYPE_CHECKING:
    from collections.abc import Callable

DAYS = pd.date_range("2024-01-02", periods=3)


def test_a_series_keeps_its_name_and_times() -> None:
    """A list has neither: its name is `nav`."""
    nav = as_nav(pd.Series([1.0, 2.0, 3.0], index=DAYS, name="fund"))
    assert ("fund", "2024-01-04T00:00:00") == (nav.name, nav.time(-1))
    plain = as_nav([1.0, 2.0])
    assert ("nav", None) == (plain.name, plain.times)


def test_given_times_take_precedence_over_the_index() -> None:
    """So that another calendar can be used."""
    nav = as_nav(pd.Series([1.0, 2.0, 3.0], index=DAYS), timestamps=["2025-01-01", "2025-01-02", "2025-01-03"])
    assert "2025-01-01T00:00:00" == nav.time(0)


def test_a_series_that_is_not_positive_says_so() -> None:
    """It is accepted only for comparison with the reference."""
    assert [True, False] == [as_nav(values, on_bad="reference").is_positive for values in ([1.0], [0.0])]


def test_a_table_has_one_series_per_column() -> None:
    """A table of one column is a single series."""
    navs, are_several = as_navs(np.array([[1.0, 2.0], [1.1, 2.2]]))
    assert (["0", "1"], True) == ([nav.name for nav in navs], are_several)
    assert not as_navs(np.array([[1.0], [1.1]]))[1]


def test_times_that_cannot_be_parsed_are_an_error() -> None:
    """And so is another number of them."""
    with pytest.raises(InputError, match="cannot parse timestamps; expected one per bar"):
        times_from(["soon"], 1)
    with pytest.raises(InputError, match="got 1 timestamps for 2 bars; expected one per bar"):
        times_from(["2024-01-01"], 2)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (["2024-01-02", None], "no time at bar 6"),
        (["2024-01-02", "2024-01-02"], "the same time as the bar before at bar 6"),
        (["2024-01-02", "2024-01-01"], "an earlier time than the bar before at bar 6"),
    ],
)
def test_times_must_increase(times: list[str | None], message: str) -> None:
    """The message counts bars from the first ever fed."""
    with pytest.raises(InputError, match=message):
        checked_times(pd.DatetimeIndex(times), first_bar=5)


@pytest.mark.parametrize(("n_bars", "width"), [(1, 1), (MAX_BUCKETS, 1), (MAX_BUCKETS + 1, 2), (0, 1)])
def test_a_sketch_has_at_most_1000_buckets(n_bars: int, width: int) -> None:
    """All of the same length, but for the last."""
    found = sketch(checked(np.arange(1.0, n_bars + 1)), "bull-1")
    assert (n_bars, width, -(-n_bars // width)) == (found.n_bars, found.bars_per_bucket, len(found.last))


@pytest.mark.parametrize("as_date", [str, lambda day: day.date()])
def test_an_index_of_date_text_or_dates_becomes_times(as_date: Callable[[pd.Timestamp], object]) -> None:
    """Text and `datetime.date` are as good as a DatetimeIndex."""
    days = pd.date_range("2024-01-02", periods=3)
    nav = as_nav(pd.Series([1.0, 2.0, 3.0], index=[as_date(day) for day in days]))
    assert nav.times is not None
    assert list(days) == list(nav.times)


def test_date_text_that_runs_backwards_is_refused() -> None:
    """A series that begins with the newest bar is never analysed upside down."""
    with pytest.raises(InputError, match="an earlier time than the bar before at bar 1"):
        as_nav(pd.Series([3.0, 2.0], index=["2024-01-03", "2024-01-02"]))


def test_labels_that_are_no_dates_are_not_times() -> None:
    """An index of names is left alone."""
    assert as_nav(pd.Series([1.0, 2.0], index=["a", "b"])).times is None


def test_a_masked_value_is_missing() -> None:
    """The number behind a mask is never analysed."""
    masked = np.ma.masked_array([1.0, 99.0, 2.0], mask=[False, True, False])
    with pytest.raises(InputError, match="NaN at bar 1"):
        as_nav(masked)
