"""`without_volatile`: a value without the parts of it that are true only of the present moment, folder or process."""

from __future__ import annotations

import datetime as dt
import math
import re
import time
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ithtel.events import ArrayFingerprint, FrameFingerprint, ObjectFingerprint
from ithtel.provenance.volatile.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.provenance.volatile.clock import Clock, Day
    from ithtel.provenance.volatile.surroundings import Look

MAX_LEAVES = 300
"""Values in a container, and cells of a table, that are examined: 300 short texts take 1 to 3 ms."""
MAX_TEXT = 20_000
MAX_DEPTH = 5
_NUMERIC = ("float", "int", "uint", "bool", "complex", "categorical", "timedelta", "struct", "sparse", "interval")
_LEAST_NUMBER = 100_000_000
"""Seconds since 1970 and addresses are larger; a smaller whole number can only be a process id."""
_MOST_NUMBER = 2**64
_TIMER = r"[\w.]*\b(?:time|time_ns|perf_counter|perf_counter_ns|monotonic|process_time|default_timer|now|utcnow)\(\)"
_MEASURED = re.compile(
    rf"(?m)(?:^|;)\s*(\w+)\s*=\s*(?:round|float|int)?\(*{_TIMER}\s*-\s*\w+\)*(?:\.total_seconds\(\))?(?:\s*[*/]\s*[\w.]+)?(?:,\s*\d+\))?\s*(?:$|#|(?=;))"
)


def measured_names(source: str) -> set[str]:
    r"""Return the names to which the text of a cell binds a difference of two readings of a clock.

    >>> measured_names("took = time.perf_counter() - began\nscore = fit(time.time())")
    {'took'}
    """
    return set(_MEASURED.findall(source)) if "-" in source else set()


def without_volatile(value: object, look: Look, *, is_measured: bool = False) -> tuple[Any, dict[str, int]] | None:
    """Return a value with its volatile parts replaced, and how many of each kind; None if it has none.

    Texts, paths, dates, numbers and uuids are examined, also in lists, tuples, sets and dicts.

    Args:
        value: The value of a variable; it is not changed.
        look: The look of the cell that made it.
        is_measured: Whether the cell's text says that it is a duration.

    >>> from ithtel.provenance.volatile.surroundings import Surroundings
    >>> without_volatile([1, "a"], Surroundings().look()) is None
    True
    """
    if is_measured and isinstance(value, float | dt.timedelta):
        marks = Marks()
        return marks.mark("duration"), dict(marks.counts)
    cleaning = _Cleaning(look, value)
    found = cleaning.clean(value, 0)
    return (found, dict(cleaning.marks.counts)) if cleaning.marks.counts else None


def stable_form(
    value: Any,  # noqa: ANN401
    found: ArrayFingerprint | FrameFingerprint | ObjectFingerprint,
    look: Look,
    *,
    is_measured: bool = False,
) -> tuple[Any, dict[str, int]] | None:
    """Return what to fingerprint in place of a value with volatile parts, and how many of each kind; None without.

    Of a table or an array, the columns of text, objects and times are examined if they are short. The other columns
    count by the fingerprint that they have.
    """
    if isinstance(found, ObjectFingerprint):
        return without_volatile(value, look, is_measured=is_measured)
    cleaning = _Cleaning(look)
    if isinstance(found, ArrayFingerprint):
        dtype = found.dtype.rstrip("0123456789") if found.dtype.startswith(("U", "S")) else found.dtype
        form: Any = [found.shape, dtype, found.index_fingerprints, _cells(value, found, cleaning)]
    else:
        columns = [
            (label, _of_column(value, label, column, cleaning))
            for label, column in found.columns.items()
            if label in value
        ]
        form = [found.shape, [level.fingerprint for level in found.index], list(found.columns), columns]
    return (form, dict(cleaning.marks.counts)) if cleaning.marks.counts else None


def _of_column(table: Any, label: str, found: ArrayFingerprint, cleaning: _Cleaning) -> Any:  # noqa: ANN401
    """Return the same as `_cells` for a column, which is only taken out of its table if its cells are looked at."""
    return found.fingerprint if _counts_whole(found, cleaning) else _cells(table[label], found, cleaning)


def _counts_whole(found: ArrayFingerprint, cleaning: _Cleaning) -> bool:
    """Return whether a column counts by its fingerprint: one of numbers, an empty or a long one."""
    return found.dtype.startswith(_NUMERIC) or not 0 < math.prod(found.shape) <= cleaning.n_left


