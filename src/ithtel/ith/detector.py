"""A machine that is fed as bars arrive: the same kernel as for whole series, hence the same epochs to the bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ithtel.ith.check import check_side, contiguous_nav, refuse_bad
from ithtel.ith.epochs import MachineState, collect_rows, new_states, state_of, table_of
from ithtel.ith.hurdles import DEFAULT_FLOOR, parse_hurdle
from ithtel.ith.thresholds import CausalHurdle, causal_hurdle

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ithtel.ith.check import OnBad, Side
    from ithtel.ith.epochs import Epoch, EpochTable
    from ithtel.ith.hurdles import HurdleSpec

    Floats = NDArray[np.float64]


class Detector:
    """One side of one series, fed bar by bar or in pieces; picklable, of constant size (or of a rolling window).

    Args:
        side: "bull" or "bear".
        hurdle: a number, "expanding" or "rolling:w".
        floor: the least that a causal hurdle may be.
        on_bad: "refuse" raises before a bad value changes anything; "reference" does as the reference kernels do.

    Raises:
        InputError: an unknown side or hurdle, or a hurdle that looks into the future ("mdd", "geomean").

    >>> detector = Detector(side="bull", hurdle=0.05)
    >>> [detector.update(nav) is not None for nav in (1, 1.06, 1, 1.12)]
    [False, True, False, True]
    """

    __slots__ = ("_causal", "_fixed", "_on_bad", "_side", "_states", "n_bars", "n_epochs")

    def __init__(
        self,
        *,
        side: Side,
        hurdle: str | float | HurdleSpec,
        floor: float = DEFAULT_FLOOR,
        on_bad: OnBad = "refuse",
    ) -> None:
        spec = parse_hurdle(hurdle, floor=floor)
        self._side = np.array([check_side(side)], dtype=np.int64)
        self._fixed = spec.value
        self._causal: CausalHurdle | None = None if spec.method == "fixed" else causal_hurdle(spec, side=side)
        self._on_bad = on_bad
        self._states: Floats | None = None
        self.n_bars, self.n_epochs = 0, 0

    @property
    def state(self) -> MachineState | None:
        """What the machine knows after the last bar, None before the first."""
        return None if self._states is None else state_of(self._states[0], int(self._side[0]))

    def update(self, nav: float) -> Epoch | None:
        """Feed one bar; return its epoch, if it is one.

        Raises:
            InputError: a value that is no positive finite number, unless `on_bad` is "reference".
        """
        table = self.update_many((nav,))
        return table[0] if len(table) > 0 else None

    def update_many(self, nav: ArrayLike) -> EpochTable:
        """Feed bars in their order, shape (n,); return the epochs among them, bars counted from the first ever fed."""
        values = contiguous_nav(nav)
        if self._on_bad == "refuse" and len(values) > 0:
            refuse_bad(values, first_bar=self.n_bars)
        rows = self._run(values)
        table = table_of(rows, self.state, first_bar=self.n_bars)
        self.n_bars += len(values)
        self.n_epochs += len(table)
        return table

    def _run(self, values: Floats) -> Floats:
        first = 0
        if self._states is None and len(values) > 0:
            self._states, first = new_states(float(values[0]), self._side), 1
        hurdles = np.array([self._fixed]) if self._causal is None else self._causal.feed(values)
        states = new_states(0.0, self._side) if self._states is None else self._states
        varies = self._causal is not None
        return collect_rows(values, first, hurdles[None, :], self._side, states, varies=varies)
