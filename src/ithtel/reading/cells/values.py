"""`CellStatus`, `CellStatuses`, `Reason`: whether what each cell of a notebook shows is what a run would show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from ithtel import plain_text as plain

if TYPE_CHECKING:
    from collections.abc import Iterator

Status = Literal["current", "stale", "never run", "not reproducible", "unknown"]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a cell is not current."""

    text: Annotated[str, Meta(description="in words")]
    name: Annotated[str | None, Meta(description="the variable, file or random stream in question")] = None
    cell: Annotated[str | None, Meta(description="the execution that made it, such as `[1]`")] = None


class CellStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The status of one cell, judged by its latest execution."""

    place: Annotated[int, Meta(description="the position among the code cells of the notebook, from 1")]
    status: Status
    cell_id: Annotated[str | None, Meta(description="the id in the notebook; null if the host gives none")] = None
    execution_count: Annotated[int | None, Meta(description="the number in brackets of the latest execution")] = None
    source: Annotated[str | None, Meta(description="its text; null if it was not recorded")] = None
    reasons: tuple[Reason, ...] = ()
    not_checked: Annotated[
        tuple[str, ...], Meta(description="names that it used and whose values have no fingerprint")
    ] = ()

    @property
    def label(self) -> str:
        """The number in brackets; `[ ]` for a cell that never ran."""
        return "[ ]" if self.execution_count is None else f"[{self.execution_count}]"

    @property
    def text(self) -> str:
        """The status with its reasons."""
        return f"{self.status}: {'; '.join(reason.text for reason in self.reasons)}" if self.reasons else self.status


class CellStatuses(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of a notebook in its order."""

    cells: tuple[CellStatus, ...] = ()
    notes: Annotated[tuple[str, ...], Meta(description="what could not be examined")] = ()

    def __getitem__(self, label: int) -> CellStatus:
        """Return the cell whose latest execution has this number.

        Raises:
            KeyError: No cell has it.
        """
        for cell in self.cells:
            if cell.execution_count == label:
                return cell
        raise KeyError(label)

    def __repr__(self) -> str:
        n_current = sum(cell.status == "current" for cell in self.cells)
        head = f"{n_current} of {plain.count(len(self.cells), 'cell')} current"
        return "\n".join([head, *self._lines(), *(f"not examined: {note}" for note in self.notes)])

    def _lines(self) -> Iterator[str]:
        width = max((len(cell.label) for cell in self.cells), default=0)
        for cell in self.cells:
            text = "(not recorded)" if cell.source is None else plain.source(cell.source, 60)
            yield f"  {cell.label:<{width}} {cell.status:<16}  {text}"
            for reason in cell.reasons:
                yield f"  {'':<{width}}   {plain.message(reason.text, 110)}"
            if cell.not_checked:
                names = ", ".join(f"`{name}`" for name in cell.not_checked)
                yield f"  {'':<{width}}   changes within {names} cannot be seen: no fingerprint"
