"""`SeedPlan`, `plan_seeds`: the smallest edits after which a fresh run of a session is the same each time."""

from __future__ import annotations

import difflib
import hashlib
from typing import TYPE_CHECKING

import msgspec

from ithtel.plain_text import count, short
from ithtel.provenance.cell_text.celltext import loads_ithtel
from ithtel.provenance.cell_text.seeds_and_imports import DROPPED, GLOBAL_STREAMS, sets_seed
from ithtel.provenance.randomness.entropy import LEGACY
from ithtel.replay.seeding.call_sites import unseeded_calls
from ithtel.replay.seeding.edits import Edit, edited, seeded_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.history.values import Execution, History

_DOCUMENTATION = frozenset({"numpy", "scipy", "pandas", "sklearn", "joblib"})
"""Packages that draw random numbers while they are imported, but only for docstrings, type checks and file names."""
MAX_SHOWN = 72


class SeedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What to seed in a session.

    Attributes:
        name: The session.
        cells: The texts of its cells, in the order in which they ran; None if a text was not recorded.
        labels: The number in brackets of each.
        edits: The edits, in the order of the cells.
        notes: What no edit can seed.
    """

    name: str
    cells: list[str | None]
    labels: list[str]
    edits: list[Edit] = []
    notes: list[str] = []

    @property
    def sources(self) -> list[str]:
        """The texts of all cells after the edits, with the cells that are inserted."""
        found: list[str] = []
        for place, source in enumerate(self.cells, start=1):
            found += [each.after for each in self.edits if each.place == place and each.kind == "cell"]
            found.append(self.source_of(place, source or ""))
        return found

    def source_of(self, place: int, source: str) -> str:
        """Return the text of one cell after the edits. A cell that ran again is edited alike."""
        here = [
            each
            for each in self.edits
            if each.kind == "text" and (each.place == place or self.cells[each.place - 1] == source)
        ]
        return edited(source, here)

    def diff(self) -> str:
        """Return the edits as a unified diff of the cells."""
        parts = []
        for place, (label, source) in enumerate(zip(self.labels, self.cells, strict=True), start=1):
            for each in self.edits:
                if each.place == place and each.kind == "cell":
                    parts += _unified("", each.after, f"new cell before {label}")
            parts += _unified(source or "", self.source_of(place, source or ""), f"cell {label}")
        return "\n".join(parts)

    def text(self) -> str:
        """Return the edits one by one, and the diff."""
        if not self.edits:
            lines = [f"seed plan of {self.name}: nothing is left to seed"]
        else:
            lines = [f"seed plan of {self.name}: {count(len(self.edits), 'edit')}"]
            lines += [f"  {self._shown(each)}" for each in self.edits]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join([*lines, *([self.diff()] if self.edits else [])])

    def __repr__(self) -> str:
        return self.text()

    def _shown(self, edit: Edit) -> str:
        label = self.labels[edit.place - 1]
        if edit.kind == "cell":
            return f"before {label}: {'; '.join(edit.after.splitlines())}"
        before = f"{edit.before} → " if edit.before else "new line: "
        return f"{label} {before}{short(edit.after.strip(), MAX_SHOWN)}"


def plan_seeds(history: History) -> SeedPlan:
    """Return what to seed in a session: calls in the text of its cells, and cells to insert for everything else.

    >>> from ithtel.reading.history.values import Execution, History
    >>> plan_seeds(History(name="done", executions=[Execution(place=1, source="x = 1")]))
    seed plan of done: nothing is left to seed
    """
    cells, base = history.executions, _base_of(history)
    edits, elsewhere = _edits_of_calls(cells, base)
    places = elsewhere | _imports_that_matter(cells)
    edits += _inserted(cells, places, base)
    return SeedPlan(
        name=history.name,
        cells=[cell.source for cell in cells],
        labels=[cell.label for cell in cells],
        edits=sorted(edits, key=lambda each: (each.place, each.kind == "text", each.start)),
        notes=list(_notes(cells, places)),
    )


def _base_of(history: History) -> int:
    """Return a seed that is the same for each plan of a session."""
    return int(hashlib.sha256((history.session_id or history.name).encode()).hexdigest()[:7], 16)


def _edits_of_calls(cells: list[Execution], base: int) -> tuple[list[Edit], set[int]]:
    """Return the edits of calls, and the places of cells in which something was made that no call of theirs shows."""
    asked: dict[tuple[int, str, str], list[int]] = {}
    elsewhere: set[int] = set()
    askers: dict[tuple[int, str, str], set[int]] = {}
    for cell in cells:
        for event in cell.entropy:
            if event.source not in {"numpy", "python"} or event.is_import:
                continue
            maker = _maker(event.owner, cell, cells)
            if maker is None:
                elsewhere.add(cell.place)
                continue
            asked.setdefault((*maker, event.source), []).extend(map(int, event.numbers or ()))
            askers.setdefault((*maker, event.source), set()).add(cell.place)
    for cell in cells:
        if cell.status == "prior":  # nobody heard what it asked for
            asked |= {(cell.place, site.scope, site.source): [] for site in unseeded_calls(cell.source or "")}
    edits: dict[tuple[str | None, int, str], Edit] = {}
    for (place, scope, kind), numbers in asked.items():
        source = cells[place - 1].source or ""
        sites = [site for site in unseeded_calls(source) if (site.scope, site.source) == (scope, kind)]
        elsewhere |= askers.get((place, scope, kind), set()) if not sites else set()
        for edit in seeded_calls(place, source, sites, numbers, base):
            edits.setdefault((source, edit.start, edit.before), edit)  # a cell that ran again is edited once
    return list(edits.values()), elsewhere


def _maker(owner: str, cell: Execution, cells: list[Execution]) -> tuple[int, str] | None:
    """Return in which cell and scope the code of an owner stands, None if it stands in no cell."""
    root = owner.partition(".")[0]
    if owner == "the cell" or root.startswith("<"):
        return cell.place, ""
    found = [
        each.place
        for each in cells[: cell.place]
        if any(line.lstrip().startswith((f"def {root}(", f"async def {root}(", f"class {root}(", f"class {root}:"))
               for line in (each.source or "").splitlines())
    ]  # fmt: skip
    return (found[-1], root) if found else None


def _drawn(cell: Execution) -> set[str]:
    """Return the unseeded streams that a cell drew from."""
    notes = (note for note in cell.hazards if note.kind == "unseeded_rng" and not note.detail.endswith(DROPPED))
    return {name for note in notes for name in note.names}


def _imports_that_matter(cells: list[Execution]) -> set[int]:
    """Return the places of the cells that import a module whose generator a cell drew from."""
    drawn = {name.partition(":")[2] for cell in cells for name in _drawn(cell)}
    return {
        cell.place
        for cell in cells
        for event in cell.entropy
        if event.is_import and any(name.startswith(f"{event.owner}.") for name in drawn)
    }


def _inserted(cells: list[Execution], places: set[int], base: int) -> Iterator[Edit]:
    """Yield cells that seed the global streams, and at `places` also what libraries make without a seed."""
    first: dict[str, int] = {}
    for cell in cells:
        for stream in sorted(_drawn(cell) & {"python", LEGACY}):
            first.setdefault(stream, cell.place)
    if not first and not places:
        return
    place = min([*first.values(), *places])
    touched = {stream for cell in cells[: place - 1] for stream in GLOBAL_STREAMS if _touches(cell, stream)}
    if places or not touched:
        yield Edit(kind="cell", place=place, after=_seeding_cell(cells[: place - 1], base, unseeded=bool(places)))
        return
    for stream, at in first.items():
        call = "import random\nrandom" if stream == "python" else "import numpy as np\nnp.random"
        yield Edit(kind="cell", place=at, after=f"{call}.seed({base})")


def _touches(cell: Execution, stream: str) -> bool:
    return stream in cell.rng_used or sets_seed(cell.source or "", stream) or bool(cell.seeds)


def _seeding_cell(before: list[Execution], base: int, *, unseeded: bool) -> str:
    if any(loads_ithtel(cell.source or "") for cell in before):
        return f"%seed {'--unseeded ' if unseeded else ''}{base}"
    return f"import ithtel\nithtel.seed({base}{', unseeded=True' if unseeded else ''})"


def _notes(cells: list[Execution], places: set[int]) -> Iterator[str]:
    for cell in cells:
        for event in cell.entropy:
            root = event.owner.partition(".")[0]
            is_own = not event.is_import and _maker(event.owner, cell, cells) is not None
            if is_own and event.source == "uuid":
                yield f"{cell.label} calls uuid4(), which takes no seed; uuid.uuid5(namespace, name) does not vary"
            elif is_own and event.source == "os":
                yield f"{cell.label} takes random bytes from os.urandom or secrets, which take no seed"
            elif event.is_import and root not in _DOCUMENTATION and cell.place not in places:
                yield (
                    f"{event.owner} makes a generator when {cell.label} imports it: if a fresh replay departs "
                    f"because of it, put %seed --unseeded N before {cell.label}"
                )


def _unified(before: str, after: str, title: str) -> list[str]:
    if before == after:
        return []
    return list(
        difflib.unified_diff(before.splitlines(), after.splitlines(), title, f"{title}, seeded", lineterm="", n=1)
    )
