"""The ITH state machine, compiled once: batch, chunked and live run the same step, so they agree to the bit.

`side` is +1 for a bull, -1 for a bear. A machine is one row of `states`, float64, indexed by the constants below; it
is carried in and out, so that a series may come in one piece or bar by bar. A bar within a machine's quiet range
(`_quiet_range`) cannot change it but for the previous value: `scan` jumps over such bars, 32 at a time, and runs the
step on the others only. No fastmath anywhere.
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

P = ParamSpec("P")
R = TypeVar("R")

# one machine: the level measured from, the most favourable value, the most adverse of the episode, gain, loss,
# the worst drawdown (bear: runup) since the last epoch, the previous bar's value
ENDORSED, CREST, NADIR, GAIN, LOSS, WORST, PREVIOUS = range(7)
N_STATE = 7
# one epoch row: the bar, then the state of the machine at step 3, before the reset
ROW_BAR, ROW_GAIN, ROW_LOSS, ROW_CREST, ROW_NADIR, ROW_HURDLE, ROW_NAV, ROW_WORST, ROW_MACHINE = range(9)
N_ROW = 9
# one series of causal drawdowns: best value, lowest since, worst drawdown of the present block; bars in it; whether a
# block came before
TRACK_BEST, TRACK_LOW, TRACK_WORST, TRACK_COUNT, TRACK_FULL = range(5)
N_TRACK = 5

QUIET = 32  # bars compared at once: long enough to vectorise, short enough that one loud bar costs little
BLOCK = 256  # bars summarised by one minimum and maximum where many hurdles share a series
_ABOVE = 1.0 + 2.0**-50  # four roundings are at most 2**-51 apart: the quiet range errs to the narrow side
_BELOW = 1.0 - 2.0**-50
_HUGE = 1.7e308  # only infinity and the last few numbers are larger
_TINY = 1e-290  # below it a product may be subnormal, and a relative margin means nothing


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile without the GIL and with IEEE division; cache on disk where there is a folder to cache in."""
    try:
        return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # numba's "no locator available": neither __pycache__ nor the user's cache can be written
        return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy")(function))


