"""`Window`, `without_clock`: dates and times in a text that are those of the present moment.

Every other date is data. A time of day is compared with the running time of the cell: an hour of today that has passed
is data too.
"""

from __future__ import annotations

import calendar
import re
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ithtel.provenance.volatile.marks import Marks

MARGIN_S = 2.0
"""A clock is read a little before its time is shown, and a display is examined a little after that."""
BARE_S = 600.0
"""A time without a date is recognised only if it is at most this old: in a long cell, too many times would be."""
QUARTER_S = 900
"""All time zones differ by multiples of this."""
_FAR_S = 14 * 3600
_EPOCH_DIGITS = 7
"""Of ten: the next thousand seconds share them."""
_CENTURY = 100

Day = tuple[int, int, int]
Clock = tuple[int, int, int]


class Window(NamedTuple):
    """The seconds since 1970 in which a cell runs, and the earlier moments that the session has kept or shown."""

    began: float
    now: float
    moments: frozenset[int] = frozenset()

    def holds(self, instant: float, span: float = 1.0, *, is_bare: bool = False) -> bool:
        """Return whether `instant`, which is exact to `span` seconds, may have been read from the clock."""
        first = max(self.began, self.now - BARE_S) if is_bare else self.began
        if min(first, self.now) - MARGIN_S - span < instant <= max(self.began, self.now) + MARGIN_S:
            return True
        return not is_bare and span <= 1 and int(instant) in self.moments

    def days(self) -> set[Day]:
        """Return the present dates on this machine and in UTC: those when the cell began, now, and at the moments."""
        instants = (self.began, self.now, *self.moments)
        return {day for each in instants for day in (time.gmtime(each)[:3], time.localtime(each)[:3])}

    def instants(self, day: Day, clock: Clock, offset_s: int | None) -> Iterator[float]:
        """Yield the moments that a date with a time may mean: with an offset one, else here and in UTC."""
        instant = float(calendar.timegm((*day, *clock)))
        if offset_s is not None:
            yield instant - offset_s
        else:
            yield instant
            yield instant - (time.localtime(self.now).tm_gmtoff or 0)


def without_clock(text: str, window: Window, marks: Marks) -> str:
    """Return a text with the dates, times and seconds since 1970 replaced that are those of the present moment.

    >>> from ithtel.provenance.volatile.marks import Marks
    >>> marks, noon = Marks(), calendar.timegm((2026, 11, 28, 12, 0, 0))
    >>> text = "Date: Sat, 28 Nov 2026, Time: 12:00:01; data until 2026-11-25"
    >>> without_clock(text, Window(noon, noon + 1), marks).endswith("; data until 2026-11-25")
    True
    >>> dict(marks.counts)
    {'date': 1, 'time of day': 1}
    """
    screens = _screens(int(window.began), int(window.now), window.moments, time.localtime(window.now).tm_gmtoff)
    has_colon = ":" in text
    found = []
    if has_colon or any(year in text for year in screens.years):
        found = [each for each in screens.dates if each in text]
    if found:
        days = window.days()
        pattern = _dates(_names())
        text = by_line(text, found, lambda line: pattern.sub(lambda part: _date(part, days, window, marks), line))
    found = [each for each in screens.times if each in text] if has_colon else []
    if found:
        text = by_line(text, found, lambda line: re.sub(_BARE, lambda part: _bare(part, window, marks), line))
    found = [each for each in screens.epochs if each in text]
    if found:
        text = by_line(text, found, lambda line: _EPOCH.sub(lambda part: _epoch(part, window, marks), line))
    return text


def by_line(text: str, words: Iterable[str], change: Callable[[str], str]) -> str:
    r"""Return a text with the lines changed that hold one of the words: a regular expression is slow, `in` is not.

    >>> by_line("a b\nc", ["a"], str.upper)
    'A B\nc'
    """
    if "\n" not in text:
        return change(text)
    words = list(words)
    return "\n".join(change(line) if any(word in line for word in words) else line for line in text.split("\n"))


class _Screens(NamedTuple):
    """Texts of which one occurs in everything that shows a present date, a time, or seconds since 1970."""

    years: tuple[str, ...]
    dates: tuple[str, ...]
    times: tuple[str, ...]
    epochs: tuple[str, ...]


