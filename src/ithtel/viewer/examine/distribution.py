"""`histograms`: the distribution of each column, with the Beta distribution that was fitted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ithtel.events import BetaFitResult, ShapiroWilkResult
from ithtel.plain_text import number
from ithtel.viewer.svg import Scale, curve, drawing, line, rect, text

if TYPE_CHECKING:
    from markupsafe import Markup

    from ithtel.stats.examine.findings import Column, Findings
    from ithtel.stats.sample import Floats

BINS = 30
_WIDTH, _LEFT, _TOP, _ROW, _GAP = 1010.0, 84.0, 18.0, 92.0, 12.0
_MOST_COLUMNS = 6


def histograms(found: Findings) -> Markup:
    """Draw one histogram per column: one row per feature, its lookbacks side by side."""
    rows = grid(found)
    n_across = max(len(row) for _, row in rows)
    width = (_WIDTH - _LEFT) / n_across - _GAP
    parts: list[Markup] = []
    for j, column in enumerate(rows[0][1]):
        if column is not None and column.lookback is not None:
            parts.append(text(_x(j, width), 11, f"lookback {column.lookback}", "muted"))
    for i, (feature, row) in enumerate(rows):
        top = _TOP + i * _ROW
        parts.append(text(0, top + 40, feature, "strong"))
        for j, column in enumerate(row):
            if column is not None:
                parts += _histogram(found, column, _x(j, width), top, width)
    height = _TOP + len(rows) * _ROW
    return drawing(_WIDTH, height, parts, label="Histograms of the columns with fitted Beta distributions")


def grid(found: Findings) -> list[tuple[str, list[Column | None]]]:
    """Return the columns in rows: one row per feature if all are rolling features, else a few per row."""
    lookbacks = sorted({column.lookback for column in found.columns if column.lookback is not None})
    if not lookbacks or any(column.lookback is None for column in found.columns):
        columns = list(found.columns)
        chunks = [columns[i : i + _MOST_COLUMNS] for i in range(0, len(columns), _MOST_COLUMNS)]
        return [("", [*chunk, *[None] * (min(len(columns), _MOST_COLUMNS) - len(chunk))]) for chunk in chunks]
    at = {(column.feature, column.lookback): column for column in found.columns}
    features = dict.fromkeys(column.feature for column in found.columns)
    return [(feature, [at.get((feature, lookback)) for lookback in lookbacks]) for feature in features]


def _x(j: int, width: float) -> float:
    return _LEFT + j * (width + _GAP)


def _histogram(found: Findings, column: Column, x: float, top: float, width: float) -> list[Markup]:
    values = np.asarray(found.features[column.name], dtype=float)
    values = values[np.isfinite(values)]
    bottom = top + _ROW - 34
    parts = [line(x, bottom, x + width, bottom)]
    if not len(values):
        return [*parts, text(x, bottom - 6, "no values", "muted")]
    beta, shapiro = found.about(BetaFitResult, column.name), found.about(ShapiroWilkResult, column.name)
    low, high = float(values.min()), float(values.max())
    density, edges = np.histogram(values, bins=BINS, range=(low, high) if high > low else None, density=True)
    # the tallest bar may hold nearly everything: the root keeps the others visible
    across = Scale(low=edges[0], high=edges[-1], start=x, end=x + width)
    up = Scale(low=0, high=math.sqrt(float(density.max()) * 1.05), start=bottom, end=top + 2)
    for value, left, right in zip(density, edges, edges[1:], strict=False):
        if value > 0:
            y = up(math.sqrt(value))
            parts.append(rect(across(left), y, across(right) - across(left) - 0.6, bottom - y, "bar"))
    if beta is not None and beta.details is not None and beta.details.a and beta.details.b:
        xs = np.linspace(max(edges[0], 1e-4), min(edges[-1], 1 - 1e-4), 90)
        ys = _beta_density(xs, beta.details.a, beta.details.b)
        parts.append(curve([across(v) for v in xs], [up(math.sqrt(v)) for v in ys], "fit"))
    parts += [text(x, bottom + 11, number(edges[0], 3), "muted small"),
              text(x + width, bottom + 11, number(edges[-1], 3), "muted small", "end")]  # fmt: skip
    return [*parts, text(x + width / 2, bottom + 11, _verdict(shapiro, beta), "small", "middle"),
            *([text(x + 2, top + 10, column.name, "small")] if column.lookback is None else [])]  # fmt: skip


def _beta_density(x: Floats, a: float, b: float) -> Floats:
    constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return np.asarray(np.exp(constant + (a - 1) * np.log(x) + (b - 1) * np.log1p(-x)))


def _verdict(shapiro: ShapiroWilkResult | None, beta: BetaFitResult | None) -> str:
    words = [] if shapiro is None or shapiro.statistic is None else [f"W {number(shapiro.statistic, 3)}"]
    if beta is not None and beta.p_value is not None:
        words.append(f"Beta p {number(beta.p_value, 2)}")
    return ", ".join(words)
