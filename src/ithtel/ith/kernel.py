"""`scan`, `trace`, `summarise`, `causal_hurdles`, `rolling_windows`: the ITH state machine, compiled.

Whole series, pieces and live bars run the same step, so they agree to the bit. `side` is +1 for a bull and -1 for a
bear. Levels (R, F, A and the previous bar) are held times `side`, so a bear is a bull seen upside down: every
comparison is written once, and only the ratios depend on the side. A machine is one row of float64 that is passed in
and out, so a series may come in one piece or bar by bar. Nothing uses fastmath.

All compiled code is in this one file, although it is long: numba's cache notices a change of the file itself, but not
of another file whose functions it inlines.
"""

# ruff: noqa: PLR0917 - compiled code is called with positions only

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]
    Machine = tuple[float, float, float, float, float, float]

P = ParamSpec("P")
R = TypeVar("R")

# one machine: the level measured from (R), the most favourable value (F), the most adverse of the episode (A), gain,
# loss, the worst drawdown (bear: runup) since the last epoch, the previous bar
ENDORSED, CREST, NADIR, GAIN, LOSS, WORST, PREVIOUS = range(7)
N_STATE = 7
# one epoch: its bar, then the machine at step 3, before the reset, levels as they are in the series
ROW_BAR, ROW_GAIN, ROW_LOSS, ROW_CREST, ROW_NADIR, ROW_HURDLE, ROW_NAV, ROW_WORST, ROW_MACHINE = range(9)
N_ROW = 9
# a causal drawdown: best, lowest and worst drawdown of the present block, its bars, whether a block came before
TRACK_BEST, TRACK_LOW, TRACK_WORST, TRACK_COUNT, TRACK_FULL = range(5)
N_TRACK = 5

QUIET = 32  # bars compared at once: long enough to vectorise, short enough that one loud bar costs little
RUN = 128  # bars stepped in one go once one of them is loud: loud bars come in company
BLOCK = 256  # bars in a summary, where many hurdles share a series
_ABOVE = 1.0 + 2.0**-50  # margins err to the safe side: the four roundings they cover are at most 2**-51 together
_BELOW = 1.0 - 2.0**-50
_HUGE = 1.7e308  # only infinity and the last few numbers are larger
_TINY = 1e-290  # below it a product may be subnormal, and a relative margin means nothing


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile without the GIL and with IEEE division; cache on disk if there is a folder to cache in."""
    try:
        return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # numba's "no locator available": neither __pycache__ nor the user's cache can be written
        return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy")(function))


def inline(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as a part of each caller."""
    return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy", forceinline=True)(function))


@inline
def larger(a: float, b: float) -> float:
    """Return b if it is larger, else a: a NaN in b is ignored, one in a stays."""
    return b if b > a else a  # noqa: FURB136 - max() treats NaN otherwise


@inline
def smaller(a: float, b: float) -> float:
    """Return b if it is smaller, else a."""
    return b if b < a else a  # noqa: FURB136 - min() treats NaN otherwise


@inline
def gain_of(side: int, crest: float, endorsed: float) -> float:
    """Return the excess gain of a new crest, with the reference's guards."""
    if endorsed == 0.0 or crest == 0.0:
        return 0.0
    return crest / endorsed - 1.0 if side > 0 else endorsed / crest - 1.0


@inline
def loss_of(side: int, nadir: float, endorsed: float) -> float:
    """Return the excess loss of a new nadir, with the reference's guards."""
    if side > 0:
        return 0.0 if endorsed == 0.0 else 1.0 - nadir / endorsed
    return 0.0 if nadir == 0.0 else 1.0 - endorsed / nadir


@inline
def drawdown(side: int, best: float, low: float) -> float:
    """Return how far `low` lies below the best level (bear: the runup), or 0.0 if the best is not positive."""
    if not side * best > 0.0:
        return 0.0
    return 1.0 - low / best if side > 0 else 1.0 - best / low


@inline
def step(side: int, level: float, hurdle: float, machine: Machine) -> tuple[bool, Machine]:
    """Run steps 1 to 3 on one bar: (whether it hits, the machine before any reset)."""
    endorsed, crest, nadir, gain, loss, worst = machine
    if level > crest:
        gain = gain_of(side, level, endorsed)
        crest = level
    if level < nadir:
        loss = loss_of(side, level, endorsed)
        nadir = level
    if level < crest:
        worst = larger(worst, drawdown(side, crest, level))
    return gain > abs(loss) and gain > hurdle and crest >= endorsed, (endorsed, crest, nadir, gain, loss, worst)


