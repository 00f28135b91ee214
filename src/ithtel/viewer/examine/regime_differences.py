"""`differences`: how each column differs between trending and mean-reverting bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from ithtel.events import CliffsDeltaResult, MannWhitneyResult
from ithtel.plain_text import number
from ithtel.viewer.html import element
from ithtel.viewer.svg import Scale, dot, drawing, line, rect, text

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings

_WIDTH, _NAMES, _LINE = 1010.0, 190.0, 15.0


def differences(found: Findings) -> Markup:
    """Draw Cliff's delta of each column between trending and mean-reverting bars."""
    results = [(column, found.about(CliffsDeltaResult, column.name)) for column in found.columns]
    known = [(column.name, one) for column, one in results if one is not None and one.effect_size is not None]
    if not known:
        reasons = {test.reason for test in found.of(MannWhitneyResult) if test.reason}
        return element("p", f"Not tested: {'; '.join(sorted(reasons))}.") if reasons else Markup()
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
