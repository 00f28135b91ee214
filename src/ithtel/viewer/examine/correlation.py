"""`correlations` and `scales`: the rank correlation of all columns, and of each feature between its lookbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from ithtel.events import CorrelationResult
from ithtel.plain_text import number
from ithtel.stats.examine.findings import ALL
from ithtel.viewer.examine.heat_map import labelled_square, square
from ithtel.viewer.svg import drawing, text

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings

_WIDTH, _NAMES = 1010.0, 190.0


def correlations(found: Findings) -> Markup:
    """Draw the rank correlation of all columns."""
    result = found.about(CorrelationResult, ALL)
    if result is None or result.details is None:
        return Markup()
    names, n = result.details.columns, len(result.details.columns)
    side = min(26.0, (_WIDTH - _NAMES) / n)
    parts = []
    for i, (name, row) in enumerate(zip(names, result.details.rho, strict=True)):
        parts.append(text(_NAMES - 8, i * side + side * 0.7, name, "small", "end"))
        for j, value in enumerate(row[: i + 1]):
            if value is not None:
                title = f"{name}, {names[j]}: {value:.2f}"
                parts.append(square(_NAMES + j * side, i * side, side, side, value, title))
    x = _NAMES + 0.62 * n * side
    pairs = f"{len(result.details.redundant_pairs)} pairs beyond {number(result.details.threshold)}"
    parts += [text(x, 30, "■ rho = 1", "bull"), text(x, 48, "■ rho = −1", "bear"), text(x, 66, pairs, "muted")]
    return drawing(_WIDTH, n * side + 4, parts, label="Rank correlation of all columns")


def scales(found: Findings) -> Markup:
    """Draw, for each feature, the rank correlation between its lookbacks."""
    known = [one for one in found.of(CorrelationResult) if one.details and one.subject.endswith(" across lookbacks")]
    if not known:
        return Markup()
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
                    parts += labelled_square(x + j * cell, y + i * cell, cell, cell, value)
        height = y + cell * len(rho) + 10
    return drawing(_WIDTH, height, parts, label="Rank correlation between lookbacks")
