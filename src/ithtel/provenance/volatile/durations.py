"""`without_durations`, `uses_timer`: how long something took, in the forms in which programs report it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ithtel.provenance.volatile.marks import Marks

_UNITS = {
    "ns": 1e-9, "nsec": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "usec": 1e-6, "ms": 1e-3, "msec": 1e-3,
    "milliseconds": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0,
    "mins": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
}  # fmt: skip
_NUMBER = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_CLOCK = r"(?:\d+ days?,? )?\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?"
_REPORTS: tuple[tuple[str, str], ...] = (
    ("CPU times", r"(?m)^()CPU times: .*$"),
    ("Wall time", r"(?m)^()Wall time: .*$"),
    ("Compiler", r"(?m)^()Compiler (?:time)?: .*$"),
    (" per loop", r"(?m)^().* per loop(?: \(mean ± std\. dev\. of .*\))?$"),
    ("slowest run took", r"(?m)^()The slowest run took .*$(?:\n.*cached\.$)?"),
    (
        ", ",
        r"([|\]\w] \[)(?:\d+:)?\d+:\d\d(?:<[\d:?]+)?, +[\d.?]+ ?[\w.]*(?:/\w+)?(?=[,\]])",
    ),  # tqdm; what it appends is data
    ("elapsed", rf"(\b[Ee]lapsed:? +){_NUMBER} ?(?:{_UNIT})\b(?: remaining: +{_NUMBER} ?(?:{_UNIT})\b)?"),
    ("total", rf"(\btotal(?: time)?= *){_NUMBER} ?(?:{_UNIT})\b"),  # scikit-learn's verbose output
    ("/step", rf"()\b(?:{_NUMBER}m?s )?{_NUMBER} ?(?:{_UNIT})/step"),  # Keras
    ("overhead of testing", r"(overhead of testing was )[\d.]+ seconds"),  # LightGBM
)
_TIMER = re.compile(
    r"\b(?:time\.time|time_ns|perf_counter(?:_ns)?|monotonic(?:_ns)?|process_time(?:_ns)?|thread_time|default_timer"
    r"|timeit|now|utcnow|clock)\s*\(|^\s*%%?time"
)
_MEASURED = rf"(?<![\w.])({_NUMBER})(\s?)({_UNIT})(?![\w/])|(?<![\w:.-])(?<!\d[T ])({_CLOCK})(?![\w:])"
_NAMED = (
    r"(?i)(\b(?:elapsed|took|duration|run ?time|wall ?time|time(?: taken| elapsed)?|seconds)\b[\w ()]{0,20}[:= ]\s*)"
    rf"({_NUMBER})(?![\w.])"
)


def uses_timer(source: str) -> bool:
    """Return whether the text of a cell measures how long something takes.

    >>> uses_timer("began = time.perf_counter()"), uses_timer("half_life = 3.2")
    (True, False)
    """
    return _TIMER.search(source) is not None


def without_durations(text: str, longest_s: float, marks: Marks, *, is_timed: bool = False) -> str:
    """Return a text with durations replaced.

    Args:
        text: The text.
        longest_s: How long the cell has run. A longer duration was not measured in it.
        marks: Counts what was replaced.
        is_timed: Whether the cell's own text measures time. Only then a number with a unit of time is a duration.

    >>> from ithtel.provenance.volatile.marks import Marks
    >>> marks = Marks()
    >>> _ = without_durations("Wall time: 1.2 ms", 1.0, marks)
    >>> dict(marks.counts), without_durations("half-life: 3.2 s", 9.0, Marks())
    ({'duration': 1}, 'half-life: 3.2 s')
    """
    for word, pattern in _REPORTS:
        if word in text and (word != ", " or "/s" in text or "s/" in text):
            text = re.sub(pattern, lambda found: found[1] + marks.mark("duration"), text)
    if is_timed:
        text = re.sub(_MEASURED, lambda found: _measured(found, longest_s, marks), text)
        text = re.sub(_NAMED, lambda found: _named(found, longest_s, marks), text)
    return text


def _measured(found: re.Match[str], longest_s: float, marks: Marks) -> str:
    if found[4] is not None:
        parts = found[4].rpartition(" ")[2].split(":")
        seconds = sum(float(part) * 60**place for place, part in enumerate(reversed(parts)))
    else:
        seconds = float(found[1]) * _UNITS[found[3]]
    return marks.mark("duration") if seconds <= longest_s else found[0]


def _named(found: re.Match[str], longest_s: float, marks: Marks) -> str:
    return found[1] + marks.mark("duration") if float(found[2]) <= longest_s else found[0]
