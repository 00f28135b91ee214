"""`find_epochs`, `excess_arrays`, `EpochTable`: run the kernel over a whole series and return tables.

The machine is that of the public project trading-fitness, reproduced to the bit. The fields of an epoch are additions:
they are the machine's own state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ithtel.errors import InputError
from ithtel.ith import kernel
from ithtel.ith.check import check_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ithtel.ith.check import Side
    from ithtel.ith.nav import Nav

    Floats = NDArray[np.float64]

_FIRST_ROWS, _MOST_ROWS = 1_024, 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineState:
    """The state of a machine after a bar, and after the reset if there was one.

    For a bear, the crests are troughs, the nadir is a peak, and the drawdown is a runup.
    """

    endorsing_crest: float
    candidate_crest: float
    candidate_nadir: float
    excess_gain: float
    excess_loss: float
    worst_drawdown: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Epoch:
    """One row of an `EpochTable`."""

    bar_index: int
    excess_gain: float
    excess_loss: float
    endorsing_crest: float
    candidate_nadir: float
    hurdle: float
    nav: float
    worst_drawdown: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EpochTable:
    """One row per epoch: the state of the machine at its bar, before the reset.

    All columns have shape (k,). Bars count from 0; the other columns are ratios or values of the NAV.

    For a bear, `endorsing_crest` holds the endorsing trough and `candidate_nadir` the candidate peak.
    `worst_drawdown` is the largest 1 - nav/(highest nav so far) over the bars after the last epoch, or after bar 0,
    up to this one (bear: 1 - (lowest so far)/nav). If the hurdle is one number, the bar of an epoch is the highest so
    far, so this is the maximum drawdown since the last epoch. `final` is the state after the last bar, None for an
    empty series.
    """

    bar_index: NDArray[np.int64]
    excess_gain: Floats
    excess_loss: Floats
    endorsing_crest: Floats
    candidate_nadir: Floats
    hurdle: Floats
    nav: Floats
    worst_drawdown: Floats
    final: MachineState | None = None

    def __len__(self) -> int:
        return len(self.bar_index)

    def __getitem__(self, index: int) -> Epoch:
        return Epoch(
            bar_index=int(self.bar_index[index]),
            excess_gain=float(self.excess_gain[index]),
            excess_loss=float(self.excess_loss[index]),
            endorsing_crest=float(self.endorsing_crest[index]),
            candidate_nadir=float(self.candidate_nadir[index]),
            hurdle=float(self.hurdle[index]),
            nav=float(self.nav[index]),
            worst_drawdown=float(self.worst_drawdown[index]),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ExcessArrays:
    """The machine at every bar; all arrays have shape (n,). The levels, computed on request, are those before a reset.

    `resets` marks the bars at which the machine restarted. `epochs` is the reference's own flag, which is the same
    unless the hurdle is negative.
    """

    gains: Floats
    losses: Floats
    epochs: NDArray[np.bool_]
    resets: NDArray[np.bool_]
    endorsing_crest: Floats | None = None
    candidate_crest: Floats | None = None
    candidate_nadir: Floats | None = None


def find_epochs(nav: Nav, hurdle: float | Floats, *, side: Side) -> EpochTable:
    """Find the epochs of one series.

    Args:
        nav: A series of n bars; bad values are treated as the reference treats them.
        hurdle: TMAEG (bull) or TMAER (bear), a ratio: one number, or shape (n,), the hurdle of each bar. With NaN or
            infinity there is never an epoch.
        side: `bull` or `bear`.

    Raises:
        InputError: The hurdle is negative or has another length, or the side is unknown.

    >>> from ithtel.ith.nav import Nav
    >>> find_epochs(Nav.of([1, 1.06, 1, 1.12]), 0.05, side="bull").bar_index
    array([1, 3])
    """
    return _find(nav, (hurdle,), (side,))[0]


def find_epochs_both(
    nav: Nav, bull_hurdle: float | Floats, bear_hurdle: float | Floats
) -> tuple[EpochTable, EpochTable]:
    """Find the epochs of both sides in one read of the series; arguments and errors as in `find_epochs`.

    >>> from ithtel.ith.nav import Nav
    >>> bull, bear = find_epochs_both(Nav.of([1, 1.1, 0.9]), 0.05, 0.05)
    >>> bull.bar_index, bear.bar_index
    (array([1]), array([2]))
    """
    bull, bear = _find(nav, (bull_hurdle, bear_hurdle), ("bull", "bear"))
    return bull, bear


def find_epochs_many(nav: Nav, hurdles: Sequence[float] | Floats, *, side: Side) -> list[EpochTable]:
    """Find the epochs for each of many fixed hurdles; blocks of bars are summarised once, then skipped whole.

    >>> from ithtel.ith.nav import Nav
    >>> [len(table) for table in find_epochs_many(Nav.of([1, 1.06, 1, 1.12]), [0.05, 0.1, 0.2], side="bull")]
    [2, 1, 0]
    """
    blocks = np.empty((3, len(nav) // kernel.BLOCK))
    kernel.summarise(nav.values, check_side(side), blocks)
    return [_find(nav, (float(hurdle),), (side,), blocks)[0] for hurdle in hurdles]


def excess_arrays(nav: Nav, hurdle: float | Floats, *, side: Side, with_levels: bool = False) -> ExcessArrays:
    """Return gain, loss and flags of every bar, as the reference kernels do; the hurdle may be negative here.

    >>> from ithtel.ith.nav import Nav
    >>> excess_arrays(Nav.of([1, 1.5, 1, 1.58]), 0.05, side="bull").epochs
    array([False,  True, False,  True])
    """
    sign = check_side(side)
    values, n = nav.values, len(nav)
    excess, flags = np.zeros((2, n)), np.zeros((2, n), dtype=np.bool_)
    levels = np.empty((3, n if with_levels else 0))
    if n > 0:
        state = new_states(float(values[0]), np.array([sign]))[0]
        levels[:, :1] = values[0]
        kernel.trace(values, _hurdle_row(hurdle, n), sign, state, excess, flags, levels)
    crest, best, nadir = levels if with_levels else (None, None, None)
    return ExcessArrays(
        gains=excess[0],
        losses=excess[1],
        epochs=flags[0],
        resets=flags[1],
        endorsing_crest=crest,
        candidate_crest=best,
        candidate_nadir=nadir,
    )


def new_states(first: float, sides: NDArray[np.int64]) -> Floats:
    """Return one machine per side, after its first bar. The kernel holds each level multiplied by the side."""
    states = np.zeros((len(sides), kernel.N_STATE))
    for column in (kernel.ENDORSED, kernel.CREST, kernel.NADIR, kernel.PREVIOUS):
        states[:, column] = sides * first
    return states


def collect_rows(
    nav: Floats,
    first: int,
    hurdles: Floats,
    sides: NDArray[np.int64],
    states: Floats,
    *,
    varies: bool,
    blocks: Floats | None = None,
) -> Floats:
    """Run the machines over nav[first:] and return all epoch rows; the buffer grows as epochs are found."""
    parts, bar, size = [], first, _FIRST_ROWS
    while True:
        rows = np.empty((size, kernel.N_ROW))
        bar, count = kernel.scan(nav, bar, hurdles, varies, sides, states, rows, blocks)
        parts.append(rows[:count])
        if bar >= len(nav):
            return parts[0] if len(parts) == 1 else np.concatenate(parts)
        size = min(4 * size, _MOST_ROWS)


def table_of(rows: Floats, final: MachineState | None, *, first_bar: int = 0) -> EpochTable:
    """Return epoch rows of the kernel as a table, bars counted from `first_bar`."""
    columns = np.ascontiguousarray(rows.T)
    return EpochTable(
        bar_index=columns[kernel.ROW_BAR].astype(np.int64) + first_bar,
        excess_gain=columns[kernel.ROW_GAIN],
        excess_loss=columns[kernel.ROW_LOSS],
        endorsing_crest=columns[kernel.ROW_CREST],
        candidate_nadir=columns[kernel.ROW_NADIR],
        hurdle=columns[kernel.ROW_HURDLE],
        nav=columns[kernel.ROW_NAV],
        worst_drawdown=columns[kernel.ROW_WORST],
        final=final,
    )


def state_of(machine: Floats, side: int) -> MachineState:
    """Return one row of the kernel's states by field name, with the levels as they are in the series."""
    return MachineState(
        endorsing_crest=side * float(machine[kernel.ENDORSED]),
        candidate_crest=side * float(machine[kernel.CREST]),
        candidate_nadir=side * float(machine[kernel.NADIR]),
        excess_gain=float(machine[kernel.GAIN]),
        excess_loss=float(machine[kernel.LOSS]),
        worst_drawdown=float(machine[kernel.WORST]),
    )


