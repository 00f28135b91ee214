"""A verdict as HTML: the first departure with its evidence, what follows from it, every cell that differs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ithtel.reading.diff.verdict import headline
from ithtel.viewer.theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    verdict = difference.verdict
    colour = _COLOURS.bull if difference.is_identical else _COLOURS.failed
    parts = [f'<p style="border-left:4px solid {colour};padding-left:8px"><b>{escape(headline(difference))}</b></p>']
    for n, root in enumerate(verdict.roots):
        parts += [*(["<p>Independent of it:</p>"] if n == 1 else []), *_root(root)]
    if difference.cells:
        parts += _table(difference.cells)
    if verdict.notes:
        parts.append("<ul>" + "".join(f"<li>{escape(note)}</li>" for note in verdict.notes) + "</ul>")
    return "\n".join(parts)


def page(difference: Difference) -> str:
    """Return a Difference as a whole page that needs nothing else."""
    title = escape(f"{difference.a} and {difference.b}")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="color-scheme" content="light dark">\n'
        "<style>body{font-family:system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}</style></head>\n"
        f"<body>\n<h1>{title}</h1>\n{fragment(difference)}\n</body>\n</html>\n"
    )


def _root(root: Root) -> Iterator[str]:
    yield f"<p><code>{escape(f'{root.label} {root.title}')}</code><br>"
    yield f"<b>{root.cause}</b>: {escape(', '.join(root.names))}</p>"
    yield "<ul>" + "".join(f"<li>{escape(said)}</li>" for said in root.evidence) + "</ul>"
    if root.follows:
        yield f"<p>What follows from it: {escape(', '.join(dict.fromkeys(root.follows)))}</p>"


def _table(cells: list[CellDifference]) -> Iterator[str]:
    n = sum(len(cell.departures) for cell in cells)
    yield f'<details><summary>All that differs ({n})</summary>\n<table style="border-collapse:collapse">'
    yield (
        "<tr>"
        + "".join(f'<th style="{_CELL}">{name}</th>' for name in ("cell", "what", "name", "difference"))
        + "</tr>"
    )
    for cell in cells[:MAX_CELLS]:
        for departure in cell.departures:
            values = (cell.label, departure.kind, departure.name, departure.detail)
            yield "<tr>" + "".join(f'<td style="{_CELL}">{escape(value)}</td>' for value in values) + "</tr>"
    yield "</table></details>"
    if len(cells) > MAX_CELLS:
        yield f"<p>and {len(cells) - MAX_CELLS} more cells</p>"
