"""`PageCell`, `cells_of_page`: the cells of a notebook in its order, each with its executions."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ithtel.provenance.notebook_file import Page
    from ithtel.reading.history.values import Execution


class PageCell(msgspec.Struct, kw_only=True, eq=False):
    """A cell with its executions in order; `is_gone` if it is no longer in the notebook."""

    cell_id: str | None = None
    written: str | None = None
    """Its text in the notebook's file, None if it is not there."""
    runs: list[Execution] = []
    is_gone: bool = False

    @property
    def has_place(self) -> bool:
        """Whether its place is known; a text that ran twice without an id may stand at either place."""
        return self.cell_id is not None or self.written is not None or len(self.runs) == 1

    @property
    def last(self) -> Execution:
        """Its latest execution."""
        return self.runs[-1]

    @property
    def source(self) -> str | None:
        """Its text: as it ran, or as it stands in the file."""
        return self.last.source if self.runs else self.written


class SavedPage(msgspec.Struct, frozen=True, kw_only=True):
    """The file of a notebook, and the executions that began before it was last saved."""

    page: Page
    saved_after: frozenset[int]
    """Places of executions."""


def host_id(execution: Execution) -> str | None:
    """Return the id that the host gave to a cell, None if it gave none and the id is a digest of text and number."""
    text = f"{execution.count}\n{execution.source}".encode("utf-8", "surrogatepass")
    own = hashlib.sha256(text).hexdigest()[:16]
    return None if execution.cell_id == own else execution.cell_id


def cells_of_page(executions: Iterable[Execution], saved: SavedPage | None) -> list[PageCell]:
    """Return the cells in the order of the notebook, or without its file in the order in which they first ran.

    A cell is known by the host's id, or by its text if there is no id. A cell that ran, and is not in a file that was
    saved afterwards, is gone; it comes after the cells of the page.
    """
    ran: dict[str, PageCell] = {}
    for execution in executions:
        given = host_id(execution)
        key = f"text {execution.source or execution.place}" if given is None else f"id {given}"
        ran.setdefault(key, PageCell(cell_id=given)).runs.append(execution)
    if saved is None or not _is_its_page(saved.page, ran):
        return list(ran.values())
    return _in_order_of(saved, ran)


def _is_its_page(page: Page, ran: Mapping[str, PageCell]) -> bool:
    """Return whether at least one cell that ran is in the file: else the ids are another host's."""
    texts = {each.source.strip() for each in page.cells}
    return any(cell.cell_id in page.ids or (cell.last.source or "").strip() in texts for cell in ran.values())


def _in_order_of(saved: SavedPage, ran: Mapping[str, PageCell]) -> list[PageCell]:
    left, found = dict(ran), []
    for each in saved.page.cells:
        text = each.source.strip()
        if not text:
            continue
        key = f"id {each.id}"
        if key not in left:
            key = next((key for key, cell in left.items() if _has_text(cell, text, saved.page)), "")
        cell = left.pop(key) if key else PageCell(cell_id=each.id)
        cell.written = each.source
        found.append(cell)
    before: PageCell | None = None
    for key, cell in ran.items():
        if key in left:
            cell.is_gone = cell.last.place in saved.saved_after
            at = 0 if before is None else found.index(before) + 1
            found.insert(len(found) if cell.is_gone else at, cell)
        if not cell.is_gone:
            before = cell
    return found


def _has_text(cell: PageCell, text: str, page: Page) -> bool:
    """Return whether a cell that is not in the file under its id has this text: cut and paste gives a new id."""
    return cell.cell_id not in page.ids and (cell.last.source or "").strip() == text
