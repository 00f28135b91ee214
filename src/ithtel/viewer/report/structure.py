"""Across columns and over time: components, inflation, autocorrelation, correlation, differences between regimes."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from ithtel.events import (
    AcfResult,
    CliffsDeltaResult,
    CorrelationResult,
    MannWhitneyResult,
    PcaResult,
    VifResult,
)
from ithtel.plain_text import number
from ithtel.stats.findings import ALL
from ithtel.viewer.svg import Scale, curve, dot, drawing, line, rect, text

if TYPE_CHECKING:
    from ithtel.stats.findings import Findings

_WIDTH, _NAMES = 1010.0, 190.0
_LINE = 15.0
_HIGH_VIF = 10.0


def components(found: Findings) -> str:
    """Draw how much of the variance the first components carry."""
    results = found.of(PcaResult)
    if not results or results[0].details is None:
        return ""
    values = np.array([value or 0.0 for value in results[0].details.eigenvalues])
    carried, n = np.cumsum(values) / values.sum(), len(values)
    across = Scale(low=1, high=max(n, 2), start=50, end=660)
    up = Scale(low=0, high=1, start=190, end=14)
    width = min(14.0, 560 / n)
    parts = [rect(across(i + 1) - width / 2, up(v), width, 190 - up(v), "bar", f"component {i + 1}: {v:.1%}")
             for i, v in enumerate(values / values.sum())]  # fmt: skip
    for share in (0.0, 0.5, 0.95):
        y = up(share)
        parts += [line(50, up(share), 660, up(share)), text(44, y + 2, f"{share:.0%}", "muted small", "end")]
    parts.append(curve([across(i + 1) for i in range(n)], [up(v) for v in carried], "own"))
    parts += [
        dot(across(i + 1), up(v), 2.4, "bull-fill", f"{i + 1} components: {v:.1%}") for i, v in enumerate(carried)
    ]
    parts.append(text(355, 206, "components, of the standardised columns", "muted small", "middle"))
    said = results[0].details
    needed = ((90, said.n_components_90), (95, said.n_components_95), (99, said.n_components_99))
    parts += [
        text(690, 40 + 20 * i, f"{q} % of the variance: {k} of {n} components") for i, (q, k) in enumerate(needed)
    ]
    parts.append(text(690, 106, f"participation ratio {number(said.participation_ratio, 4)}"))
    return drawing(_WIDTH, 212, parts, label="Variance carried by principal components")


def inflation(found: Findings) -> str:
    """Draw the variance inflation of each column."""
    results = found.of(VifResult)
    if not results or results[0].details is None:
        return ""
    factors = {name: value for name, value in results[0].details.vif.items() if value is not None}
    top = max(12.0, *factors.values()) * 1.1
    across = Scale(low=1, high=top, start=_NAMES, end=960, is_log=True)
    parts = []
    for i, (name, value) in enumerate(factors.items()):
        y = 14 + i * _LINE
        kind = "bear-fill" if value > _HIGH_VIF else "bull-fill"
        parts += [text(_NAMES - 8, y + 8, name, "small", "end"),
                  rect(_NAMES, y, max(across(value) - _NAMES, 1), 10, kind, "", 0.75),
                  text(across(value) + 5, y + 8.5, number(value, 3), "muted small")]  # fmt: skip
    height = 14 + len(factors) * _LINE
    parts += [line(across(_HIGH_VIF), 8, across(_HIGH_VIF), height, "dashed"),
              text(across(_HIGH_VIF) + 4, 8, "10: high", "muted small")]  # fmt: skip
    return drawing(_WIDTH, height + 4, parts, label="Variance inflation factors")


def differences(found: Findings) -> str:
    """Draw Cliff's delta of each column between trending and mean-reverting bars."""
    results = [(column, found.about(CliffsDeltaResult, column.name)) for column in found.columns]
    known = [(column.name, one) for column, one in results if one is not None and one.effect_size is not None]
    if not known:
        reasons = {test.reason for test in found.of(MannWhitneyResult) if test.reason}
        return f"<p>Not tested: {html.escape('; '.join(sorted(reasons)))}.</p>" if reasons else ""
    across = Scale(low=-1, high=1, start=_NAMES, end=940)
    height = 24 + len(known) * _LINE
    parts = [rect(across(-0.05), 14, across(0.05) - across(-0.05), height - 14, "muted-fill", "negligible", 0.12)]
    for value in (-1.0, -0.5, 0.0, 0.5, 1.0):
        kind = "zero" if value == 0 else "axis"
        parts += [
            line(across(value), 14, across(value), height, kind),
            text(across(value), 10, f"{value:g}", "muted small", "middle"),
        ]
    for i, (name, one) in enumerate(known):
        y, delta = 28 + i * _LINE, float(one.effect_size or 0.0)
        test = found.about(MannWhitneyResult, name)
        p = None if test is None or test.details is None else test.details.p_value_effective
        kind = "bull-fill" if p is not None and p < found.alpha else "hollow"
        parts += [text(_NAMES - 8, y + 3, name, "small", "end"), line(across(0), y, across(delta), y, "zero"),
                  dot(across(delta), y, 4, kind, f"delta {number(delta, 3)}, effective p {number(p, 3)}"),
                  text(1004, y + 3, f"p {number(p, 2)}", "muted small", "end")]  # fmt: skip
    return drawing(_WIDTH, height + 6, parts, label="Cliff's delta between regimes")