def inline(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as a part of whatever calls it."""
    return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy", forceinline=True)(function))


@inline
def drawdown(side: int, best: float, x: float) -> float:
    """Return how far x lies on the adverse side of the best value; 0.0 where the best is not positive."""
    if not best > 0.0:
        return 0.0
    return 1.0 - x / best if side > 0 else 1.0 - best / x


@inline
def larger(a: float, b: float) -> float:
    """Return b if it is larger, else a: a NaN in b is passed over."""
    return b if b > a else a  # noqa: FURB136 - max() would let a NaN through


@inline
def gain_of(side: int, x: float, endorsed: float) -> float:
    """Return the excess gain of a new crest; the guards are the reference's."""
    if endorsed == 0.0 or x == 0.0:
        return 0.0
    return x / endorsed - 1.0 if side > 0 else endorsed / x - 1.0


@inline
def loss_of(side: int, x: float, endorsed: float) -> float:
    """Return the excess loss of a new nadir; the guards are the reference's."""
    if side > 0:
        return 0.0 if endorsed == 0.0 else 1.0 - x / endorsed
    return 0.0 if x == 0.0 else 1.0 - endorsed / x


@inline
def step(
    side: int, x: float, hurdle: float, machine: tuple[float, float, float, float, float, float]
) -> tuple[bool, tuple[float, float, float, float, float, float]]:
    """Run steps 1 to 3 on one bar: (whether it hits, R, F, A, g, l and the worst drawdown before any reset)."""
    endorsed, crest, nadir, gain, loss, worst = machine
    if (x > crest) if side > 0 else (x < crest):
        gain = gain_of(side, x, endorsed)
        crest = x
    if (x < nadir) if side > 0 else (x > nadir):
        loss = loss_of(side, x, endorsed)
        nadir = x
    if (x < crest) if side > 0 else (x > crest):
        worst = larger(worst, drawdown(side, crest, x))
    reaches = (crest >= endorsed) if side > 0 else (crest <= endorsed)
    return gain > abs(loss) and gain > hurdle and reaches, (endorsed, crest, nadir, gain, loss, worst)


@inline
def reset(crest: float, previous: float) -> tuple[float, float, float, float, float, float]:
    """Begin the next episode (steps 4 and 6). The nadir restarts from the bar before this one; the crest is kept."""
    return crest, crest, previous, 0.0, 0.0, 0.0


@inline
def _keep(side: int, crest: float, worst: float) -> float:
    """Return the factor of a positive crest up to which (bear: from which) no drawdown can be worse than the worst."""
    if side > 0:
        if worst >= 1.0:
            return 0.0
        return 1.0 if crest < _TINY else min(1.0, (1.0 - worst) * _ABOVE)
    if worst >= 1.0:
        return np.inf
    return 1.0 if crest < _TINY else max(1.0, _BELOW / (1.0 - worst))


@inline
def _alarm(side: int, crest: float, keep: float) -> float:
    """Return the value beyond which a drawdown may be worse than the worst; infinity is beyond it while worst < 1."""
    if not crest > 0.0:
        return -side * np.inf
    return crest * keep if side > 0 or keep == np.inf else min(crest * keep, _HUGE)


@inline
def _gate(side: int, endorsed: float, crest: float, hurdle: float, varies: bool) -> float:
    """Return a value up to which (bear: down to which) no new crest can hit; none is safe where the data are odd."""
    if varies or not (endorsed > 0.0 and crest > 0.0 and endorsed < np.inf and crest < np.inf):
        return -side * np.inf
    if side > 0:
        limit = endorsed * (1.0 + hurdle) * _BELOW if endorsed >= _TINY else crest
        return larger(crest, limit if limit < _HUGE else _HUGE)  # noqa: FURB136 - NaN is no limit
    limit = endorsed / (1.0 + hurdle) * _ABOVE
    return -larger(-crest, -limit if limit > _TINY else -_TINY)


@inline
def _quiet_range(side: int, state: Floats, varies: bool) -> tuple[float, float]:
    """Return (lo, hi): a step on lo <= x <= hi makes no crest, no nadir, no worse drawdown and no hit. NaN is not quiet."""
    crest, nadir = state[CREST], state[NADIR]
    if varies and state[GAIN] > abs(state[LOSS]):
        return np.inf, -np.inf
    alarm = _alarm(side, crest, _keep(side, crest, state[WORST]))
    if side > 0:
        return larger(alarm, nadir), crest
    return crest, -larger(-alarm, -nadir)


@inline
def _is_quiet(nav: Floats, i: int, stop: int, lo: float, hi: float) -> bool:
    """Compare 32 bars at once: no branch and an unsigned index, so that it vectorises (0.23 ns a bar, as numpy.max)."""
    loud = 0
    for j in range(stop - i):
        x = nav[np.uint64(i) + np.uint64(j)]
        loud += int(not ((x >= lo) & (x <= hi)))
    return loud == 0


@inline
def _next_loud(nav: Floats, i: int, lo: float, hi: float, lows: Floats, highs: Floats) -> int:
    """Skip whole blocks that are quiet; return the first bar that is not in one."""
    while i % QUIET == 0 and i + QUIET <= len(nav):
        block = i // BLOCK
        if i % BLOCK == 0 and block < len(lows) and lows[block] >= lo and highs[block] <= hi:
            i += BLOCK
        elif _is_quiet(nav, i, i + QUIET, lo, hi):
            i += QUIET
        else:
            break
    return i


@inline
def _step_all(
    nav: Floats,
    i: int,
    stop: int,
    hurdles: Floats,
    varies: bool,
    side: int,
    state: Floats,
    k: int,
    rows: Floats,
    count: int,
) -> int:
    """Run one machine over every bar of i … stop, in registers; return how many epoch rows there are now.

    A bar between alarm and gate can at most move the crest or the nadir. Gain and loss follow from these by the same
    division whenever it is done (they are correctly rounded), so it is done when a step needs them.
    """
    endorsed, crest, nadir = state[ENDORSED], state[CREST], state[NADIR]
    gain, loss, worst = state[GAIN], state[LOSS], state[WORST]
    known_crest, known_nadir, last = crest, nadir, len(hurdles) - 1
    keep = _keep(side, crest, worst)
    alarm, gate = _alarm(side, crest, keep), _gate(side, endorsed, crest, hurdles[0], varies)
    for bar in range(i, stop):
        x = nav[bar]
        if (alarm <= x <= gate) if side > 0 else (gate <= x <= alarm):
            if side > 0:
                crest, nadir, alarm = larger(crest, x), -larger(-nadir, -x), larger(alarm, x * keep)
            else:
                crest, nadir, alarm = -larger(-crest, -x), larger(nadir, x), -larger(-alarm, -x * keep)
            continue
        gain = gain_of(side, crest, endorsed) if crest != known_crest else gain
        loss = loss_of(side, nadir, endorsed) if nadir != known_nadir else loss
        hurdle = hurdles[min(bar, last)]
        hit, machine = step(side, x, hurdle, (endorsed, crest, nadir, gain, loss, worst))
        if hit:
            row = rows[count]
            row[ROW_BAR], row[ROW_HURDLE], row[ROW_NAV], row[ROW_MACHINE] = bar, hurdle, x, k
            row[ROW_CREST], _, row[ROW_NADIR], row[ROW_GAIN], row[ROW_LOSS], row[ROW_WORST] = machine
            count += 1
            machine = reset(machine[CREST], nav[bar - 1] if bar > 0 else state[PREVIOUS])
        endorsed, crest, nadir, gain, loss, worst = machine
        known_crest, known_nadir = crest, nadir
        keep = _keep(side, crest, worst)
        alarm, gate = _alarm(side, crest, keep), _gate(side, endorsed, crest, hurdle, varies)
    gain = gain_of(side, crest, endorsed) if crest != known_crest else gain
    loss = loss_of(side, nadir, endorsed) if nadir != known_nadir else loss
    state[ENDORSED], state[CREST], state[NADIR] = endorsed, crest, nadir
    state[GAIN], state[LOSS], state[WORST] = gain, loss, worst
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
    lows: Floats,
    highs: Floats,
) -> tuple[int, int]:
    """Run every machine over nav[first:] in one read; write an epoch row for every hit.

    Blocks that are quiet for a machine are skipped, in the others every bar is stepped. Quiet blocks can hold no hit:
    a fixed hurdle (one column) is only met by a new crest, as the gain changes nowhere else and the loss only grows.
    A hurdle that `varies` (a column a bar) may fall below a gain that stands, so while gain > loss nothing is skipped.
    `lows` and `highs` of the 256-bar blocks may be empty.

    Returns:
        (next bar, rows written): the next bar is n unless `rows` is full; call again from there.
    """
    n, count, i = len(nav), 0, first
    ranges = np.empty((len(sides), 2))
    for k in range(len(sides)):
        ranges[k, 0], ranges[k, 1] = _quiet_range(sides[k], states[k], varies)
    while i < n and count + QUIET * len(sides) <= len(rows):
        lo, hi = -np.inf, np.inf
        for k in range(len(sides)):
            lo, hi = max(lo, ranges[k, 0]), min(hi, ranges[k, 1])
        i = _next_loud(nav, i, lo, hi, lows, highs)
        stop = min(n, (i | (QUIET - 1)) + 1)
        for k in range(len(sides)):
            if _is_quiet(nav, i, stop, ranges[k, 0], ranges[k, 1]):
                continue
            if sides[k] > 0:
                count = _step_all(nav, i, stop, hurdles[k], varies, 1, states[k], k, rows, count)
            else:
                count = _step_all(nav, i, stop, hurdles[k], varies, -1, states[k], k, rows, count)
            ranges[k, 0], ranges[k, 1] = _quiet_range(sides[k], states[k], varies)
        i = stop
    if i > first:
        states[:, PREVIOUS] = nav[i - 1]
    return i, count


