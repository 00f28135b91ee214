"""`components` and `inflation`: principal components and variance inflation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from ithtel.events import PcaResult, VifResult
from ithtel.plain_text import number
from ithtel.viewer.svg import Scale, curve, dot, drawing, line, rect, text

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings

_WIDTH, _NAMES, _LINE = 1010.0, 190.0, 15.0
_HIGH_VIF = 10.0


def components(found: Findings) -> Markup:
    """Draw how much of the variance the first components carry."""
    results = found.of(PcaResult)
    if not results or results[0].details is None:
        return Markup()
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
    details = results[0].details
    needed = ((90, details.n_components_90), (95, details.n_components_95), (99, details.n_components_99))
    parts += [
        text(690, 40 + 20 * i, f"{q} % of the variance: {k} of {n} components") for i, (q, k) in enumerate(needed)
    ]
    parts.append(text(690, 106, f"participation ratio {number(details.participation_ratio, 4)}"))
    return drawing(_WIDTH, 212, parts, label="Variance carried by principal components")


def inflation(found: Findings) -> Markup:
    """Draw the variance inflation of each column."""
    results = found.of(VifResult)
    if not results or results[0].details is None:
        return Markup()
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
