"""`levels_of`: the two levels of each episode, its base and the target that the NAV has to pass for an epoch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ithtel.reading.timeline.values import AlgorithmRun, SeriesPanel


_MOST = 1e300
"""matplotlib takes differences of values; beyond this they overflow."""


class Levels(NamedTuple):
    """Steps from each of `bars` to the next; `base` is R, `target` is what the NAV has to pass for an epoch."""

    bars: NDArray[np.float64]
    base: NDArray[np.float64]
    target: NDArray[np.float64]


class _Episode(NamedTuple):
    start: int
    end: int
    base: float
    hurdle: float


def levels_of(panel: SeriesPanel, run: AlgorithmRun) -> Levels:
    """Return R of each episode, and R · (1 + max(hurdle, loss so far)), for a bear R divided by that factor.

    An epoch needs a gain above the hurdle and above the loss of its episode (docs/ith-specification.md), so the target
    moves away with the episode's worst value. That value comes from the sketch and is exact to one bucket only.
    """
    is_bear = run.side == "bear"
    worst_of = numbers(panel.max if is_bear else panel.min)
    parts: list[NDArray[np.float64]] = []
    with np.errstate(all="ignore"):
        for episode in _episodes(panel, run):
            starts, worst = _worst(episode, panel.bars_per_bucket, worst_of, is_bear)
            loss = 1 - (episode.base / worst if is_bear else worst / episode.base)
            rate = 1 + np.where(np.isfinite(loss), np.fmax(loss, episode.hurdle), episode.hurdle)
            base = np.full(len(starts), episode.base)
            parts.append(np.asarray([starts, base, base / rate if is_bear else base * rate]))
    bars, base, target = np.concatenate(parts, axis=1)
    bars = np.append(bars, max(panel.n_bars - 1, 0))
    base, target = (np.clip(np.append(values, values[-1]), -_MOST, _MOST) for values in (base, target))
    return Levels(bars, base, target)


def _episodes(panel: SeriesPanel, run: AlgorithmRun) -> list[_Episode]:
    """Return the episodes between epochs, the open one last: an epoch's NAV is the base of the next episode."""
    epochs = run.epochs
    first = next((value for value in (*panel.first, *panel.last) if value is not None), math.nan)
    base = [_nan(epoch.endorsing_crest) for epoch in epochs] + [_nan(epochs[-1].nav) if epochs else first]
    hurdles = [_nan(epoch.hurdle) for epoch in epochs]
    known = (run.metrics.get("hurdle"), run.hurdle, hurdles[-1] if hurdles else None)
    hurdles.append(next((float(value) for value in known if isinstance(value, int | float)), math.nan))
    bounds = [0, *(epoch.bar_index for epoch in epochs), panel.n_bars]
    return [_Episode(bounds[i], bounds[i + 1], base[i], hurdles[i]) for i in range(len(base))]


def _worst(
    episode: _Episode, size: int, extremes: NDArray[np.float64], is_bear: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the bars at which the episode's worst value changes, and that value, R at the start."""
    first, last = -(-(episode.start + 1) // size), -(-episode.end // size)
    inside = extremes[first:last]
    values = np.concatenate([np.asarray([episode.base], dtype=float), inside])
    worst = np.fmax.accumulate(values) if is_bear else np.fmin.accumulate(values)
    bars = np.concatenate([[episode.start], np.arange(first, first + len(inside)) * size]).astype(float)
    changed = np.concatenate([[True], worst[1:] != worst[:-1]])
    return bars[changed], worst[changed]


def numbers(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Return `values` as an array that can be drawn: NaN for None, within ±1e300."""
    array = np.asarray([_nan(value) for value in values], dtype=np.float64)
    return array.clip(-_MOST, _MOST)


def _nan(value: float | None) -> float:
    return math.nan if value is None else value
