"""How far two numbers may lie apart and still be one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import InputError

if TYPE_CHECKING:
    from ithtel.events import Sketch

ROUNDING = 1e-9
"""Relative: what another order of summation costs an array of ordinary size, and no change of a model stays below."""


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """`abs(a - b) <= atol + rtol * max(abs(a), abs(b))`: symmetric, unlike numpy.isclose.

    >>> Tolerance(rtol=1e-6).holds(1.0, 1.0 + 1e-9)
    True
    """

    rtol: float = 0.0
    atol: float = 0.0

    def __post_init__(self) -> None:
        if not (self.rtol >= 0 and self.atol >= 0):
            raise InputError(f"rtol={self.rtol}, atol={self.atol}: numbers of 0 or more are possible")

    @property
    def is_exact(self) -> bool:
        """Whether nothing but equal numbers will do."""
        return self.rtol == 0 and self.atol == 0

    def holds(self, a: Any, b: Any) -> bool:  # noqa: ANN401 - JSON
        """Say whether two values of JSON are one: numbers within the tolerance, all else equal."""
        if isinstance(a, bool) or isinstance(b, bool):
            return a is b
        if isinstance(a, float | int) and isinstance(b, float | int):
            return a == b or bool(abs(a - b) <= self.atol + self.rtol * max(abs(a), abs(b)))
        if isinstance(a, dict) and isinstance(b, dict):
            return a.keys() == b.keys() and all(self.holds(a[key], b[key]) for key in a)
        if isinstance(a, list | tuple) and isinstance(b, list | tuple):
            return len(a) == len(b) and all(map(self.holds, a, b))
        return bool(a == b)

    def holds_sketch(self, a: Sketch, b: Sketch) -> bool:
        """Say whether two float arrays are one as far as their sketches tell."""
        scale = max((abs(x) for x in (*a.values, *b.values) if x is not None and math.isfinite(x)), default=0.0)
        loose = Tolerance(rtol=self.rtol, atol=self.atol + self.rtol * scale)  # a mean may cancel
        return loose.holds([a.mean, a.std, a.values], [b.mean, b.std, b.values])
