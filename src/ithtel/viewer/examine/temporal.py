"""`autocorrelation`: the autocorrelation of each column by lag, and its half-life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from ithtel.events import AcfResult
from ithtel.plain_text import number
from ithtel.viewer.examine.heat_map import labelled_square
from ithtel.viewer.svg import drawing, text

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings

_WIDTH, _NAMES, _LINE = 1010.0, 190.0, 15.0


def autocorrelation(found: Findings) -> Markup:
    """Draw the autocorrelation of each column at some lags, and where it has halved."""
    tests = [(one.subject.removeprefix(found.name + " "), one.details) for one in found.of(AcfResult)]
    known = [(name, details) for name, details in tests if details is not None]
    if not known:
        return Markup()
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
                parts += labelled_square(_NAMES + j * cell, y, cell, _LINE, value)
        parts.append(text(end + 20, y + 10, number(details.half_life, 4), "small"))
    return drawing(_WIDTH, 22 + len(known) * _LINE, parts, label="Autocorrelation by lag")
