"""All p-values of an examination, sorted, against the line of Benjamini and Hochberg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.plain_text import number
from ithtel.viewer.svg import Scale, curve, dot, drawing, line, text

if TYPE_CHECKING:
    from ithtel.stats.findings import Findings

FLOOR = 1e-6
_LEFT, _RIGHT, _BOTTOM = 56.0, 1000.0, 236.0


def p_values(found: Findings) -> str:
    """Draw the p-values in order of size; those below the level before adjustment only stand out."""
    tests = found.tests().dropna(subset=["p_value"]).sort_values(["p_value", "subject"], kind="stable")
    n, level = len(tests), found.alpha
    if not n:
        return ""
    across = Scale(low=0.5, high=n + 0.5, start=_LEFT, end=_RIGHT)
    up = Scale(low=FLOOR, high=1.0, start=_BOTTOM - 8, end=14, is_log=True)
    parts = [line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM)]
    for value, said in ((1.0, "1"), (0.1, "0.1"), (0.01, "0.01"), (1e-3, "0.001"), (1e-4, "1e-4"), (FLOOR, "≤ 1e-6")):
        parts += [line(_LEFT, up(value), _RIGHT, up(value)), text(_LEFT - 6, up(value) + 3, said, "muted small", "end")]
    ranks = [0.5 + n * i / 200 for i in range(1, 201)]
    parts += [curve([across(rank) for rank in ranks], [up(level * rank / n) for rank in ranks], "ink"),
              line(_LEFT, up(level), _RIGHT, up(level), "dashed"),
              line(_LEFT, up(level / n), _RIGHT, up(level / n), "dotted"),
              text(_LEFT + 6, up(level) - 4, f"level {number(level)}", "muted small"),
              text(_RIGHT - 4, up(level / n) + 12, "Bonferroni", "muted small", "end"),
              text(across(n * 0.72), up(level * 0.72) + 14, "Benjamini-Hochberg", "small")]  # fmt: skip
    names = (tests["test_name"] + " of " + tests["subject"]).tolist()
    numbers = zip(names, tests["p_value"].tolist(), tests["benjamini_hochberg"].tolist(), strict=True)
    for rank, (name, p, adjusted) in enumerate(numbers, 1):
        kind = "bull-fill" if adjusted < level else "bear-fill" if p < level else "hollow"
        title = f"{name}: p {number(p, 3)}, Benjamini-Hochberg {number(adjusted, 3)}"
        parts.append(dot(across(rank), up(max(p, FLOOR)), 3, kind, title))
    parts.append(text((_LEFT + _RIGHT) / 2, _BOTTOM + 14, "p-values in order of size", "muted small", "middle"))
    return drawing(1010, _BOTTOM + 20, parts, label="Sorted p-values against the line of Benjamini and Hochberg")
