"""`resolve_hurdle`, `CausalHurdle`, `max_adverse`: the values of hurdles; `hurdles` reads their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ithtel.errors import InputError
from ithtel.ith import kernel
from ithtel.ith.check import check_side
from ithtel.ith.epochs import find_epochs_both
from ithtel.ith.hurdles import DEFAULT_FLOOR, HurdleSpec, parse_hurdle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ithtel.ith.check import Side
    from ithtel.ith.nav import Nav

    Floats = NDArray[np.float64]


_EMPTY = "NAV is empty; it must have at least one bar"


def max_adverse(nav: Nav) -> tuple[float, float]:
    """Return (maximum drawdown, maximum runup), two ratios, in one read of the series.

    They equal max(1 - nav/cummax) and max(1 - cummin/nav) as NumPy computes them, to the bit, NaN included. The runup
    is what a short position may lose; it is bounded by 1.

    Raises:
        InputError: The series is empty.

    >>> from ithtel.ith.nav import Nav
    >>> max_adverse(Nav.of([1.0, 2.0, 1.5]))
    (0.25, 0.5)
    """
    values = _values(nav)
    if not nav.is_positive:
        with np.errstate(all="ignore"):
            down = np.max(1 - values / np.maximum.accumulate(values))
            up = np.max(1 - np.minimum.accumulate(values) / values)
        return float(down), float(up)
    # nothing exceeds an infinite hurdle, so no episode ends, and the worst drawdown since the last epoch is that of the
    # whole series
    bull, bear = find_epochs_both(nav, np.inf, np.inf)
    if bull.final is None or bear.final is None:
        raise InputError(_EMPTY)
    return bull.final.worst_drawdown, bear.final.worst_drawdown


def geometric_mean_drawdown(nav: Nav, *, side: Side = "bull") -> float:
    """Return the geometric mean of the deepest drawdowns, one after every strict new maximum; NaN if there is none.

    A segment runs from one strict new running maximum to the next; the open last one counts. Its drawdown is
    (maximum - lowest)/maximum. For a bear a segment runs from one strict new minimum to the next, and its runup is
    1 - minimum/highest. The result equals that of trading-fitness to the bit.

    Raises:
        InputError: The series is empty, or the side is unknown.

    >>> from ithtel.ith.nav import Nav
    >>> round(geometric_mean_drawdown(Nav.of([1, 1.1, 1, 1.2, 1.1, 1.15, 1.3])), 12)
    0.087038827978
    """
    values = _values(nav)
    out = np.empty(len(values))
    found = out[: kernel.segment_drawdowns(values, check_side(side), out)]
    return float(np.exp(np.mean(np.log(found)))) if len(found) > 0 else float("nan")


class CausalHurdle:
    """A hurdle that looks only back. Fed bar by bar or in pieces, it gives the same bits. It can be pickled.

    The hurdle of a bar is the largest drawdown (bear: runup) within the bars before it, all of them or the last
    `window`, and at least `floor`. It keeps a few numbers, and three for each bar of the window. A bar costs constant
    time on average.
    """

    __slots__ = ("_ring", "_side", "_track", "floor", "window")

    def __init__(self, *, side: Side, window: int | None = None, floor: float = DEFAULT_FLOOR) -> None:
        if window is not None and window < 1:
            raise InputError(f"window is {window!r}; it must be at least 1 bar")
        self._side = check_side(side)
        self.window, self.floor = window, parse_hurdle("expanding", floor=floor).floor or 0.0
        self._ring = np.empty((3, window or 0))
        self._track = np.zeros(kernel.N_TRACK)
        self._track[kernel.TRACK_BEST], self._track[kernel.TRACK_LOW] = -np.inf, np.inf

    def feed(self, nav: Floats) -> Floats:
        """Return the hurdle of each of these bars, shape (n,), and take them in.

        `nav` is a part of a series in the layout of `Nav.values`.

        >>> from ithtel.ith.nav import Nav
        >>> CausalHurdle(side="bull").feed(Nav.of([1.0, 0.9, 1.0]).values)
        array([0.01, 0.01, 0.1 ])
        """
        out = np.empty(len(nav))
        kernel.causal_hurdles(nav, self._side, self.floor, self._track, self._ring, out)
        return out


def causal_hurdle(spec: HurdleSpec, *, side: Side) -> CausalHurdle:
    """Return the hurdle of an `expanding` or `rolling` spec.

    Raises:
        InputError: The spec is not causal.
    """
    if not spec.is_causal:
        why = "it looks into the future" if spec.uses_future else "it is the same for every bar"
        raise InputError(f"hurdle {str(spec)!r} is not causal: {why}; use 'expanding', 'rolling:w', or a number")
    return CausalHurdle(side=side, window=spec.window, floor=DEFAULT_FLOOR if spec.floor is None else spec.floor)


def resolve_hurdle(spec: HurdleSpec, nav: Nav, *, side: Side) -> float | Floats:
    """Return the hurdle of a whole series: one number, or for a causal spec one per bar, shape (n,).

    Raises:
        InputError: The series is empty and the hurdle is not a number, or the side is unknown.

    >>> from ithtel.ith.nav import Nav
    >>> resolve_hurdle(parse_hurdle("mdd"), Nav.of([1.0, 2.0, 1.5]), side="bull")
    0.25
    """
    if spec.method == "fixed":
        return float("nan") if spec.value is None else spec.value
    if spec.method == "mdd":
        return max_adverse(nav)[0 if check_side(side) > 0 else 1]
    if spec.method == "geomean":
        return geometric_mean_drawdown(nav, side=side)
    return causal_hurdle(spec, side=side).feed(_values(nav))


def _values(nav: Nav) -> Floats:
    if len(nav) == 0:
        raise InputError(_EMPTY)
    return nav.values
