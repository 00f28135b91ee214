"""Dates and times of the present moment are recognised in every usual format; all others are data."""

from __future__ import annotations

import calendar
import datetime as dt
import time
from typing import TYPE_CHECKING

import pytest

from ithtel.provenance.volatile.clock import BARE_S, Window, by_line, without_clock
from ithtel.provenance.volatile.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = dt.datetime(2026, 11, 28, 13, 37, 34, 123456, dt.UTC)
BEGAN = float(calendar.timegm(NOW.timetuple()))
WINDOW = Window(BEGAN, BEGAN + 1)
FORMATS = [
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S+00:00", "%Y/%m/%d %H:%M",
    "%a, %d %b %Y", "%A %d %B %Y", "%H:%M:%S", "%I:%M:%S %p", "%H:%M", "%d/%m/%Y", "%m/%d/%y", "%m/%d/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M", "%d.%m.%y", "%d-%b-%Y", "%c", "%x", "%X", "%a %b %d %H:%M:%S UTC %Y", "%B %d, %Y at %I:%M %p",
    "%Y%m%d", "%Y%m%d_%H%M%S", "%Y-%m-%d_%H-%M-%S", "%b %d %H:%M:%S", "%m-%d %H:%M:%S", "%Y-%m-%d",
    "%d %B %Y, %H:%M:%S",
    "datetime.datetime({0.year}, {0.month}, {0.day}, {0.hour}, {0.minute}, {0.second}, {0.microsecond})",
    "datetime.date({0.year}, {0.month}, {0.day})",
]  # fmt: skip


@pytest.fixture(autouse=True, params=["UTC", "America/New_York", "Asia/Kolkata"])
def _zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def cleaned(text: str, window: Window = WINDOW) -> tuple[str, dict[str, int]]:
    """Return the text without the present, and what was replaced."""
    marks = Marks()
    return without_clock(text, window, marks), dict(marks.counts)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("around", ["{}", "Date: {}  Prob (F-statistic): 0.01", "model_{}.pkl", "<td>{}</td>"])
def test_the_present_is_the_same_text_at_any_time(fmt: str, around: str) -> None:
    """Two moments in different months and hours give one text."""
    other = dt.datetime(2027, 3, 9, 8, 5, 1, 9, dt.UTC)
    later = Window(float(calendar.timegm(other.timetuple())), calendar.timegm(other.timetuple()) + 1.0)
    shape = around if "%H:%M" not in fmt or "_" not in around else "{}"
    one, kinds = cleaned(shape.format(NOW.strftime(fmt).format(NOW)))
    assert kinds, one
    assert one == cleaned(shape.format(other.strftime(fmt).format(other)), later)[0]


@pytest.mark.parametrize(
    "text",
    ["2024-03-05", "2026-11-27", "28 Nov 2025", "Nov 28, 2025", "2026-11-28 09:30:00", "2026-11-27 13:37:34",
     "13:36:20",
     "01:37", "score 13.37", "1:2", "12026-11-28", "2026-11-281",
     "version 2026.11", "1234567890", "17958734",
     "11-28",
     "datetime.date(2024, 3, 5)", "2026-11-28T13:37:34+05:00", "28:37:34", "28/11", "99/99/2026", "0.2026-11-28"],
)  # fmt: skip
def test_every_other_date_is_data(text: str) -> None:
    """Another day, another hour of today, part of a number."""
    assert (text, {}) == cleaned(text)


def test_this_machine_and_utc_are_known() -> None:
    """A naive time may be either; one with an offset is compared as it is."""
    here = dt.datetime.fromtimestamp(BEGAN).astimezone()
    tokyo = dt.datetime.fromtimestamp(BEGAN, dt.timezone(dt.timedelta(hours=9)))
    for text in (f"{here:%H:%M:%S}", f"{here:%Y-%m-%d %H:%M:%S}", str(here), str(tokyo), tokyo.isoformat()):
        assert {"time of day": 1} == cleaned(text)[1], text


def test_midnight_may_pass_within_a_cell() -> None:
    """Both dates are present ones."""
    before = float(calendar.timegm((2026, 12, 31, 23, 59, 58)))
    window = Window(before, before + 5)
    assert {"date": 2} == cleaned("2026-12-31 / 2027-01-01", window)[1]


def test_seconds_since_1970_are_recognised() -> None:
    """As a float, in milli-, micro- and nanoseconds."""
    for text in (f"{BEGAN:.0f}", f"{BEGAN:.6f}", f"{BEGAN * 1e3:.0f}", f"{int(BEGAN) * 10**9}"):
        assert {"time of day": 1} == cleaned(text)[1], text
    assert {} == cleaned(f"{BEGAN - 60:.0f}")[1]


def test_an_earlier_moment_is_recognised_where_a_variable_kept_it() -> None:
    """It is shown by a later cell."""
    later = Window(BEGAN + 3000, BEGAN + 3001, frozenset({int(BEGAN)}))
    assert {"time of day": 1} == cleaned("2026-11-28 13:37:34.5", later)[1]
    assert {} == cleaned("2026-11-28 13:37:33.5", later)[1]


def test_in_a_long_cell_a_time_alone_must_be_recent() -> None:
    """Else every time of the day would be one."""
    window = Window(BEGAN - 2 * BARE_S, BEGAN)
    old = dt.datetime.fromtimestamp(BEGAN - 1.5 * BARE_S, dt.UTC)
    assert {} == cleaned(f"{old:%H:%M:%S}", window)[1]
    assert {"time of day": 1} == cleaned(f"{old:%Y-%m-%d %H:%M:%S}", window)[1]


def test_only_lines_with_a_word_are_changed() -> None:
    """The others are not searched."""
    assert "A\nb" == by_line("a\nb", ["a"], str.upper)