def _cells(values: Any, found: ArrayFingerprint, cleaning: _Cleaning) -> Any:  # noqa: ANN401
    """Return the cells of a short column of text, objects or times without their volatile parts, else its digest."""
    if _counts_whole(found, cleaning):
        return found.fingerprint
    if math.prod(found.shape) > 1 and found.dtype.startswith(("string", "object", "U")):
        inner = _Cleaning(cleaning.look, list(values.reshape(-1) if hasattr(values, "reshape") else values))
        cleaning.has_texts = inner.has_texts
    before = cleaning.marks.counts.total()
    flat = values.reshape(-1) if hasattr(values, "reshape") else values
    cells = [cleaning.clean(value, 0) for value in flat]
    return cells if cleaning.marks.counts.total() > before else found.fingerprint


_CONTAINERS = (list, tuple, set, frozenset, dict)


def _texts(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401
    """Yield what a container holds, as far as it is examined as text."""
    if type(value) is dict and depth <= MAX_DEPTH:
        for item in (*value.keys(), *value.values())[: 2 * MAX_LEAVES]:
            yield from _texts(item, depth + 1)
    elif type(value) in _CONTAINERS and depth <= MAX_DEPTH:
        for item in islice(value, MAX_LEAVES):
            yield from _texts(item, depth + 1)
    elif isinstance(value, str | int | PurePath | UUID) and not (isinstance(value, int) and abs(value) >= _MOST_NUMBER):
        yield str(value)


class _Cleaning:
    """The examination of one value, which ends after so many leaves and so much text."""

    def __init__(self, look: Look, container: object = None) -> None:
        self.marks = Marks()
        self.has_texts = True
        if type(container) in _CONTAINERS:
            texts = list(islice(_texts(container, 0), MAX_LEAVES))
            self.has_texts = bool(look.cleaned("\n".join(texts)[:MAX_TEXT])[1])  # one look takes less than a hundred
        self.look = look
        self.n_left = MAX_LEAVES
        self._text_left = MAX_TEXT

    def clean(self, value: Any, depth: int) -> Any:  # noqa: ANN401
        kind = type(value)
        self.n_left -= 1
        if self.n_left < 0 or depth > MAX_DEPTH:
            return value
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            return kind([self.clean(item, depth + 1) for item in value]) if len(value) <= self.n_left else value
        if kind is dict:
            if len(value) > self.n_left:
                return value
            return {self.clean(key, depth + 1): self.clean(item, depth + 1) for key, item in value.items()}
        return self._leaf(value, kind)

    def _leaf(self, value: Any, kind: type) -> Any:  # noqa: ANN401, PLR0911 - a table, one line per type
        if issubclass(kind, str):  # NumPy's too
            return self._text(value, str(value))
        if kind is float:
            return self.marks.mark("time of day") if self._is_clock(value) else value
        if kind is int:
            return (
                self._text(value, str(value))
                if _LEAST_NUMBER <= value < _MOST_NUMBER or value in self.look.pids
                else value
            )
        if issubclass(kind, PurePath | UUID):
            return self._text(value, str(value))
        if issubclass(kind, dt.datetime) or kind.__name__ == "datetime64":
            return self._instant(value)
        if kind is time.struct_time:
            return self._moment(value, value[:3], value[3:6], None)
        if kind is dt.date:
            is_now = (value.year, value.month, value.day) in self.look.window.days()
            return self.marks.mark("date") if is_now else value
        return value

    def _text(self, value: Any, text: str) -> Any:  # noqa: ANN401
        self._text_left -= len(text)
        if self._text_left < 0 or not self.has_texts:
            return value
        clean, counts = self.look.cleaned(text)
        self.marks.counts.update(counts)
        return clean if counts else value

    def _is_clock(self, value: float) -> bool:
        """Return whether a number is the seconds of a clock: since 1970, or since this machine or process started."""
        if not math.isfinite(value):
            return False
        if value > _LEAST_NUMBER:
            return self.look.remembers(value)
        age = time.perf_counter() - value
        return value != int(value) and 0 <= age <= self.look.elapsed_s + 2.0 and value > self.look.LEAST_UPTIME_S

    def _instant(self, value: Any) -> Any:  # noqa: ANN401
        if not issubclass(type(value), dt.datetime):
            value = value.astype("datetime64[us]").item()
        if not isinstance(value, dt.datetime):
            return value
        offset = value.utcoffset()
        seconds = None if offset is None else int(offset.total_seconds())
        day, clock = (value.year, value.month, value.day), (value.hour, value.minute, value.second)
        return self._moment(value, day, clock, seconds)

    def _moment(self, value: Any, day: Day, clock: Clock, offset_s: int | None) -> Any:  # noqa: ANN401
        for instant in self.look.window.instants(day, clock, offset_s):
            if self.look.remembers(instant):
                return self.marks.mark("time of day")
        return value