@jit
def trace(
    nav: Floats, hurdles: Floats, side: int, state: Floats, excess: Floats, flags: Booleans, levels: Floats
) -> None:
    """Run one machine from bar 1 and store every bar.

    Excess (2, n), flags epoch and reset (2, n), levels R, F, A before a reset (3, n or 0).
    """
    machine = (state[ENDORSED], state[CREST], state[NADIR], state[GAIN], state[LOSS], state[WORST])
    last = len(hurdles) - 1
    for i in range(1, len(nav)):
        hurdle = hurdles[min(i, last)]
        hit, machine = step(side, nav[i], hurdle, machine)
        excess[0, i], excess[1, i] = machine[GAIN], machine[LOSS]
        flags[0, i] = machine[GAIN] > machine[LOSS] and machine[GAIN] > hurdle
        flags[1, i] = hit
        if levels.shape[1] > 0:
            levels[0, i], levels[1, i], levels[2, i] = machine[ENDORSED], machine[CREST], machine[NADIR]
        if hit:
            machine = reset(machine[CREST], nav[i - 1])


@inline
def _close_segment(side: int, best: float, low: float, out: Floats, count: int) -> int:
    depth = (best - low) / best if side > 0 else 1.0 - best / low
    if depth > 0.0:
        out[count] = depth
        count += 1
    return count


@jit
def segment_drawdowns(nav: Floats, side: int, out: Floats) -> int:
    """Write the deepest drawdown (bear.

    Runup) after every strict new extreme, where there is one; return how many there are.
    """
    count, n, i = 0, len(nav), 0
    best, low = nav[0], nav[0]
    while i < n:
        stop = min(n, i + QUIET)
        if not _is_quiet(nav, i, stop, min(best, low), max(best, low)):
            for bar in range(i, stop):
                x = nav[bar]
                if (x > best) if side > 0 else (x < best):
                    count = _close_segment(side, best, low, out, count)
                    best, low = x, x
                elif (x < low) if side > 0 else (x > low):
                    low = x
        i = stop
    return _close_segment(side, best, low, out, count)