@lru_cache(maxsize=16)
def _screens(began: int, now: int, moments: frozenset[int], _offset_s: int) -> _Screens:
    """Return the screens of a window; the offset from UTC distinguishes them if the time zone is changed."""
    instants = {began, now, *moments}
    days = {time.gmtime(each + far)[:3] for each in instants for far in (-_FAR_S, 0, _FAR_S)}
    days |= {time.localtime(each)[:3] for each in instants}
    first = min(max(began, now - int(BARE_S)), now)
    times = set()
    for minute in range(first - 63, max(began, now) + 4, 60):
        for clock in (
            time.gmtime(minute),
            time.localtime(minute),
            time.gmtime(minute + 60),
            time.localtime(minute + 60),
        ):
            times |= {f"{clock.tm_hour:02}:{clock.tm_min:02}", f"{clock.tm_hour % 12 or 12}:{clock.tm_min:02}"}
    epochs = {str(each)[:_EPOCH_DIGITS] for each in instants}
    dates = {part for day in days for part in _shapes(day)}
    years = {each for day in days for each in (str(day[0]), *(f"{gap}{day[0] % _CENTURY:02}" for gap in "/.-"))}
    return _Screens(tuple(sorted(years)), tuple(sorted(dates)), tuple(sorted(times)), tuple(sorted(epochs)))


def _shapes(day: Day) -> Iterator[str]:
    """Yield what every format of a date holds."""
    year, month, date = day
    yield from (f"{year}{sep}{month:02}{sep}{date:02}" for sep in ("", "-", "/", ".", "_"))
    yield from (f"{year}, {month}, {date}", f"={month}, tm_mday={date}")
    for m, d in {(f"{month:02}", f"{date:02}"), (str(month), str(date))}:
        for sep, end in ((sep, end) for sep in ("/", ".", "-") for end in (year, f"{year % _CENTURY:02}")):
            yield from (f"{m}{sep}{d}{sep}{end}", f"{d}{sep}{m}{sep}{end}")
        yield from (f"{m}-{d} ", f"{m}-{d}T")
    for names in (_MONTHS, calendar.month_name[1:], calendar.month_abbr[1:]):
        name = names[month - 1]
        for short in {name, name[:3]}:
            yield from (f"{date}{gap}{short}" for gap in ("", " ", "-", ". ", "st ", "nd ", "rd ", "th "))
            yield from (f"{short}{gap}{date}" for gap in (" ", "  ", ". ", " 0"))


_CLOCK = (
    r"(?P<{0}h>\d{{1,2}}):(?P<{0}m>\d\d)(?::(?P<{0}s>\d\d)(?:[.,]\d{{1,9}})?)?"
    r"(?:\s?(?P<{0}half>[AaPp])\.?[Mm]\b\.?)?(?:\s?(?P<{0}zone>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b))?"
)
_BARE = rf"(?<![\d:.,/+-])(?<!\d[T_ ]){_CLOCK.format('b')}(?![\d:])"
_EPOCH = re.compile(r"(?<![\d.])(\d{10})(?:(\.\d+)|\d{3}|\d{6}|\d{9})?(?![\d]|\.\d)")


