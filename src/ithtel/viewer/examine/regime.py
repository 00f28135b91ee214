"""`regimes` and `rescaled_range`: the NAV with its regimes, and how its range grows with the length of blocks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from ithtel.events import HurstResult, RegimeResult
from ithtel.plain_text import number
from ithtel.stats.regime import rolling_hurst
from ithtel.viewer.svg import Scale, curve, dot, drawing, line, rect, text, ticks

if TYPE_CHECKING:
    from ithtel.events.structure import HurstDetails, RegimeDetails
    from ithtel.stats.examine.findings import Findings
    from ithtel.stats.sample import Floats

_WIDTH, _LEFT, _RIGHT = 1010.0, 46.0, 1000.0
_MOST_POINTS = 900
_LABELS = {"trending": "bull-fill", "mean_reverting": "bear-fill"}


def regimes(found: Findings) -> Markup:
    """Draw the NAV over its regimes, and below it the Hurst exponent that classifies them."""
    nav, results = found.nav, found.of(RegimeResult)
    if nav is None or not results:
        return Markup()
    details, n = results[0].details, len(nav)
    across = Scale(low=0, high=max(n - 1, 1), start=_LEFT, end=_RIGHT)
    parts = [] if details is None else _bands(details, across)
    parts += _nav(nav, across)
    if details is not None:
        parts += _hurst(found, nav, details, across)
    height = 330.0 if details is not None else 200.0
    return drawing(_WIDTH, height, parts, label="The NAV, its regimes and its rolling Hurst exponent")


def rescaled_range(found: Findings) -> Markup:
    """Draw the rescaled range by block length, with that of independent increments."""
    results = found.of(HurstResult)
    if not results or results[0].details is None:
        return Markup()
    details = results[0].details
    values = [value for value in (*details.rescaled_range, *details.rescaled_range_expected) if value]
    across = Scale(low=details.scales[0], high=details.scales[-1], start=_LEFT, end=520, is_log=True)
    up = Scale(low=min(values) / 1.15, high=max(values) * 1.15, start=230, end=14, is_log=True)
    parts = [line(_LEFT, 230, 520, 230), text(_LEFT, 12, "R/S", "muted small")]
    parts += [text(across(n), 244, str(n), "muted small", "middle") for n in details.scales[::3]]
    for decade in range(7):
        if up.low < 10**decade < up.high:
            parts += [
                line(_LEFT, up(10**decade), 520, up(10**decade)),
                text(40, up(10**decade) + 3, f"{10**decade}", "muted small", "end"),
            ]
    parts += _ranges(details, across, up)
    parts.append(text(283, 258, "block length in bars", "muted small", "middle"))
    band = f"{number(details.band_low, 3)} to {number(details.band_high, 3)}"
    note = f"H {number(results[0].statistic, 3)}; random walks {band}"
    parts += [text(545, 60, note, "strong"), text(545, 80, "● this series", "bull"),
              text(545, 98, "– – independent increments (Anis and Lloyd)", "muted")]  # fmt: skip
    return drawing(_WIDTH, 264, parts, label="Rescaled range by block length")


def _ranges(details: HurstDetails, across: Scale, up: Scale) -> list[Markup]:
    xs = [across(n) for n in details.scales]
    own = [up(value) if value else math.nan for value in details.rescaled_range]
    expected = [up(value) if value else math.nan for value in details.rescaled_range_expected]
    dots = [
        dot(x, y, 3.4, "bull-fill", f"{n} bars: R/S {number(value, 4)}")
        for x, y, n, value in zip(xs, own, details.scales, details.rescaled_range, strict=True)
    ]
    return [curve(xs, expected, "dashed"), curve(xs, own, "own"), *dots]


def _bands(details: RegimeDetails, across: Scale) -> list[Markup]:
    parts = []
    for segment in details.segments:
        if segment.label in _LABELS:
            x, end = across(segment.first_bar - 0.5), across(segment.first_bar + segment.n_bars - 0.5)
            last = segment.first_bar + segment.n_bars - 1
            title = f"{segment.label.replace('_', '-')}: bars {segment.first_bar} to {last}"
            parts.append(rect(x, 14, max(end - x, 0.7), 166, _LABELS[segment.label], title, 0.22))
    warm = across(details.n_warmup)
    return [*parts, rect(_LEFT, 14, warm - _LEFT, 166, "muted-fill", "warm-up", 0.08),
            text(_LEFT + 4, 26, "warm-up", "muted small"),
            text(_RIGHT, 10, "■ mean-reverting", "bear", "end"),
            text(_RIGHT - 106, 10, "■ trending", "bull", "end")]  # fmt: skip


def _nav(nav: Floats, across: Scale) -> list[Markup]:
    low, high = float(nav.min()), float(nav.max())
    up = Scale(low=low, high=high, start=176, end=18, is_log=True)
    at = _thinned(len(nav))
    parts = [line(_LEFT, 180, _RIGHT, 180), text(_LEFT, 10, "NAV, logarithmic", "muted small")]
    marks = (low, math.sqrt(low * high), high) if high > low else (low,)
    parts += [text(_LEFT - 5, up(value) + 3, number(value, 4), "muted small", "end") for value in marks]
    parts += [text(across(bar), 193, f"{bar:.0f}", "muted small", "middle") for bar in ticks(0, len(nav) - 1, 8)]
    return [*parts, curve([across(i) for i in at], [up(float(nav[i])) for i in at], "price")]


def _hurst(found: Findings, nav: Floats, details: RegimeDetails, across: Scale) -> list[Markup]:
    exponents = rolling_hurst(nav, lookback=found.regime_lookback, given="nav")
    known = exponents[np.isfinite(exponents)]
    band = (min(0.45, details.band_low or 0.45), max(0.55, details.band_high or 0.55))
    low, high = min(band[0], float(known.min())) - 0.01, max(band[1], float(known.max())) + 0.01
    up = Scale(low=low, high=high, start=318, end=212)
    at = [i for i in _thinned(len(exponents)) if np.isfinite(exponents[i])]
    parts = [text(_LEFT, 207, f"Hurst exponent of the last {found.regime_lookback} increments", "muted small")]
    for value, kind in ((0.5, "axis"), (band[0], "dashed"), (band[1], "dashed")):
        parts += [line(_LEFT, up(value), _RIGHT, up(value), kind),
                  text(_LEFT - 5, up(value) + 3, number(value, 3), "muted small", "end")]  # fmt: skip
    return [*parts, curve([across(i) for i in at], [up(float(exponents[i])) for i in at], "own")]


def _thinned(n: int) -> list[int]:
    return [int(i) for i in np.unique(np.linspace(0, n - 1, min(n, _MOST_POINTS)).round())] if n else []