def _find(
    nav: Nav, hurdles: Sequence[float | Floats], sides: Sequence[Side], blocks: Floats | None = None
) -> list[EpochTable]:
    signs = np.array([check_side(side) for side in sides], dtype=np.int64)
    values = nav.values
    given = [_hurdle_row(hurdle, len(values)) for hurdle in hurdles]
    if any(np.any(row < 0) for row in given):
        lowest = min(float(np.nanmin(row)) for row in given)
        raise InputError(f"hurdle is {lowest!r}; it must be a ratio of at least 0, such as 0.05")
    if len(values) == 0:
        return [table_of(np.empty((0, kernel.N_ROW)), None) for _ in sides]
    states = new_states(float(values[0]), signs)
    varies = max(len(row) for row in given) > 1
    rows = collect_rows(values, 1, np.stack(np.broadcast_arrays(*given)), signs, states, varies=varies, blocks=blocks)
    if len(sides) == 1:
        return [table_of(rows, state_of(states[0], int(signs[0])))]
    return [
        table_of(rows[rows[:, kernel.ROW_MACHINE] == k], state_of(states[k], int(signs[k]))) for k in range(len(sides))
    ]


def _hurdle_row(hurdle: float | Floats, n: int) -> Floats:
    """Return the hurdle as shape (1,) or (n,)."""
    row = np.atleast_1d(np.asarray(hurdle, dtype=np.float64))
    if row.ndim != 1 or len(row) not in (1, n):
        raise InputError(f"hurdle has shape {row.shape}; it must be one number, or one per bar: ({n},)")
    return np.ascontiguousarray(row)