@inline
def reset(crest: float, previous: float) -> Machine:
    """Begin the next episode (steps 4 and 6). The nadir restarts from the previous bar; the crest is kept."""
    return crest, crest, previous, 0.0, 0.0, 0.0


@inline
def _keep(side: int, crest: float, worst: float) -> float:
    """Return the factor of the crest at which a drawdown may begin to be worse than the worst."""
    if worst >= 1.0:
        return 0.0 if side > 0 else np.inf
    if not side * crest >= _TINY:
        return 1.0
    return min(1.0, (1.0 - worst) * _ABOVE) if side > 0 else max(1.0, _BELOW / (1.0 - worst))


@inline
def _alarm(side: int, crest: float, keep: float) -> float:
    """Return the level below which a drawdown may be worse than the worst, or -inf for a crest that is not positive."""
    if not side * crest > 0.0:
        return -np.inf
    if keep == 0.0:
        return 0.0  # also for an infinite crest
    return larger(crest * keep, -_HUGE) if keep < np.inf else -np.inf


@inline
def _gate(side: int, endorsed: float, crest: float, hurdle: float) -> float:
    """Return the level above which a new crest may hit; it is -inf if the levels are not positive and finite.

    `hurdle` is the larger of the hurdle and the loss so far, for within an episode the loss only grows.
    """
    if not (0.0 < side * endorsed < np.inf and 0.0 < side * crest < np.inf):
        return -np.inf
    if side > 0:
        limit = endorsed * (1.0 + hurdle) * _BELOW if endorsed >= _TINY else crest
        return larger(crest, limit if limit < _HUGE else _HUGE)  # noqa: FURB136 - a NaN hurdle sets no limit
    limit = endorsed / (1.0 + hurdle) * _ABOVE
    return larger(crest, limit if limit < -_TINY else -_TINY)  # noqa: FURB136 - the same


@inline
def _limits(
    side: int, endorsed: float, crest: float, worst: float, hurdle: float, varies: bool
) -> tuple[float, float, float]:
    """Return (keep, alarm, gate); if the hurdle varies, every bar must be stepped."""
    keep = _keep(side, crest, worst)
    return keep, _alarm(side, crest, keep), -np.inf if varies else _gate(side, endorsed, crest, hurdle)


@inline
def _quiet_range(side: int, state: Floats, varies: bool) -> tuple[float, float]:
    """Return the range of nav in which a bar makes no crest, nadir, worse drawdown or hit; NaN is not in it."""
    if varies and state[GAIN] > abs(state[LOSS]):
        return np.inf, -np.inf
    crest = state[CREST]
    floor = larger(_alarm(side, crest, _keep(side, crest, state[WORST])), state[NADIR])
    return (floor, crest) if side > 0 else (-crest, -floor)


@inline
def _is_quiet(nav: Floats, i: int, stop: int, lo: float, hi: float) -> bool:
    """Compare many bars without a branch, by an unsigned index, so that it vectorises (0.25 ns a bar, as numpy.max)."""
    loud = 0
    for j in range(stop - i):
        x = nav[np.uint64(i) + np.uint64(j)]
        loud += int(not ((x >= lo) & (x <= hi)))
    return loud == 0


@inline
def _skip_quiet(nav: Floats, i: int, lo: float, hi: float) -> int:
    """Skip whole blocks that are quiet; return the first bar that is not in one."""
    while i % QUIET == 0 and i + QUIET <= len(nav) and _is_quiet(nav, i, i + QUIET, lo, hi):
        i += QUIET
    return i


@jit
def summarise(nav: Floats, side: int, blocks: Floats) -> None:
    """Write for every whole block of bars its highest and lowest level and its worst drawdown (3, n // BLOCK).

    A bar that is not positive and finite makes the highest NaN, so that the block is read bar by bar.
    """
    for b in range(blocks.shape[1]):
        top, bottom, worst, is_odd = -np.inf, np.inf, 0.0, False
        for i in range(b * BLOCK, (b + 1) * BLOCK):
            level = side * nav[i]
            top, bottom = larger(top, level), smaller(bottom, level)
            worst = larger(worst, drawdown(side, top, level))
            is_odd |= not 0.0 < nav[i] < np.inf
        blocks[0, b], blocks[1, b], blocks[2, b] = np.nan if is_odd else top, bottom, worst


