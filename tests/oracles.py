"""The ITH algorithm in plain Python: a literal transcription of its specification, slow and obvious."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np


class OracleEpoch(NamedTuple):
    """The machine's state at step 3 of an epoch's bar."""

    bar_index: int
    excess_gain: float
    excess_loss: float
    endorsing_crest: float
    candidate_nadir: float
    hurdle: float
    nav: float
    worst_drawdown: float


class OracleRun(NamedTuple):
    """The three arrays of the reference, the resets, and the state at each reset."""

    gains: list[float]
    losses: list[float]
    epochs: list[bool]
    resets: list[bool]
    table: list[OracleEpoch]


def divide(a: float, b: float) -> float:
    """Divide as IEEE 754 does."""
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


def excess_ratio(side: str, x: float, level: float, *, is_gain: bool) -> float:
    """Return the gain or the loss of x against the level, with the reference's guards."""
    if side == "bull":
        if is_gain:
            return 0.0 if level == 0 or x == 0 else divide(x, level) - 1
        return 0.0 if level == 0 else 1 - divide(x, level)
    if is_gain:
        return 0.0 if level == 0 or x == 0 else divide(level, x) - 1
    return 0.0 if x == 0 else 1 - divide(level, x)


def run(nav: list[float], hurdle: float | list[float], side: str) -> OracleRun:
    """Run the state machine of section 1, bar by bar."""
    n = len(nav)
    hurdles = hurdle if isinstance(hurdle, list) else [hurdle] * n
    gains, losses = [0.0] * n, [0.0] * n
    epochs, resets, table = [False] * n, [False] * n, []  # type: ignore[var-annotated]
    if n == 0:
        return OracleRun(gains, losses, epochs, resets, table)
    r = f = a = nav[0]
    g = loss = 0.0
    worst = 0.0
    for i in range(1, n):
        x, p, h = nav[i], nav[i - 1], hurdles[i]
        if x > f if side == "bull" else x < f:
            g = excess_ratio(side, x, r, is_gain=True)
            f = x
        if x < a if side == "bull" else x > a:
            loss = excess_ratio(side, x, r, is_gain=False)
            a = x
        if f > 0 and (x < f if side == "bull" else x > f):
            depth = 1 - (divide(x, f) if side == "bull" else divide(f, x))
            worst = max(worst, depth)
        hit = g > abs(loss) and g > h and (f >= r if side == "bull" else f <= r)
        if hit:
            table.append(OracleEpoch(i, g, loss, r, a, h, x, worst))
            r, a = f, p
            worst = 0.0
        gains[i], losses[i], resets[i] = g, loss, hit
        if hit:
            g = loss = 0.0
        epochs[i] = gains[i] > losses[i] and gains[i] > h
    return OracleRun(gains, losses, epochs, resets, table)


def worst_drawdown(nav: list[float], side: str) -> float:
    """Return the largest drawdown (bear: runup) from a positive running extreme; NaN bars are passed over."""
    best, worst = nav[0], 0.0
    for x in nav:
        if x > best if side == "bull" else x < best:
            best = x
        if best > 0 and (x < best if side == "bull" else x > best):
            depth = 1 - (divide(x, best) if side == "bull" else divide(best, x))
            worst = max(worst, depth)
    return worst


def numpy_adverse(nav: np.ndarray, side: str) -> float:
    """Return max(1 - nav/cummax), or max(1 - cummin/nav), as the reference does."""
    with np.errstate(all="ignore"):
        if side == "bull":
            return float(np.max(1 - nav / np.maximum.accumulate(nav)))
        return float(np.max(1 - np.minimum.accumulate(nav) / nav))


def geomean(nav: list[float], side: str) -> float:
    """Return the geometric mean of the deepest drawdowns after each new extreme (section 3)."""
    values: list[float] = []
    best = low = nav[0]
    deepest, at_deepest = 0.0, math.nan
    for i, x in enumerate(nav):
        is_new = i > 0 and (x > best if side == "bull" else x < best)
        if is_new:
            values.append(at_deepest)
            best = low = x
            deepest, at_deepest = 0.0, math.nan
            continue
        low = min(low, x) if side == "bull" else max(low, x)
        depth = best - low if side == "bull" else 1 - best / low
        if i > 0 and depth > deepest:
            deepest, at_deepest = depth, depth / best if side == "bull" else depth
    values = [v for v in [*values, at_deepest] if v > 0]
    return float(np.exp(np.mean(np.log(values)))) if values else math.nan


def causal_hurdles(nav: list[float], side: str, window: int | None, floor: float) -> list[float]:
    """Return for each bar the largest drawdown of the bars before it (all, or the last `window`), at least floor."""
    hurdles = []
    for i in range(len(nav)):
        before = nav[max(0, i - window) if window is not None else 0 : i]
        hurdles.append(max(floor, worst_drawdown(before, side)) if before else floor)
    return hurdles


def population_cv(values: list[float]) -> float:
    """Return population standard deviation / mean, summed one after another; NaN when empty or of mean 0."""
    if not values:
        return math.nan
    total = 0.0
    for v in values:
        total += v
    mean = total / len(values)
    if mean == 0:
        return math.nan
    squares = 0.0
    for v in values:
        squares += (v - mean) * (v - mean)
    return math.sqrt(squares / len(values)) / mean


def interval_cv(bars: list[int]) -> float:
    """Return the CV of the differences of [0, e1, ..., ek]."""
    edges = [0, *bars]
    return population_cv([float(b - a) for a, b in itertools.pairwise(edges)])


def window_features(window: list[float]) -> dict[str, float]:
    """Return the rolling features of one window (section 5)."""
    w = [x / window[0] for x in window]
    out: dict[str, float] = {}
    for side in ("bull", "bear"):
        adverse = worst_drawdown(w, side)
        result = run(w, max(adverse, 2.0**-52), side)
        bars = [i for i, e in enumerate(result.epochs) if e]
        total = 0.0
        for g in result.gains:
            total += g
        cv = interval_cv(bars)
        out[f"{side}_ed"] = 1 / (1 + math.exp(-10 * (len(bars) / len(w) - 0.5)))
        out[f"{side}_eg"] = math.tanh(5 * abs(total))
        out[f"{side}_cv"] = 1 / (1 + math.exp(-4 * ((0.0 if math.isnan(cv) else cv) - 0.5)))
        out[f"{side}_epochs"] = float(len(bars))
        out[f"{side}_raw_cv"] = cv
        out["max_dd" if side == "bull" else "max_ru"] = min(max(adverse, 0.0), 1.0)
    return out
