"""`cells`: the status of each cell of a notebook as it stands, judged from its record.

A cell is compared with a run of the notebook from the top. What it used must be what the cells above it, in their
latest executions, leave behind; then what it shows is what that run would show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ithtel.provenance.cell_text.definitions import definitions
from ithtel.provenance.cell_text.slices import inputs_of
from ithtel.reading.cells.flow import FILE, STREAM, Flow, Made
from ithtel.reading.cells.nondeterminism import Nondeterminism
from ithtel.reading.cells.page import PageCell, SavedPage, cells_of_page
from ithtel.reading.cells.values import CellStatus, CellStatuses, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ithtel.reading.history.values import History

NO_FILE = "cells that never ran, and cells that were deleted: the notebook's file is not known here"
NO_IDS = (
    "edits: the host gives no ids to cells, so an edited cell counts as a new one, "
    "and a text that ran again may be two cells"
)
STALE: Literal["stale"] = "stale"
NOT_REPRODUCIBLE: Literal["not reproducible"] = "not reproducible"
_REDACTED = "[redacted:"


def cells(
    past: History, saved: SavedPage | None = None, changed: Mapping[str, str] | None = None, *, is_running: bool = False
) -> CellStatuses:
    """Return the cells of a session's notebook with their status.

    Args:
        past: What ran.
        saved: The notebook's file, if it is there.
        changed: Files that have changed since they were read → what happened to them.
        is_running: Whether the session still runs: its unfinished cell is the one that asks, and is left out.

    >>> from ithtel.reading.history.values import History
    >>> cells(History(name="empty")).cells
    ()
    """
    executions = [each for each in past.executions if not (is_running and each.status == "unfinished")]
    page = cells_of_page(executions, saved)
    judge = _Judge(page, Flow.of(executions), Nondeterminism.of(executions), changed or {}, saved)
    found = [judge.status(place, cell) for place, cell in enumerate([c for c in page if not c.is_gone], start=1)]
    notes = [] if any(cell.written is not None for cell in page) else [NO_FILE]
    if executions and all(cell.cell_id is None for cell in page):
        notes.append(NO_IDS)
    return CellStatuses(cells=tuple(found), notes=tuple(notes))


class _Judge:
    """Goes down the page, and keeps what a run from the top has made so far."""

    def __init__(
        self,
        page: list[PageCell],
        flow: Flow,
        chance: Nondeterminism,
        changed: Mapping[str, str],
        saved: SavedPage | None,
    ) -> None:
        self._flow = flow
        self._chance = chance
        self._changed = changed
        self._saved = saved
        self._cell_of = {run.place: cell for cell in page for run in cell.runs}
        self._place_of = {id(cell): place for place, cell in enumerate(page)}
        self._state: dict[str, Made] = {}
        self._bad: dict[tuple[int, str], Status] = {}
        """What a run from the top would make anew or differently: (place of the execution, name)."""

    def status(self, place: int, cell: PageCell) -> CellStatus:
        """Judge one cell, and apply what it makes."""
        if not cell.runs:
            return CellStatus(place=place, status="never run", cell_id=cell.cell_id, source=cell.source)
        last = cell.last
        used = self._flow.used[last.place]
        found: dict[str, tuple[Status, Reason]] = {}
        for name, made in used.items():
            judged = self._judge(cell, name, made)
            if judged is not None:
                found[name] = judged
        own = [*self._of_text(cell), *self._of_cell(cell)]
        self._apply(cell, found, own)
        unknown = self._unknown(cell)
        status = _worst([status for status, _ in (*own, *found.values())]) or ("unknown" if unknown else "current")
        reasons = [reason for its, reason in (*own, *found.values()) if its == status]
        return CellStatus(
            place=place,
            status=status,
            cell_id=cell.cell_id,
            execution_count=last.count,
            source=last.source,
            reasons=tuple(dict.fromkeys(unknown if status == "unknown" else reasons)),
            not_checked=tuple(sorted(name for name, made in used.items() if made is not None and not made.is_known)),
        )

    def _judge(self, cell: PageCell, name: str, made: Made | None) -> tuple[Status, Reason] | None:
        """Compare a value that a cell used with the one that the cells above it leave."""
        what = _what(name)
        if made is None:
            reason = Reason(text=f"uses {what}, which no recorded cell made", name=name)
            return (NOT_REPRODUCIBLE, reason) if name in self._chance.hidden else None
        maker, expected = self._cell_of.get(made.by.place), self._state.get(name)
        if expected is not None and expected.version == made.version:
            bad = self._bad.get((expected.by.place, name))
            if bad is None:
                return None
            text = f"uses {what} of {expected.by.label}, which is {bad}"
            return bad, Reason(text=text, name=name, cell=expected.by.label)
        if not cell.has_place and (maker is cell or self._is_below(maker, cell)):
            return None
        if maker is cell:
            text = f"uses {what} as its own earlier run {made.by.label} left it"
            return NOT_REPRODUCIBLE, Reason(text=text, name=name, cell=made.by.label)
        status, why = self._difference(cell, maker, made, expected)
        return status, Reason(text=f"uses {what} of {made.by.label}, {why}", name=name, cell=made.by.label)

    def _difference(
        self, cell: PageCell, maker: PageCell | None, made: Made, expected: Made | None
    ) -> tuple[Status, str]:
        """Return what is wrong with a value that the cells above do not leave in this way."""
        if maker is None or maker.is_gone:
            return STALE, "which is no longer in the notebook"
        if self._is_below(maker, cell):
            return NOT_REPRODUCIBLE, "which stands below it"
        if expected is not None and self._cell_of[expected.by.place] is not maker:
            return STALE, f"which {expected.by.label} above it has made anew"
        again = "" if maker.last is made.by else f" as {maker.last.label}"
        was_edited = maker.last.source != made.by.source
        if expected is None:
            return STALE, f"which was {'edited and ' if was_edited else ''}run again{again} and no longer makes it"
        return STALE, f"which was {'edited and ' if was_edited else ''}run again{again} with another value"

    def _is_below(self, maker: PageCell | None, cell: PageCell) -> bool:
        is_there = maker is not None and not maker.is_gone
        return is_there and self._place_of[id(maker)] > self._place_of[id(cell)]

    def _of_text(self, cell: PageCell) -> Iterator[tuple[Status, Reason]]:
        """Yield that a cell was edited after it ran."""
        written, ran, saved = cell.written, cell.last.source, self._saved
        if saved is None or written is None or ran is None or _REDACTED in ran:
            return
        if cell.last.place in saved.saved_after and _lines(written) != _lines(ran):
            yield STALE, Reason(text=f"was edited after it ran as {cell.last.label}")

    def _of_cell(self, cell: PageCell) -> Iterator[tuple[Status, Reason]]:
        """Yield what is wrong with a cell whatever the others do."""
        for path in sorted({*cell.last.files, *cell.last.data} & self._changed.keys()):
            yield STALE, Reason(text=f"reads `{path.rpartition('/')[2]}`, {self._changed[path]}", name=path)
        for text in self._chance.of_runs(cell.runs):
            yield NOT_REPRODUCIBLE, Reason(text=text)

    def _apply(
        self, cell: PageCell, found: Mapping[str, tuple[Status, Reason]], own: list[tuple[Status, Reason]]
    ) -> None:
        """Apply what the latest execution of a cell makes, and mark what depends on something that is not current."""
        last = cell.last
        made = self._flow.made[last.place]
        code = definitions(last.source or "")
        whole = _worst([status for status, _ in own])
        for name in made:
            names = inputs_of(last.source or "", name) if name.isidentifier() else None
            inputs = found.keys() if names is None else self._inputs(cell, names) & found.keys()
            bad = _worst([found[each][0] for each in inputs])
            status = _worst([each for each in (bad, None if name in code else whole) if each is not None])
            if status is not None and not (name.startswith(FILE) and status != NOT_REPRODUCIBLE):
                self._bad[last.place, name] = status
        self._state |= made
        for name in self._flow.deleted[last.place]:
            self._state.pop(name, None)

    def _inputs(self, cell: PageCell, names: frozenset[str]) -> set[str]:
        """Return the inputs of a name, with the variables that functions use when they are called."""
        if not names:
            return set()
        shown = {name for name in cell.last.reads if name in (cell.last.source or "")}
        return {*names, *({*self._flow.used[cell.last.place]} - shown)}

    @staticmethod
    def _unknown(cell: PageCell) -> list[Reason]:
        """Return why nothing is known about what a cell used."""
        match cell.last:
            case last if last.status == "prior":
                return [Reason(text="it ran before recording began")]
            case last if last.status == "unfinished":
                return [Reason(text="the log ends within it")]
            case last if last.source is None and last.source_sha256 is None:
                return [Reason(text="it asked not to be recorded")]
            case _:
                return []


def _worst(statuses: list[Status]) -> Status | None:
    """Return the status that matters more: what is stale can be made current by running it again."""
    for status in (STALE, NOT_REPRODUCIBLE):
        if status in statuses:
            return status
    return None


def _what(name: str) -> str:
    if name.startswith(FILE):
        return f"the file `{name.removeprefix(FILE).rpartition('/')[2]}`"
    if name.startswith(STREAM):
        return f"the random stream `{name.removeprefix(STREAM)}`"
    return f"`{name}`"


def _lines(source: str) -> list[str]:
    return [stripped for line in source.splitlines() if (stripped := line.rstrip())]