def autocorrelation(found: Findings) -> str:
    """Draw the autocorrelation of each column at some lags, and where it has halved."""
    tests = [(one.subject.removeprefix(found.name + " "), one.details) for one in found.of(AcfResult)]
    known = [(name, details) for name, details in tests if details is not None]
    if not known:
        return ""
    lags = max((details.lags for _, details in known), key=len)
    cell, parts = 74.0, []
    for j, lag in enumerate(lags):
        parts.append(text(_NAMES + j * cell + cell / 2, 11, f"lag {lag}", "muted small", "middle"))
    end = _NAMES + len(lags) * cell
    parts.append(text(end + 20, 11, "half-life in bars", "muted small"))
    for i, (name, details) in enumerate(known):
        y = 18 + i * _LINE
        parts.append(text(_NAMES - 8, y + 10, name, "small", "end"))
        for j, value in enumerate(details.acf):
            if value is not None:
                parts += cell_of(_NAMES + j * cell, y, cell, _LINE, value)
        parts.append(text(end + 20, y + 10, number(details.half_life, 4), "small"))
    return drawing(_WIDTH, 22 + len(known) * _LINE, parts, label="Autocorrelation by lag")


def correlations(found: Findings) -> str:
    """Draw the rank correlation of all columns."""
    result = found.about(CorrelationResult, ALL)
    if result is None or result.details is None:
        return ""
    names, n = result.details.columns, len(result.details.columns)
    side = min(26.0, (_WIDTH - _NAMES) / n)
    parts = []
    for i, (name, row) in enumerate(zip(names, result.details.rho, strict=True)):
        parts.append(text(_NAMES - 8, i * side + side * 0.7, name, "small", "end"))
        for j, value in enumerate(row[: i + 1]):
            if value is not None:
                title = f"{name}, {names[j]}: {value:.2f}"
                parts.append(_square(_NAMES + j * side, i * side, side, side, value, title))
    x = _NAMES + 0.62 * n * side
    pairs = f"{len(result.details.redundant_pairs)} pairs beyond {number(result.details.threshold)}"
    parts += [text(x, 30, "■ rho = 1", "bull"), text(x, 48, "■ rho = −1", "bear"), text(x, 66, pairs, "muted")]
    return drawing(_WIDTH, n * side + 4, parts, label="Rank correlation of all columns")


def scales(found: Findings) -> str:
    """Draw, for each feature, the rank correlation between its lookbacks."""
    known = [one for one in found.of(CorrelationResult) if one.details and one.subject.endswith(" across lookbacks")]
    if not known:
        return ""
    across, parts = 4, []
    size, height = _WIDTH / across, 0.0
    for k, one in enumerate(known):
        assert one.details is not None  # noqa: S101 - for the type checker: known ones have details
        rho, lookbacks = one.details.rho, [name.split("lb")[1].split("_")[0] for name in one.details.columns]
        cell = min(34.0, (size - 50) / len(rho))
        x, y = (k % across) * size + 34, (k // across) * (cell * len(rho) + 52) + 34
        parts.append(
            text(x, y - 18, one.subject.removeprefix(found.name + " ").removesuffix(" across lookbacks"), "strong")
        )
        for i, row in enumerate(rho):
            parts += [text(x - 4, y + i * cell + cell * 0.62, lookbacks[i], "muted small", "end"),
                      text(x + (i + 0.5) * cell, y - 4, lookbacks[i], "muted small", "middle")]  # fmt: skip
            for j, value in enumerate(row):
                if value is not None:
                    parts += cell_of(x + j * cell, y + i * cell, cell, cell, value)
        height = y + cell * len(rho) + 10
    return drawing(_WIDTH, height, parts, label="Rank correlation between lookbacks")


def cell_of(x: float, y: float, width: float, height: float, value: float) -> list[str]:
    """Return a cell of a heat map: its colour says sign and size, its text the number."""
    said = f"{value:.2f}".replace("0.", ".").replace("-", "−").replace("−.00", ".00")
    return [_square(x, y, width, height, value, ""), text(x + width / 2, y + height / 2 + 3.5, said, "small", "middle")]


def _square(  # noqa: PLR0917 - as rect
    x: float, y: float, width: float, height: float, value: float, title: str
) -> str:
    kind = "bull-fill" if value >= 0 else "bear-fill"
    return rect(x, y, width - 1, height - 1, kind, title, round(min(abs(value), 1.0) * 0.72 + 0.02, 2))