def _names() -> tuple[str, str]:
    """Return patterns of the names of weekdays and months, in English and in the language of this machine."""
    words = []
    for english, long, short in (
        (_WEEKDAYS, calendar.day_name, calendar.day_abbr),
        (_MONTHS, calendar.month_name, calendar.month_abbr),
    ):
        names = {*english, *(name[:3] for name in english), *long, *short} - {""}
        words.append("|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))))
    return words[0], words[1]


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@lru_cache(maxsize=4)
def _dates(names: tuple[str, str]) -> re.Pattern[str]:
    """Return the pattern of a date in the formats that programs print, with the time that follows it."""
    weekday, month = names
    iso = r"(?P<iy>(?:19|20)\d\d)(?P<sep>[-/._]?)(?P<im>\d\d)(?P=sep)(?P<id>\d\d)"
    listed = r"(?P<ly>\d{4}), (?:tm_mon=)?(?P<lm>\d\d?), (?:tm_mday=)?(?P<ld>\d\d?)"
    numeric = r"(?P<n1>\d\d?)(?P<nsep>[-/.])(?P<n2>\d\d?)(?P=nsep)(?P<ny>\d{4}|\d\d)(?!\d|(?P=nsep)\d)"
    written = rf"(?P<wd>\d\d?)(?:st|nd|rd|th|\.)?[ -]?(?P<wm>{month})\.?,?[ -]?(?P<wy>\d{{4}}|\d\d)(?!\d)"
    american = (
        rf"(?<![^\W\d_])(?P<am>{month})\.?\s+(?P<ad>\d\d?)(?:st|nd|rd|th)?,?\s+"
        rf"(?:{_CLOCK.format('c')}\s+(?:[A-Z]{{3,4}}\s+)?)?(?P<ay>\d{{4}})(?!\d)"
    )
    after = (
        rf"(?:(?:[T_ -]|,?\s+(?:at\s+)?){_CLOCK.format('d')}(?![\d:])"
        r"|[T_ -]?(?P<eh>\d\d)(?P<esep>[-_.h]?)(?P<em>\d\d)(?:(?P=esep)(?P<es>\d\d))?(?!\d)"
        r"|, (?:tm_hour=)?(?P<fh>\d\d?), (?:tm_min=)?(?P<fm>\d\d?)"
        r"(?:, (?:tm_sec=)?(?P<fs>\d\d?)(?:, \d{1,6})?)?(?!\d))?"
    )
    undated = r"(?P<u1>\d\d)-(?P<u2>\d\d)(?=[ T]\d\d:\d\d:\d\d)"
    syslog = rf"(?<![^\W\d_])(?P<um>{month})\s+(?P<ud>\d\d?)(?= \d\d:\d\d:\d\d)"
    prefix = rf"(?:(?<![^\W\d_])(?:{weekday})\.?,?\s+)?"
    return re.compile(
        rf"{prefix}(?:(?<![\d.])(?:{iso}|{listed}|{written}|{numeric}|{undated})|{american}|{syslog})(?!\d(?!\d{{3}})){after}"
    )


def _date(found: re.Match[str], days: set[Day], window: Window, marks: Marks) -> str:
    """Replace a date if it is the present one; with a time, both must be of the present moment."""
    part = found.groupdict()
    candidates = list(_days_of(part, {day[0] for day in days}))
    clock = next((each for each in (_clock(part, name) for name in "cdef") if each is not None), None)
    if clock is None:
        return marks.mark("date") if days.intersection(candidates) else found[0]
    instants = (each for day in candidates for each in window.instants(day, clock[0], clock[2]))
    moment = next((instant for instant in instants if window.holds(instant, clock[1])), None)
    if moment is not None:
        marks.moments += [int(moment)] if clock[1] == 1 else []
        return marks.mark("time of day")
    if part["fs"] and any(
        _is_elsewhere(instant, window) for day in candidates for instant in window.instants(day, clock[0], 0)
    ):
        return marks.mark("time of day")
    return found[0]


def _is_elsewhere(instant: float, window: Window) -> bool:
    """Return whether a `datetime(…, tzinfo=…)`, whose text does not give the offset, is now in some time zone."""
    offset_s = round((instant - window.now) / QUARTER_S) * QUARTER_S
    return abs(offset_s) <= _FAR_S and window.holds(instant - offset_s)


def _days_of(part: dict[str, Any], years: Iterable[int]) -> Iterator[Day]:
    """Yield the dates that a match may mean: 1/2/2026 means two."""
    texts: list[tuple[Any, Any, Any]]
    if part["iy"]:
        texts = [(part["iy"], part["im"], part["id"])]
    elif part["ly"]:
        texts = [(part["ly"], part["lm"], part["ld"])]
    elif part["wm"]:
        texts = [(part["wy"], _month(part["wm"]), part["wd"])]
    elif part["am"]:
        texts = [(part["ay"], _month(part["am"]), part["ad"])]
    elif part["ny"]:
        texts = [(part["ny"], part["n1"], part["n2"]), (part["ny"], part["n2"], part["n1"])]
    else:
        month, date = (_month(part["um"]), part["ud"]) if part["um"] else (part["u1"], part["u2"])
        texts = [(year, month, date) for year in years]
    for year, month, day in texts:
        y = int(year)
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:  # noqa: PLR2004 - the calendar
            yield (y + 2000 if y < _CENTURY else y, int(month), int(day))


def _month(name: str) -> int:
    for names in (_MONTHS, [each[:3] for each in _MONTHS], calendar.month_name[1:], calendar.month_abbr[1:]):
        if name in names:
            return list(names).index(name) + 1
    return 0


def _clock(part: dict[str, Any], name: str) -> tuple[Clock, float, int | None] | None:
    """Return hour, minute and second of a match, how exact they are, and the offset from UTC if it is given."""
    if part.get(f"{name}h") is None:
        return None
    hour, minute, second = (int(part[f"{name}{unit}"] or 0) for unit in "hms")
    half = part.get(f"{name}half")
    if half is not None:
        hour = hour % 12 + (12 if half in "Pp" else 0)
    zone = part.get(f"{name}zone")
    offset_s = None
    if zone is not None:
        digits = zone.replace(":", "")
        offset_s = 0 if not digits[-1].isdigit() else int(digits[1:3]) * 3600 + int(digits[3:5]) * 60
        offset_s = -offset_s if zone[0] == "-" else offset_s
    return (hour, minute, second), 1.0 if part[f"{name}s"] else 60.0, offset_s


def _bare(found: re.Match[str], window: Window, marks: Marks) -> str:
    """Replace a time without a date if it is now here or in UTC; of the cells of an hour only that of the present."""
    clock = _clock(found.groupdict(), "b")
    if clock is not None:
        for day in window.days():
            instants = window.instants(day, clock[0], clock[2])
            if any(window.holds(instant, clock[1], is_bare=True) for instant in instants):
                return marks.mark("time of day")
    return found[0]


def _epoch(found: re.Match[str], window: Window, marks: Marks) -> str:
    if not window.holds(float(found[1])):
        return found[0]
    marks.moments.append(int(found[1]))
    return marks.mark("time of day")
