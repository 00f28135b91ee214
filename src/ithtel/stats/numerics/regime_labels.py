"""`increments_of`, `classify`, `label_bars`: from levels to increments, from Hurst exponents to labels of bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from ithtel.errors import InputError
from ithtel.events import RegimeSegment
from ithtel.events.structure import RegimeDetails
from ithtel.stats.numerics.rescaled_range import ESTIMATOR, rolling_exponents
from ithtel.stats.sample import ROUNDING, finite, unbounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ithtel.stats.numerics.band import Band
    from ithtel.stats.sample import Floats, Sample

Given = Literal["nav", "levels", "increments"]
Label = Literal["warmup", "trending", "mean_reverting", "random", "undefined"]

TRENDING, MEAN_REVERTING = 0.55, 0.45


def check_lookback(lookback: int) -> None:
    """Raise unless `lookback` is a number of bars.

    Raises:
        InputError: It is not an integer, or below 1.
    """
    if isinstance(lookback, bool) or not isinstance(lookback, int | np.integer) or lookback < 1:
        raise InputError(f"lookback must be a positive number of bars, got {lookback!r}")


def increments_of(sample: Sample, given: Given) -> Floats | str:
    """Return the increments, or the reason why they cannot be used."""
    levels = sample.values
    if reason := unbounded(levels):
        return reason
    if given == "nav":
        if n_bad := int((levels <= 0).sum()):
            return f"{n_bad} values of the NAV are not positive"
        levels = np.log(levels)
    increments = levels if given == "increments" else np.diff(levels)
    if len(increments) and np.ptp(increments) <= ROUNDING * np.abs(levels).max():
        return f"all {len(increments)} increments are equal"
    return increments


def align(sample: Sample, increments: Floats, lookback: int) -> Floats:
    """Return the exponent of the `lookback` increments up to each bar as given, NaN where there is none."""
    exponents = np.full(len(sample.given), np.nan)
    bars = np.flatnonzero(~np.isnan(sample.given))
    windows = rolling_exponents(increments, lookback)
    exponents[bars[lookback:]] = windows[-(len(bars) - lookback) :]
    return exponents


def classify(exponents: Floats, limits: Band) -> NDArray[np.str_]:
    """Return the label of each exponent: it must lie beyond .55 or .45 and outside the band, else it is `random`."""
    high, low = max(TRENDING, limits.high), min(MEAN_REVERTING, limits.low)
    labels = np.full(len(exponents), "random", dtype="<U14")
    labels[exponents > high] = "trending"
    labels[exponents < low] = "mean_reverting"
    return labels


def label_bars(sample: Sample, exponents: Floats, lookback: int, limits: Band) -> NDArray[np.str_]:
    """Return the label of each bar as given; the first `lookback` bars with a number are `warmup`."""
    labels = classify(exponents, limits)
    labels[np.isnan(exponents)] = "undefined"
    bars = np.flatnonzero(~np.isnan(sample.given))
    labels[: bars[lookback]] = "warmup"
    return labels


def regime_details(
    labels: NDArray[np.str_], exponents: Floats, *, limits: Band, lookback: int, given: Given, n_gaps: int
) -> RegimeDetails:
    """Return the details of a regime event."""
    known = exponents[~np.isnan(exponents)]
    return RegimeDetails(
        estimator=ESTIMATOR,
        given=given,
        lookback=int(lookback),
        n_warmup=int((labels == "warmup").sum()),
        n_trending=int((labels == "trending").sum()),
        n_mean_reverting=int((labels == "mean_reverting").sum()),
        n_random=int((labels == "random").sum()),
        n_undefined=int((labels == "undefined").sum()),
        hurst_min=finite(known.min()),
        hurst_median=finite(np.median(known)),
        hurst_max=finite(known.max()),
        band_low=limits.low,
        band_high=limits.high,
        band_source=limits.source,
        n_gaps=n_gaps,
        segments=_segments(labels),
    )


def _segments(labels: NDArray[np.str_]) -> list[RegimeSegment]:
    starts = np.flatnonzero(np.concatenate([[True], labels[1:] != labels[:-1]]))
    lengths = np.diff(np.append(starts, len(labels)))
    return [
        RegimeSegment(first_bar=int(start), n_bars=int(n), label=_label(labels[start]))
        for start, n in zip(starts, lengths, strict=True)
    ]


def _label(text: str) -> Label:
    by_name: dict[str, Label] = {name: name for name in get_args(Label)}
    return by_name[str(text)]
