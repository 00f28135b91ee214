"""`parse_hurdle`, `HurdleSpec`: how to write a hurdle: `mdd`, `geomean`, `expanding`, `rolling:250`, a ratio, `5%`.

`thresholds` computes their values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ithtel.errors import InputError, did_you_mean

Method = Literal["fixed", "mdd", "geomean", "expanding", "rolling"]

DEFAULT_FLOOR = 0.01
_NAMES = ("mdd", "geomean", "expanding", "rolling")
_ALLOWED = "use 'mdd', 'geomean', 'expanding', 'rolling:w' with w bars, or a number such as 0.05 or '5%'"


@dataclass(frozen=True, kw_only=True, slots=True)
class HurdleSpec:
    """The method that gives the hurdle (TMAEG, TMAER).

    Attributes:
        method: `fixed` has a `value`, `rolling` a `window`, and both `expanding` and `rolling` have a `floor`. Fields
            that a method does not have are None.
        value: The hurdle itself, a ratio.
        window: The number of bars that a rolling hurdle looks back on.
        floor: The lowest value of a causal hurdle, a ratio.
    """

    method: Method
    value: float | None = None
    window: int | None = None
    floor: float | None = None

    @property
    def uses_future(self) -> bool:
        """Whether the hurdle of a bar depends on later bars, so that early epochs may change when bars arrive."""
        return self.method in ("mdd", "geomean")

    @property
    def is_causal(self) -> bool:
        """Whether the hurdle changes from bar to bar and looks only back."""
        return self.method in ("expanding", "rolling")

    def __str__(self) -> str:
        if self.method == "fixed":
            return repr(self.value)
        return f"rolling:{self.window}" if self.method == "rolling" else self.method


def parse_hurdle(given: str | float | HurdleSpec, *, floor: float = DEFAULT_FLOOR) -> HurdleSpec:
    """Return the hurdle that a user wrote.

    Args:
        given: One of the names above, a number, a number as text, or a percentage such as `5%`; a `HurdleSpec` is
            returned unchanged.
        floor: The lowest value of an expanding or rolling hurdle, a ratio of at least 0.

    Raises:
        InputError: The name is unknown, the number is negative or NaN, the window is below 1, or the floor is not a
            finite ratio of at least 0.

    >>> str(parse_hurdle("rolling:250")), parse_hurdle("0.05").value, parse_hurdle("mdd").uses_future
    ('rolling:250', 0.05, True)
    >>> parse_hurdle("5%").value
    0.05
    >>> parse_hurdle("mmd")
    Traceback (most recent call last):
    ...
    ithtel.errors.InputError: no hurdle 'mmd' (did you mean 'mdd'?); use 'mdd', 'geomean', 'expanding', \
'rolling:w' with w bars, or a number such as 0.05 or '5%'
    """
    if isinstance(given, HurdleSpec):
        return given
    if isinstance(given, str):
        return _named(given, floor)
    try:
        value = float(given)
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(given, bool) or (math.isnan(value) and not isinstance(given, float)):
        raise InputError(f"hurdle is {given!r}; {_ALLOWED}")
    return _fixed(value)


def _named(given: str, floor: float) -> HurdleSpec:
    name, _, window = given.strip().lower().partition(":")
    if name == "rolling":
        return HurdleSpec(method="rolling", window=_window(given, window), floor=_floor(floor))
    match given.strip().lower():
        case "expanding":
            return HurdleSpec(method="expanding", floor=_floor(floor))
        case "mdd" | "geomean" as method:
            return HurdleSpec(method=method)
    try:
        value = _ratio(given)
    except ValueError:
        near = did_you_mean(name, _NAMES)
        raise InputError(f"no hurdle {given!r}{near if near.startswith(' (did') else ''}; {_ALLOWED}") from None
    return _fixed(value)


def _ratio(given: str) -> float:
    """Return the number of `0.05`, or of `5%` and `5 %` as a ratio. The decimal point moves in text: 7% is 0.07."""
    text = given.strip()
    if not text.endswith("%"):
        return float(text)
    percent = text[:-1].strip()
    float(percent)  # raises unless it is a number
    return float(f"{percent}e-2") if "e" not in percent.lower() else float(percent) / 100


def _fixed(value: float) -> HurdleSpec:
    if not 0 <= value < math.inf:
        raise InputError(f"hurdle is {value!r}; it must be a finite ratio of at least 0, such as 0.05")
    return HurdleSpec(method="fixed", value=value)


def _window(given: str, window: str) -> int:
    if not window.isascii() or not window.isdecimal() or int(window) < 1:
        raise InputError(f"hurdle {given!r} has no window; write 'rolling:250' for the last 250 bars (at least 1)")
    return int(window)


def _floor(floor: float) -> float:
    if not 0 <= floor < math.inf:
        raise InputError(f"floor is {floor!r}; it must be a finite ratio of at least 0, such as {DEFAULT_FLOOR}")
    return float(floor)
