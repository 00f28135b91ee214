"""Hurdles as numbers: how large a drawdown (bear: runup) a gain must exceed. `hurdles` reads their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ithtel.errors import InputError
from ithtel.ith import kernel
from ithtel.ith.check import check_side, contiguous_nav, is_positive_finite
from ithtel.ith.epochs import find_epochs_both
from ithtel.ith.hurdles import DEFAULT_FLOOR, HurdleSpec, parse_hurdle

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ithtel.ith.check import Side

    Floats = NDArray[np.float64]


def max_drawdown(nav: ArrayLike) -> float:
    """Return the maximum drawdown, max(1 - nav/cummax), of shape (n,): a ratio, bit-equal to the NumPy expression.

    >>> max_drawdown([1.0, 2.0, 1.5])
    0.25
    """
    return max_adverse(nav)[0]


def max_runup(nav: ArrayLike) -> float:
    """Return the maximum runup, max(1 - cummin/nav): how much a short position may lose, bounded by 1.

    >>> max_runup([2.0, 1.0, 1.25])
    0.19999999999999996
    """
    return max_adverse(nav)[1]


def max_adverse(nav: ArrayLike) -> tuple[float, float]:
    """Return (maximum drawdown, maximum runup) in one read; NaN where the NumPy expressions give NaN.

    Raises:
        InputError: an empty series, or one that holds no numbers.
    """
    values = _series(nav)
    if not is_positive_finite(values):
        with np.errstate(all="ignore"):
            down = np.max(1 - values / np.maximum.accumulate(values))
            up = np.max(1 - np.minimum.accumulate(values) / values)
        return float(down), float(up)
    # with a hurdle that nothing exceeds no episode ends, so the worst drawdown since the last epoch is that of the
    # whole series
    bull, bear = find_epochs_both(values, np.inf, np.inf)
    if bull.final is None or bear.final is None:
        raise InputError("NAV is empty; at least one bar is needed")
    return bull.final.worst_drawdown, bear.final.worst_drawdown


def geometric_mean_drawdown(nav: ArrayLike, *, side: Side = "bull") -> float:
    """Return the geometric mean of the deepest drawdowns, one after every strict new maximum; NaN if there was none.

    A segment runs from one strict new running maximum to the next, the open last one counts; it is worth (maximum -
    lowest)/maximum. For a bear: from one strict new minimum to the next, worth 1 - minimum/highest. As trading-
    fitness has it, to the bit.

    >>> round(geometric_mean_drawdown([1, 1.1, 1, 1.2, 1.1, 1.15, 1.3]), 12)
    0.087038827978
    """
    values = _series(nav)
    out = np.empty(len(values))
    found = out[: kernel.segment_drawdowns(values, check_side(side), out)]
    return float(np.exp(np.mean(np.log(found)))) if len(found) > 0 else float("nan")


class CausalHurdle:
    """A hurdle that looks only back, fed bar by bar or in pieces with the same result to the bit; picklable.

    The hurdle of a bar is the largest drawdown (bear: runup) within the bars before it, all of them or the last
    `window`, at least `floor`.
    Memory: a few numbers, and three a bar of the window. A bar costs a constant time on average.
    """

    __slots__ = ("_ring", "_side", "_track", "floor", "window")

    def __init__(self, *, side: Side, window: int | None = None, floor: float = DEFAULT_FLOOR) -> None:
        if window is not None and window < 1:
            raise InputError(f"window is {window!r}; a rolling hurdle looks back on at least 1 bar")
        self._side = check_side(side)
        self.window, self.floor = window, parse_hurdle("expanding", floor=floor).floor or 0.0
        self._ring = np.empty((3, window or 0))
        self._track = np.zeros(kernel.N_TRACK)
        self._track[kernel.TRACK_BEST], self._track[kernel.TRACK_LOW] = -np.inf, np.inf

    def feed(self, nav: Floats) -> Floats:
        """Return the hurdle of each of these bars, shape (n,), then know them.

        >>> CausalHurdle(side="bull").feed(np.array([1.0, 0.9, 1.0]))
        array([0.01, 0.01, 0.1 ])
        """
        values = _series(nav, allow_empty=True)
        out = np.empty(len(values))
        kernel.causal_hurdles(values, self._side, self.floor, self._track, self._ring, out)
        return out


def causal_hurdle(spec: HurdleSpec, *, side: Side) -> CausalHurdle:
    """Return the hurdle that an "expanding" or "rolling" spec names; raise InputError for one that is not causal."""
    if not spec.is_causal:
        why = "it looks into the future" if spec.uses_future else "it is the same for every bar"
        raise InputError(f"hurdle {str(spec)!r} is not causal: {why}; possible: 'expanding', 'rolling:w', or a number")
    return CausalHurdle(side=side, window=spec.window, floor=DEFAULT_FLOOR if spec.floor is None else spec.floor)


def resolve_hurdle(spec: HurdleSpec, nav: ArrayLike, *, side: Side) -> float | Floats:
    """Return the hurdle of a whole series: one number, or for a causal spec shape (n,), one a bar.

    >>> resolve_hurdle(parse_hurdle("mdd"), [1.0, 2.0, 1.5], side="bull")
    0.25
    """
    if spec.method == "fixed":
        return float("nan") if spec.value is None else spec.value
    if spec.method == "mdd":
        return max_adverse(nav)[0 if check_side(side) > 0 else 1]
    if spec.method == "geomean":
        return geometric_mean_drawdown(nav, side=side)
    return causal_hurdle(spec, side=side).feed(_series(nav))


def _series(nav: ArrayLike, *, allow_empty: bool = False) -> Floats:
    values = contiguous_nav(nav)
    if len(values) == 0 and not allow_empty:
        raise InputError("NAV is empty; at least one bar is needed")
    return values