@inline
def _absorb(side: int, state: Floats, hurdle: float, top: float, bottom: float, worst: float) -> bool:
    """Move a machine by a block's summary if the block cannot hold a hit; return whether it was moved.

    Each drawdown within the block is measured from the crest or from a higher bar before it, whichever is more: so the
    worst of them is that of the block alone or that of its lowest bar from the crest.
    """
    crest = state[CREST]
    gate = _gate(side, state[ENDORSED], crest, larger(hurdle, state[LOSS]))
    if not (gate > -np.inf and top <= gate):
        return False
    state[WORST] = larger(larger(state[WORST], worst), drawdown(side, crest, bottom))
    if top > crest:
        state[CREST], state[GAIN] = top, gain_of(side, top, state[ENDORSED])
    if bottom < state[NADIR]:
        state[NADIR], state[LOSS] = bottom, loss_of(side, bottom, state[ENDORSED])
    return True


@inline
def _skip_blocks(i: int, side: int, state: Floats, hurdle: float, blocks: Floats) -> int:
    """Absorb whole summarised blocks; return the first bar that is not in one."""
    while i % BLOCK == 0 and i // BLOCK < blocks.shape[1]:
        top, bottom, worst = blocks[0, i // BLOCK], blocks[1, i // BLOCK], blocks[2, i // BLOCK]
        if not _absorb(side, state, hurdle, top, bottom, worst):
            break
        i += BLOCK
    return i


@inline
def _write_row(row: Floats, side: int, hurdle: float, level: float, machine: Machine) -> None:
    endorsed, _, nadir, row[ROW_GAIN], row[ROW_LOSS], row[ROW_WORST] = machine
    row[ROW_HURDLE], row[ROW_NAV] = hurdle, side * level
    row[ROW_CREST], row[ROW_NADIR] = side * endorsed, side * nadir


@inline
def _run_block(
    nav: Floats, i: int, stop: int, hurdles: Floats, varies: bool, side: int, state: Floats, rows: Floats, count: int
) -> int:
    """Run one machine over every bar of i … stop, in registers; return how many epoch rows there are now.

    A bar between alarm and gate can at most move the crest or the nadir. One below the alarm makes a drawdown that may
    be the worst, to be compared before the crest moves. Gain, loss and worst drawdown follow from the extremes by the
    same division whenever it is done (it is correctly rounded, hence monotone), so it is done when a step needs them.
    """
    endorsed, crest, nadir = state[ENDORSED], state[CREST], state[NADIR]
    gain, loss, worst = state[GAIN], state[LOSS], state[WORST]
    known_crest, known_nadir, far, is_far = crest, nadir, crest, False
    keep, alarm, gate = _limits(side, endorsed, crest, worst, larger(hurdles[0], loss), varies)
    for bar in range(i, stop):
        level = side * nav[bar]
        if alarm <= level <= gate:
            crest, nadir, far = larger(crest, level), smaller(nadir, level), smaller(far, level)
            alarm = larger(alarm, level * keep)
            continue
        if level < alarm and gate > -np.inf:
            far, nadir = smaller(far, level) if is_far else level, smaller(nadir, level)
            keep, alarm, gate, is_far = (0.0 if side > 0 else np.inf), -np.inf, crest, True
            continue
        worst = larger(worst, drawdown(side, crest, far)) if is_far else worst
        gain = gain_of(side, crest, endorsed) if crest > known_crest else gain
        loss = loss_of(side, nadir, endorsed) if nadir < known_nadir else loss
        hurdle = hurdles[bar] if varies else hurdles[0]
        hit, machine = step(side, level, hurdle, (endorsed, crest, nadir, gain, loss, worst))
        if hit:
            rows[count, ROW_BAR] = bar
            _write_row(rows[count], side, hurdle, level, machine)
            count += 1
            machine = reset(machine[CREST], side * nav[bar - 1] if bar > 0 else state[PREVIOUS])
        endorsed, crest, nadir, gain, loss, worst = machine
        known_crest, known_nadir, is_far = crest, nadir, False
        keep, alarm, gate = _limits(side, endorsed, crest, worst, larger(hurdle, loss), varies)
    state[ENDORSED], state[CREST], state[NADIR] = endorsed, crest, nadir
    state[GAIN] = gain_of(side, crest, endorsed) if crest > known_crest else gain
    state[LOSS] = loss_of(side, nadir, endorsed) if nadir < known_nadir else loss
    state[WORST] = larger(worst, drawdown(side, crest, far)) if is_far else worst
    return count


@jit
def scan(
    nav: Floats,
    first: int,
    hurdles: Floats,
    varies: bool,
    sides: Integers,
    states: Floats,
    rows: Floats,
    blocks: Floats | None,
) -> tuple[int, int]:
    """Run every machine over nav[first:] in one read; write an epoch row for every hit.

    Blocks that are quiet for a machine are skipped. They can hold no hit: a fixed hurdle (one column) is only met by a
    new crest, as the gain changes nowhere else and the loss only grows. A hurdle that `varies` (one column per bar)
    may fall below an existing gain, so while gain > loss nothing is skipped. `blocks` are summaries, for a single
    machine with a fixed hurdle, None otherwise: numba then leaves out what reads them, 0.7 s of the first compilation.

    Returns:
        (next bar, rows written): the next bar is n unless `rows` is full; call again from there.
    """
    n, i = len(nav), first
    count = n - n  # a literal 0 has a type of its own, for which numba would compile `_run_block` once more
    ranges = np.empty((len(sides), 2))  # what is quiet for each machine: nothing, until it has run once
    ranges[:, 0], ranges[:, 1] = np.inf, -np.inf
    while i < n and count + RUN * len(sides) <= len(rows):
        if blocks is not None:
            before = i
            i = _skip_blocks(i, sides[0], states[0], hurdles[0, 0], blocks)
            if i > before:
                ranges[0, 0], ranges[0, 1] = np.inf, -np.inf
        lo, hi = -np.inf, np.inf
        for k in range(len(sides)):
            lo, hi = larger(lo, ranges[k, 0]), smaller(hi, ranges[k, 1])
        i = _skip_quiet(nav, i, lo, hi)
        stop = min(n, (i | (RUN - 1)) + 1)
        for k in range(len(sides)):
            if not _is_quiet(nav, i, stop, ranges[k, 0], ranges[k, 1]):
                before = count
                count = _run_block(nav, i, stop, hurdles[k], varies, sides[k], states[k], rows, count)
                rows[before:count, ROW_MACHINE] = k
                ranges[k, 0], ranges[k, 1] = _quiet_range(sides[k], states[k], varies)
        i = stop
    if i > first:
        for k in range(len(sides)):
            states[k, PREVIOUS] = sides[k] * nav[i - 1]
    return i, count


@jit
def trace(
    nav: Floats, hurdles: Floats, side: int, state: Floats, excess: Floats, flags: Booleans, levels: Floats
) -> None:
    """Run one machine from bar 1 and store every bar.

    Writes `excess` (2, n): gain, loss; `flags` (2, n): epoch, reset; `levels` (3, n or 0): R, F, A before a reset.
    """
    machine = (state[ENDORSED], state[CREST], state[NADIR], state[GAIN], state[LOSS], state[WORST])
    last = len(hurdles) - 1
    for i in range(1, len(nav)):
        hurdle = hurdles[min(i, last)]
        hit, machine = step(side, side * nav[i], hurdle, machine)
        excess[0, i], excess[1, i] = machine[GAIN], machine[LOSS]
        flags[0, i] = machine[GAIN] > machine[LOSS] and machine[GAIN] > hurdle
        flags[1, i] = hit
        if levels.shape[1] > 0:
            levels[0, i], levels[1, i] = side * machine[ENDORSED], side * machine[CREST]
            levels[2, i] = side * machine[NADIR]
        if hit:
            machine = reset(machine[CREST], side * nav[i - 1])


@inline
def _close_segment(side: int, best: float, low: float, out: Floats, count: int) -> int:
    depth = (best - low) / best if side > 0 else 1.0 - best / low
    if depth > 0.0:
        out[count] = depth
        count += 1
    return count


@jit
def segment_drawdowns(nav: Floats, side: int, out: Floats) -> int:
    """Write the deepest drawdown (bear: runup) after each strict new extreme, if there is one; return how many."""
    count, n, i = 0, len(nav), 0
    best = low = side * nav[0]
    while i < n:
        stop = min(n, i + QUIET)
        if not _is_quiet(nav, i, stop, min(side * best, side * low), max(side * best, side * low)):
            for bar in range(i, stop):
                level = side * nav[bar]
                if level > best:
                    count = _close_segment(side, best, low, out, count)
                    best = low = level
                low = smaller(low, level)
        i = stop
    return _close_segment(side, best, low, out, count)


@jit
def causal_hurdles(nav: Floats, side: int, floor: float, track: Floats, ring: Floats, out: Floats) -> None:
    """Write for every bar the largest drawdown (bear: runup) among the bars before it, at least `floor`.

    `track` and `ring` are carried along. `ring` is (3, w): the levels of the present block of w bars, then for the
    block before it the best level and the worst drawdown from each position to its end (van Herk 1992, Gil and Werman
    1993); a window is such an end and the present block. w = 0: all the bars before. Division rounds monotonically, so
    the largest over all pairs is the same number however the pairs are grouped. NaN is ignored.
    """
    window = ring.shape[1]
    best, low, worst = track[TRACK_BEST], track[TRACK_LOW], track[TRACK_WORST]
    count, is_full = int(track[TRACK_COUNT]), track[TRACK_FULL] > 0.0
    for i in range(len(nav)):
        hurdle = larger(floor, worst)
        if is_full:
            hurdle = larger(hurdle, ring[2, count])
            if count > 0:
                hurdle = larger(hurdle, drawdown(side, ring[1, count], low))
        out[i] = hurdle
        level = side * nav[i]
        best, low = larger(best, level), smaller(low, level)
        worst = larger(worst, drawdown(side, best, level))
        if window > 0:
            ring[0, count] = level
            count += 1
        if window > 0 and count == window:
            best, low, worst = -np.inf, np.inf, 0.0
            for j in range(window - 1, -1, -1):
                best, low = larger(best, ring[0, j]), smaller(low, ring[0, j])
                worst = larger(worst, drawdown(side, ring[0, j], low))
                ring[1, j], ring[2, j] = best, worst
            best, low, worst, count, is_full = -np.inf, np.inf, 0.0, 0, True
    track[TRACK_BEST], track[TRACK_LOW], track[TRACK_WORST] = best, low, worst
    track[TRACK_COUNT], track[TRACK_FULL] = count, 1.0 if is_full else 0.0


@inline
def _interval_cv(bars: Floats, k: int) -> float:
    """Return the population CV of the intervals 0, bars[0], … bars[k - 1], summed in order; NaN without an epoch."""
    if k == 0:
        return np.nan
    mean, squares, before = bars[k - 1] / k, 0.0, 0.0
    for j in range(k):
        apart = bars[j] - before - mean
        squares += apart * apart
        before = bars[j]
    return float(math.sqrt(squares / k) / mean)


@inline
def _run_window(window: Floats, side: int, bars: Floats) -> tuple[int, float, float, float]:
    """Return (epochs, sum of excess gains, interval CV, worst drawdown or runup) of a window under its own hurdle."""
    best, adverse = side * window[0], 0.0
    for x in window:
        best = larger(best, side * x)
        adverse = larger(adverse, drawdown(side, best, side * x))
    hurdle = larger(adverse, 2.0**-52)
    count, total, start = 0, 0.0, side * window[0]
    machine = (start, start, start, 0.0, 0.0, 0.0)
    for i in range(1, len(window)):
        hit, machine = step(side, side * window[i], hurdle, machine)
        total += machine[GAIN]
        if machine[GAIN] > machine[LOSS] and machine[GAIN] > hurdle:
            bars[count] = i
            count += 1
        if hit:
            machine = reset(machine[CREST], side * window[i - 1])
    return count, total, _interval_cv(bars, count), adverse


@jit
def rolling_windows(nav: Floats, lookback: int, first: int, stop: int, out: Floats) -> None:
    """Run both machines on the window that ends at each bar of first … stop, divided by its first value.

    Writes rows of `out` (8, n): epochs, sum of gains, interval CV and worst drawdown of the bull, then of the bear;
    they are NaN if the window does not begin with a positive finite value.
    """
    window, bars = np.empty(lookback), np.empty(lookback)
    for i in range(first, stop):
        start = nav[i - lookback + 1]
        if not 0.0 < start < np.inf:
            out[:, i] = np.nan
            continue
        for j in range(lookback):
            window[j] = nav[i - lookback + 1 + j] / start
        for row, side in ((0, 1), (4, -1)):
            out[row, i], out[row + 1, i], out[row + 2, i], out[row + 3, i] = _run_window(window, side, bars)
