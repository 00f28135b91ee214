"""`doubts_about_nav`, `doubts_about_rates`: reasons to doubt that numbers mean what the analysis takes them for.

A doubt refuses nothing: a fall of 99 % may have happened. It names the bar and the likely reason.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ithtel.plain_text import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ithtel.ith.hurdles import HurdleSpec
    from ithtel.ith.nav import Nav

    Floats = NDArray[np.float64]

MIN_BARS = 20  # fewer show neither a usual size of moves nor a pattern
LARGE_JUMP = 20.0  # a factor from one bar to the next, up or down
SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 15)
SPLIT_TOLERANCE = 0.06  # of the factor: the day of a split has a return of its own
UNUSUAL = 20.0  # times the median move
ALTERNATING_MOVE = 0.02  # bid and ask alternate too, by less
ALTERNATING_SHARE = 0.9
BAR_MOVE = 0.15  # a median move per bar that needs bars of a year
YEAR_VOLATILITY = 3.0
MOVE_TO_DEVIATION = 1.4826  # of a normal distribution
YEARLY_RISK_FREE = 0.5
BAR_RISK_FREE = 0.02
SECONDS_PER_YEAR = 365.25 * 86_400
_LOOKED_AT = 200_000  # bars for medians, which cost ten times as much as a sum


def doubts_about_nav(nav: Nav) -> list[str]:
    """Return the doubts about a series, one sentence each; none if it is not positive and finite.

    >>> from ithtel.ith.nav import Nav
    >>> doubts_about_nav(Nav.of([100.0, 101.0, 1.02, 1.03]))[0]
    'NAV falls by 98.99 % at bar 2: the unit or the decimal point may have changed by a factor of 100'
    """
    if not nav.is_positive or len(nav) < 2:  # noqa: PLR2004 - a move needs two bars
        return []
    moves = np.diff(np.log(nav.values))
    # one reason is enough: where every move is large, the largest is no news
    found = _alternating(nav, moves) or _volatile(nav, moves) or _jump(nav, moves)
    return [] if found is None else [found]


def doubts_about_rates(
    hurdles: Sequence[HurdleSpec], risk_free: float, periods_per_year: float | None, nav: Nav | None = None
) -> list[str]:
    """Return the doubts about the numbers that a user gave beside the series: hurdles, and the riskless return.

    >>> from ithtel.ith.hurdles import parse_hurdle
    >>> doubts_about_rates([parse_hurdle(5)], 0.0, None)
    ["hurdle 5 is 500 %: for 5 % pass '5%' or 0.05"]
    """
    fixed = [hurdle.value for hurdle in hurdles if hurdle.value is not None]
    found = [
        f"hurdle {number(value)} is {number(value * 100)} %: for {number(value)} % pass '{number(value)}%' or"
        f" {number(value / 100)}"
        for value in fixed
        if value >= 1
    ]
    per_year = periods_per_year if periods_per_year is not None else _bars_per_year(nav)
    if per_year is None:
        too_high, year = abs(risk_free) >= BAR_RISK_FREE, ""
    else:
        yearly = abs(risk_free) * per_year
        too_high, year = yearly > YEARLY_RISK_FREE, f", which is {number(round(yearly * 100))} % in a year"
    if too_high:
        bars = "the number of bars in a year" if per_year is None else number(round(per_year))
        found.append(
            f"risk_free {number(risk_free)} is the return in one bar{year}: for a rate of a year pass"
            f" {number(risk_free)} / {bars}"
        )
    return found


def _jump(nav: Nav, moves: Floats) -> str | None:
    """Return the doubt about the largest move from one bar to the next: a change of unit, or a split."""
    at = int(np.argmax(np.abs(moves)))
    factor = math.exp(min(abs(float(moves[at])), 700.0))
    if factor < SPLITS[0] * (1 - SPLIT_TOLERANCE):
        return None
    what = f"{_subject(nav)} {_moved(float(moves[at]))} at bar {at + 1}{_when(nav, at + 1)}"
    if factor >= LARGE_JUMP:
        return f"{what}: {_unit(factor)}"
    if len(moves) < MIN_BARS or not abs(moves[at]) > UNUSUAL * _median_move(moves):
        return None
    split = next((k for k in SPLITS if abs(factor / k - 1) <= SPLIT_TOLERANCE), None)
    if split is None:
        return f"{what}, far more than at any usual bar: look for an error in the data" if factor > 4 else None  # noqa: PLR2004
    ratio = f"{split}:1" if moves[at] < 0 else f"1:{split}"
    return f"{what}: it may be an unadjusted {ratio} split; use adjusted prices"


def _unit(factor: float) -> str:
    power = round(math.log10(factor))
    if power and abs(factor / 10**power - 1) <= 5 * SPLIT_TOLERANCE:
        return f"the unit or the decimal point may have changed by a factor of {10**power:,}"
    return "a wrong value, another unit, or another series from there on"


def _alternating(nav: Nav, moves: Floats) -> str | None:
    looked = moves[:_LOOKED_AT]
    if len(looked) < MIN_BARS or _median_move(looked) < ALTERNATING_MOVE:
        return None
    flips = float(np.mean(looked[1:] * looked[:-1] < 0))
    if flips < ALTERNATING_SHARE:
        return None
    return (
        f"{_subject(nav)} alternates between two levels ({number(flips * 100, 3)} % of its moves undo the one before):"
        " two series may have been mixed"
    )


def _volatile(nav: Nav, moves: Floats) -> str | None:
    """Return the doubt about moves that are too large for returns, as those of percent taken for fractions are."""
    if len(moves) < MIN_BARS:
        return None
    move = _median_move(moves)
    per_year = _bars_per_year(nav)
    if per_year is None:
        too_large = move > BAR_MOVE
    else:
        too_large = move * MOVE_TO_DEVIATION * math.sqrt(max(min(per_year, 366.0), 1.0)) > YEAR_VOLATILITY
    if not too_large:
        return None
    biggest = int(np.argmax(np.abs(moves))) + 1
    return (
        f"{_subject(nav)} changes by {number(100 * math.expm1(min(move, 700.0)), 3)} % per bar (median), most at bar"
        f" {biggest}{_when(nav, biggest)}: returns in percent may have been taken for fractions (divide them by 100)"
    )


def _median_move(moves: Floats) -> float:
    return float(np.median(np.abs(moves[:_LOOKED_AT])))


def _bars_per_year(nav: Nav | None) -> float | None:
    """Return how many bars a year has by the times of the series; None without times."""
    if nav is None or nav.times is None or len(nav) < 2:  # noqa: PLR2004 - a distance needs two
        return None
    seconds = float((nav.times[-1] - nav.times[0]).total_seconds())
    return (len(nav) - 1) * SECONDS_PER_YEAR / seconds if seconds > 0 else None


def _moved(move: float) -> str:
    if move < 0:
        return f"falls by {number(-100 * math.expm1(move), 4)} %"
    return f"rises by a factor of {number(math.exp(min(move, 700.0)), 4)}"


def _subject(nav: Nav) -> str:
    return "NAV" if nav.name == "nav" else f"NAV {nav.name!r}"


def _when(nav: Nav, bar: int) -> str:
    time = nav.time(bar)
    return "" if time is None else f" ({time.removesuffix('T00:00:00')})"
