"""`without_volatile`: a state without what differs in every run although the object is the same."""

from __future__ import annotations

import datetime as dt
import functools
import re
import time
from typing import Any

from ithtel.provenance.fp1.stand_ins import tagged

SCRATCH = frozenset({"_cache", "__weakref__", "__dict__"})
"""Attributes that a value fills by being looked at (statsmodels' `_cache`), or that are not data."""
_OF_PACKAGES: dict[str, frozenset[str]] = {
    "joblib": frozenset({"_id", "_call_id", "_call_ref", "_pickle_cache"}),
    "numpy": frozenset({"_getitem"}),
    "pandas": frozenset({"uuid", "_item_cache"}),
    "sklearn": frozenset({"_stop_words_id"}),
    "statsmodels": frozenset({"_tmp_like_exog"}),
}
"""Names by package: addresses, random identities, and memory that was never written to."""
_DURATION = re.compile(r"(mean_|std_)?(fit|score|refit)_times?_?")
_LOADED = time.monotonic()
_LEEWAY_S = 60.0
"""This module may be loaded by the first fingerprint, after the cell that made the value."""
_SHORT = 24
_TIME = re.compile(r"\s*\d\d:\d\d:\d\d\s*")
_DATES = ("%a, %d %b %Y", "%a, %b %d %Y")
"""The dates in the summaries of statsmodels and arch."""


def without_volatile(state: Any, kind: type) -> Any:  # noqa: ANN401 - as pickle is given it
    """Return a state of an instance of `kind` without what no two runs share; what is not a dict as it is.

    Left out are cached properties, which are made of the rest, scratch, durations and identities of known packages.
    The present time is replaced: arch keeps the time of the fit in its results, and shows it in their summary.
    """
    if type(state) is not dict:
        return state
    left_out = _names_of(kind)
    return {
        name: _still(part)
        for name, part in state.items()
        if name not in left_out and not (isinstance(name, str) and _DURATION.fullmatch(name))
    }


def _still(part: Any) -> Any:  # noqa: ANN401
    kind = type(part)
    if kind is dict:
        if any(isinstance(name, str) and _DURATION.fullmatch(name) for name in part):
            return {name: each for name, each in part.items() if not _DURATION.fullmatch(str(name))}
    elif kind is dt.datetime:
        return tagged("clock") if _is_of_this_run(part) else part
    elif kind is str and len(part) <= _SHORT and _is_clock_text(part):
        return tagged("clock")
    return part


def _is_of_this_run(moment: dt.datetime) -> bool:
    now = dt.datetime.now(moment.tzinfo)
    return _start(now) <= moment <= now


def _start(now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(seconds=time.monotonic() - _LOADED + _LEEWAY_S)


def _is_clock_text(text: str) -> bool:
    if _TIME.fullmatch(text):
        now = dt.datetime.now()  # noqa: DTZ005 - as the summary shows it
        moment = dt.datetime.combine(now.date(), dt.time.fromisoformat(text.strip()))
        return _start(now) <= moment <= now
    if "," not in text:
        return False
    today = dt.date.today()  # noqa: DTZ011 - as above
    return text.strip() in {today.strftime(form) for form in _DATES}


@functools.lru_cache(maxsize=4_096)
def _names_of(kind: type) -> frozenset[str]:
    """Return the attributes that are left out of the state of a class: cached properties, and those of its packages."""
    mro = type.mro(kind)
    cached: dict[str, bool] = {}
    for base in mro:
        for name, part in base.__dict__.items():
            cached.setdefault(name, isinstance(part, functools.cached_property))
    packages = {str(base.__module__).partition(".")[0] for base in mro}
    names = {name for name, is_cached in cached.items() if is_cached}
    return frozenset(names.union(SCRATCH, *(_OF_PACKAGES.get(package, frozenset()) for package in packages)))