@inline
def _absorb(side: int, x: float, track: Floats) -> None:
    """Add a bar to the present block of a causal drawdown. NaN is passed over."""
    if (x > track[TRACK_BEST]) if side > 0 else (x < track[TRACK_BEST]):
        track[TRACK_BEST] = x
    if (x < track[TRACK_LOW]) if side > 0 else (x > track[TRACK_LOW]):
        track[TRACK_LOW] = x
    track[TRACK_WORST] = larger(track[TRACK_WORST], drawdown(side, track[TRACK_BEST], x))


@jit
def causal_hurdles(nav: Floats, side: int, floor: float, track: Floats, ring: Floats, out: Floats) -> None:
    """Write for every bar the largest drawdown (bear.

    Runup) among the bars before it, at least `floor`; carry `track` and `ring` along.

    `ring` is (3, w): the values of the present block of w bars, then for the block before it the best value and the
    worst drawdown from each position to its end (van Herk and Gil-Werman); a window is such an end and the present
    block. w = 0: all the bars before. Division rounds monotonically, so the largest over all pairs is the same number
    however the pairs are grouped.
    """
    window = ring.shape[1]
    for i in range(len(nav)):
        count = int(track[TRACK_COUNT])
        worst = larger(floor, track[TRACK_WORST])
        if track[TRACK_FULL] > 0.0:
            worst = larger(worst, ring[2, count])
            if count > 0:
                worst = larger(worst, drawdown(side, ring[1, count], track[TRACK_LOW]))
        out[i] = worst
        _absorb(side, nav[i], track)
        if window == 0:
            continue
        ring[0, count] = nav[i]
        track[TRACK_COUNT] = count + 1
        if count + 1 == window:
            best, low, deepest = -side * np.inf, side * np.inf, 0.0
            for j in range(window - 1, -1, -1):
                x = ring[0, j]
                if (x < low) if side > 0 else (x > low):
                    low = x
                if (x > best) if side > 0 else (x < best):
                    best = x
                deepest = larger(deepest, drawdown(side, x, low))
                ring[1, j], ring[2, j] = best, deepest
            track[TRACK_BEST], track[TRACK_LOW], track[TRACK_WORST] = -side * np.inf, side * np.inf, 0.0
            track[TRACK_COUNT], track[TRACK_FULL] = 0.0, 1.0


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
    return math.sqrt(squares / k) / mean


@inline
def _run_window(window: Floats, side: int, bars: Floats) -> tuple[int, float, float, float]:
    """Return (epochs, sum of excess gains, interval CV, worst drawdown or runup) of a window under its own hurdle."""
    best, adverse = window[0], 0.0
    for x in window:
        if (x > best) if side > 0 else (x < best):
            best = x
        adverse = larger(adverse, drawdown(side, best, x))
    hurdle = larger(adverse, 2.0**-52)
    count, total = 0, 0.0
    machine = (window[0], window[0], window[0], 0.0, 0.0, 0.0)
    for i in range(1, len(window)):
        hit, machine = step(side, window[i], hurdle, machine)
        total += machine[GAIN]
        if machine[GAIN] > machine[LOSS] and machine[GAIN] > hurdle:
            bars[count] = i
            count += 1
        if hit:
            machine = reset(machine[CREST], window[i - 1])
    return count, total, _interval_cv(bars, count), adverse


@jit
def rolling_windows(nav: Floats, lookback: int, first: int, stop: int, out: Floats) -> None:
    """Run both machines on the window that ends at each bar of first … stop, divided by its first value.

    Writes rows of `out` (8, n): epochs, sum of gains, interval CV and worst drawdown of the bull, then of the bear;
    NaN where the window does not begin on a positive finite value.
    """
    window, bars = np.empty(lookback), np.empty(lookback)
    for i in range(first, stop):
        start = nav[i - lookback + 1]
        if not (start > 0.0 and start < np.inf):  # noqa: PLR1716 - a chain branches twice in compiled code
            out[:, i] = np.nan
            continue
        for j in range(lookback):
            window[j] = nav[i - lookback + 1 + j] / start
        out[0, i], out[1, i], out[2, i], out[3, i] = _run_window(window, 1, bars)
        out[4, i], out[5, i], out[6, i], out[7, i] = _run_window(window, -1, bars)
