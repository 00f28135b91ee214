"""`Detector`: finds epochs as bars arrive, with the kernel that also runs over whole series, so the bits are equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ithtel.ith.check import as_floats, check_on_bad, check_side, contiguous, require_positive
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
    """One side of one series, fed bar by bar or in pieces. It can be pickled; its size does not grow with the bars.

    Args:
        side: `bull` or `bear`.
        hurdle: A number, `expanding` or `rolling:w`; the last keeps three numbers for each of w bars.
        floor: The lowest value of a causal hurdle.
        on_bad: `raise` refuses a bad value before it changes anything; `reference` treats it as the reference kernels
            do.

    Raises:
        InputError: The side, the hurdle or `on_bad` is unknown, or the hurdle looks into the future (`mdd`,
            `geomean`).

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
        on_bad: OnBad = "raise",
    ) -> None:
        check_on_bad(on_bad)
        spec = parse_hurdle(hurdle, floor=floor)
        self._side = np.array([check_side(side)], dtype=np.int64)
        self._fixed = spec.value
        self._causal: CausalHurdle | None = None if spec.method == "fixed" else causal_hurdle(spec, side=side)
        self._on_bad = on_bad
        self._states: Floats | None = None
        self.n_bars, self.n_epochs = 0, 0

    @property
    def state(self) -> MachineState | None:
        """The state of the machine after the last bar, None before the first."""
        return None if self._states is None else state_of(self._states[0], int(self._side[0]))

    def update(self, nav: float) -> Epoch | None:
        """Feed one bar; return its epoch, or None if the bar is not an epoch.

        Raises:
            InputError: The value is not positive and finite, unless `on_bad` is `reference`.
        """
        table = self.update_many((nav,))
        return table[0] if len(table) > 0 else None

    def update_many(self, nav: ArrayLike) -> EpochTable:
        """Feed bars in order, shape (n,); return their epochs, with bars counted from the first bar ever fed.

        Raises:
            InputError: As `update`; then none of the bars has been fed.
        """
        return self.feed(as_floats(nav, name="NAV"))

    def feed(self, values: Floats) -> EpochTable:
        """Feed bars, as `update_many`, that are a one-dimensional float64 array already."""
        values = contiguous(values)
        if self._on_bad != "reference" and len(values) > 0:
            require_positive(values, first_bar=self.n_bars)
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
