"""A Difference as plain text: the verdict, the first departure with its evidence, what follows, what stands apart."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ithtel.events import short
from ithtel.reading.departure import INPUTS
from ithtel.reading.plain import count

if TYPE_CHECKING:
    from ithtel.reading.departure import CellDifference, Difference, Root

MAX_SHOWN = 6
MAX_FOLDED = 3
"""In lines; what is longer is cut."""


def verdict_text(difference: Difference, width: int) -> str:
    """Return the whole text, its lines folded to `width`."""
    lines = [headline(difference)]
    verdict = difference.verdict
    cells = {cell.label: cell for cell in difference.cells}
    for n, root in enumerate(verdict.roots):
        if n == 1:
            lines.append("independent of it:")
        lines += [f"  {line}" for line in _root(root, cells.get(root.label))]
    lines += [f"note: {note}" for note in verdict.notes]
    return "\n".join(_kept_indents(lines, width))


def headline(difference: Difference) -> str:
    """Return the verdict in one line."""
    verdict = difference.verdict
    if verdict.first is None:
        return f"identical: {count(verdict.n_cells, 'cell') if verdict.n_cells else 'no cells'}"
    same = f"{verdict.n_same} of {count(verdict.n_cells, 'cell')} the same"
    return f"departs at cell {verdict.first.label}: {verdict.first.cause} ({same})"


def _root(root: Root, cell: CellDifference | None) -> list[str]:
    lines = [f"{root.label} {root.title}".rstrip(), f"    {root.cause}: {', '.join(root.names[:MAX_SHOWN])}"]
    lines += [f"    - {said}" for said in _few(root.evidence)]
    said = {evidence.rpartition(": ")[2] for evidence in root.evidence}
    details = [
        f"{each.kind} {each.name}: {each.detail}"
        for each in (cell.departures if cell else ())
        if each.detail not in said and each.kind not in INPUTS
    ]
    if details:
        lines += [f"    differs: {details[0]}", *(f"             {each}" for each in _few(details)[1:])]
    if root.follows:
        lines.append(f"    what follows from it: {', '.join(_few(list(dict.fromkeys(root.follows)), 20))}")
    return lines


def _few(said: list[str], n: int = MAX_SHOWN) -> list[str]:
    return said if len(said) <= n else [*said[:n], f"and {len(said) - n} more"]


def _kept_indents(lines: list[str], width: int) -> list[str]:
    """Return lines folded to `width`, each with its indent: a number that is cut off is what one looks for."""
    folded = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        folded += textwrap.wrap(
            short(line, MAX_FOLDED * width), width, initial_indent=indent, subsequent_indent=f"{indent}  ",
            break_on_hyphens=False,
        )  # fmt: skip
    return folded
