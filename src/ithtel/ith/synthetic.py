"""`synthetic_nav`: fat-tailed returns with drawdown episodes, drawn from the caller's own generator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ithtel.errors import InputError
from ithtel.ith.check import check_side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ithtel.ith.check import Side

    Floats = NDArray[np.float64]

_FREEDOM = 5  # Student's t: a finite kurtosis, but only just
_WORST_RETURN = -0.99


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticSettings:
    """The distribution of the returns of a synthetic NAV; all numbers are per bar.

    Attributes:
        location: The mean of the returns outside episodes.
        scale: The scale of Student's t with 5 degrees of freedom; the standard deviation is 1.29 times this.
        enter: The probability that an episode (bull: drawdown, bear: rally) begins.
        leave: The probability that it ends.
        smallest: The smallest amount by which a bar of an episode moves the return.
        largest: The largest amount.
    """

    location: float
    scale: float
    enter: float = 0.05
    leave: float = 0.02
    smallest: float = 0.001
    largest: float = 0.003

    def __post_init__(self) -> None:
        for name in ("enter", "leave"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} is {getattr(self, name)!r}; it must be a probability between 0 and 1")
        if not (0 <= self.smallest <= self.largest < math.inf and 0 <= self.scale < math.inf):
            sizes = f"smallest={self.smallest!r}, largest={self.largest!r}, scale={self.scale!r}"
            raise InputError(f"{sizes}; required: 0 <= smallest <= largest and 0 <= scale")


BULL = SyntheticSettings(location=0.00010123, scale=0.009)
BEAR = SyntheticSettings(location=-0.001, scale=0.008, leave=0.05)


def synthetic_nav(
    n_bars: int,
    generator: np.random.Generator,
    *,
    side: Side = "bull",
    settings: SyntheticSettings | None = None,
) -> Floats:
    """Return a synthetic NAV, shape (n_bars,), all values positive. The defaults are those of trading-fitness.

    A longer series does not begin like a shorter one. The return of a bar in an episode is lowered (bear: raised) by a
    uniformly drawn amount. Returns are clamped at -0.99 and compounded. With the defaults of a bull the series falls in
    the long run: on average an episode lasts 50 bars and costs 0.002 per bar, and the calm between two lasts 20.

    Raises:
        InputError: `n_bars` is less than 1.

    >>> synthetic_nav(3, np.random.default_rng(42)).round(4)
    array([1.0045, 1.0134, 1.0132])
    """
    if n_bars < 1:
        raise InputError(f"n_bars is {n_bars}; it must be at least one bar")
    sign = check_side(side)
    chosen = settings if settings is not None else (BULL if sign > 0 else BEAR)
    returns = chosen.location + chosen.scale * generator.standard_t(_FREEDOM, n_bars)
    in_episode = _episodes(generator.random(n_bars), chosen)
    returns -= sign * in_episode * generator.uniform(chosen.smallest, chosen.largest, n_bars)
    return np.cumprod(1 + np.maximum(returns, _WORST_RETURN))


def _episodes(chances: Floats, settings: SyntheticSettings) -> NDArray[np.bool_]:
    """Return whether each bar is in an episode; one begins after a bar outside, and ends after a bar inside."""
    inside = False
    flags = np.zeros(len(chances), dtype=np.bool_)
    for i, chance in enumerate(chances.tolist()):
        flags[i] = inside
        inside = chance >= settings.leave if inside else chance < settings.enter
    return flags
