"""`rolling_features`: the machine, run on the window of the last bars at every bar."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from ithtel.errors import InputError
from ithtel.ith import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ithtel.ith.nav import Nav

    Floats = NDArray[np.float64]

DEFAULT_LOOKBACKS = (20, 50, 100, 200, 500)
SUFFIXES = ("bull_ed", "bear_ed", "bull_eg", "bear_eg", "bull_cv", "bear_cv", "max_dd", "max_ru")
RAW_SUFFIXES = ("bull_epochs", "bear_epochs", "bull_raw_cv", "bear_raw_cv")
_PIECE = 4096  # windows per task: long enough to hide the hand-over, short enough that the last one waits for little


def rolling_features(
    nav: Nav,
    *,
    lookbacks: Sequence[int] = DEFAULT_LOOKBACKS,
    threshold: int | None = None,
    n_threads: int | None = None,
) -> dict[str, Floats]:
    """Return the rolling features of a series: one column per feature and lookback, each of shape (n,).

    The window of bar i is nav[i - lookback + 1 … i] divided by its first value. Its hurdle is its own maximum drawdown
    (bear: runup), at least 2**-52. The first lookback - 1 rows are NaN, and so are windows that do not begin with a
    positive finite value. The squashed columns are those of trading-fitness. `_epochs` and `_raw_cv` are given too,
    because densities of 0, 0.01 and 0.05 epochs per bar give 0.0067, 0.0074 and 0.0110.

    Args:
        nav: A series of n bars.
        lookbacks: Bars per window, each at least 2 and less than n.
        threshold: The size of the range bars that the NAV comes from, if it does; it becomes part of the column names.
        n_threads: The number of threads, by default that of the processors. The result does not depend on it.

    Raises:
        InputError: No lookback is given, one is given twice, or one is below 2 or not below n.

    >>> from ithtel.ith.nav import Nav
    >>> sorted(rolling_features(Nav.of([1.0, 1.1, 1.0, 1.2]), lookbacks=[3]))[:3]
    ['ith_lb3_bear_cv', 'ith_lb3_bear_ed', 'ith_lb3_bear_eg']
    """
    sizes = _check_lookbacks(lookbacks, len(nav))
    prefix = "ith_" if threshold is None else f"ith_rb{threshold}_"
    columns: dict[str, Floats] = {}
    with ThreadPoolExecutor(n_threads or os.cpu_count()) as pool:
        for lookback in sizes:
            raw = _run_windows(pool, nav.values, lookback)
            for suffix, column in _squash(raw, lookback).items():
                columns[f"{prefix}lb{lookback}_{suffix}"] = column
    return columns


def _run_windows(pool: ThreadPoolExecutor, nav: Floats, lookback: int) -> Floats:
    """Return the kernel's eight rows, computed in pieces: the kernel runs without the GIL, so threads suffice."""
    n = len(nav)
    raw = np.full((8, n), np.nan)
    starts = range(lookback - 1, n, _PIECE)
    tasks = [pool.submit(kernel.rolling_windows, nav, lookback, i, min(i + _PIECE, n), raw) for i in starts]
    for task in tasks:
        task.result()
    return raw


def _squash(raw: Floats, lookback: int) -> dict[str, Floats]:
    columns: dict[str, Floats] = {}
    for side, (epochs, gains, cv, adverse) in (("bull", raw[:4]), ("bear", raw[4:])):
        known = ~np.isnan(epochs)
        with np.errstate(over="ignore"):
            columns[f"{side}_ed"] = 1 / (1 + np.exp(-10 * (epochs / lookback - 0.5)))
            columns[f"{side}_eg"] = np.tanh(5 * np.abs(gains))
            columns[f"{side}_cv"] = np.where(known, 1 / (1 + np.exp(-4 * (np.nan_to_num(cv, nan=0.0) - 0.5))), np.nan)
        columns["max_dd" if side == "bull" else "max_ru"] = np.clip(adverse, 0.0, 1.0)
        columns[f"{side}_epochs"], columns[f"{side}_raw_cv"] = epochs.copy(), cv.copy()
    return {suffix: columns[suffix] for suffix in (*SUFFIXES, *RAW_SUFFIXES)}


def _check_lookbacks(lookbacks: Sequence[int], n: int) -> list[int]:
    sizes = [int(lookback) for lookback in lookbacks]
    if not sizes:
        raise InputError("no lookback is given; pass one or more numbers of bars, such as 20, 50, 100, 200, 500")
    if len(set(sizes)) < len(sizes):
        raise InputError(f"a lookback is given twice: {', '.join(map(str, sizes))}")
    for lookback in sizes:
        if lookback < 2:  # noqa: PLR2004 - a window of one bar has no return
            raise InputError(f"lookback is {lookback}; it must be at least 2 bars")
        if lookback >= n:
            raise InputError(f"lookback is {lookback}, but must be less than the {n} bars of the series")
    return sizes
