"""`VerdictView`, `fragment`, `page`: the difference of two sessions as HTML.

It shows the first departure with its evidence, what follows from it, and every cell that differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.plain_text import count
from ithtel.reading.diff.verdict import headline
from ithtel.viewer.html import element, items, joined, table
from ithtel.viewer.theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from ithtel.reading.diff.verdict import CellDifference, Difference, Root

MAX_CELLS = 200
_COLOURS = THEMES["auto"]
_CELL = "padding:2px 8px;text-align:left;vertical-align:top"


class VerdictView:
    """A Difference as a notebook shows it: HTML where it can, its text where it cannot.

    >>> from ithtel.reading.diff.verdict import Difference
    >>> VerdictView(Difference(a="one", b="other"))
    identical: no cells
    """

    def __init__(self, difference: Difference) -> None:
        self.difference = difference

    def __repr__(self) -> str:
        return self.difference.text()

    def _repr_html_(self) -> str:
        return fragment(self.difference)


def fragment(difference: Difference) -> str:
    """Return a Difference as a piece of HTML without scripts, the same for the same two sessions."""
    return str(joined(_parts(difference), "\n"))


def page(difference: Difference) -> str:
    """Return a Difference as a whole page that needs no other file."""
    from ithtel.viewer.pages import render

    title = f"{difference.a} and {difference.b}"
    return render("diff", title=title, body=joined(_parts(difference), "\n"))


def _parts(difference: Difference) -> Iterator[Markup]:
    verdict = difference.verdict
    colour = _COLOURS.bull if difference.is_identical else _COLOURS.failed
    style = f"border-left:4px solid {colour};padding-left:8px"
    yield element("p", element("b", headline(difference)), style=style)
    for n, root in enumerate(verdict.roots):
        if n == 1:
            yield element("p", "Independent of it:")
        yield from _root(root)
    if difference.cells:
        yield from _cells(difference.cells)
    notes = [*(each.text() for each in verdict.not_compared), *verdict.notes]
    if notes:
        yield items(notes)


def _root(root: Root) -> Iterator[Markup]:
    yield element("p", element("code", f"{root.label} {root.title}"))
    yield element("p", element("b", root.cause), f": {', '.join(root.names)}")
    yield items(root.evidence)
    if root.follows:
        yield element("p", f"What follows from it: {', '.join(dict.fromkeys(root.follows))}")


def _cells(cells: list[CellDifference]) -> Iterator[Markup]:
    n = sum(len(cell.departures) for cell in cells)
    rows = [
        (cell.label, departure.kind, departure.name, departure.detail)
        for cell in cells[:MAX_CELLS]
        for departure in cell.departures
    ]
    summary = element("summary", f"All differences ({n})")
    yield element("details", summary, "\n", table(("cell", "what", "name", "difference"), rows, cell_style=_CELL))
    if len(cells) > MAX_CELLS:
        yield element("p", f"and {count(len(cells) - MAX_CELLS, 'more cell')}")
