"""`Tracing`: carries departures along the names, streams and files that cells pass to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ithtel.plain_text import source as source_line
from ithtel.provenance.cell_text.seeds_and_imports import imported
from ithtel.reading.diff.causes.stream_causes import is_moved, seeds
from ithtel.reading.diff.compared.unknown import not_compared
from ithtel.reading.diff.left_out_values import LeftOutValues
from ithtel.reading.diff.makers import Makers
from ithtel.reading.diff.record_views import RecordViews
from ithtel.reading.diff.verdict import INPUTS, CauseFound, CellDifference, Departure, Root

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ithtel.reading.diff.alignment import Pair
    from ithtel.reading.diff.causes.causes import Causes
    from ithtel.reading.diff.compared.cells import Comparison
    from ithtel.reading.diff.verdict import NotCompared
    from ithtel.reading.history.values import Execution


_WEAK = frozenset({"unknown", "hidden_state"})
"""Causes that say only that the record shows none."""


@dataclass
class _Carried:
    """The names, streams and files that differ between the sessions, each with the roots of the difference."""

    names: dict[str, set[int]] = field(default_factory=dict)
    streams: dict[str, set[int]] = field(default_factory=dict)
    files: dict[str, set[int]] = field(default_factory=dict)

    def reaching(self, cells: Sequence[Execution], departures: Iterable[Departure]) -> set[int]:
        """Return the roots whose effects are inputs of these cells."""
        found: set[int] = set()
        for cell in cells:
            for name in {*cell.reads, *cell.mutates}:
                found |= self.names.get(name, set())
            for path in {*cell.files, *cell.data}:
                found |= self.files.get(path, set())
        for departure in departures:
            if departure.kind == "rng":
                found |= self.streams.get(departure.name, set())
                found |= self.names.get(departure.name.partition(":")[2].partition(".")[0], set())
        return found


class Tracing:
    """Takes pairs in the order of execution, and separates independent departures from those that follow from them."""

    def __init__(self, causes: Causes, comparison: Comparison, pairs: Sequence[Pair]) -> None:
        self.causes = causes
        self._makers = Makers(pairs)
        self._records = RecordViews()
        self.comparison = comparison
        self.cells: list[CellDifference] = []
        self.n_same = 0
        self.not_kept: list[str] = []
        self.not_compared: list[NotCompared] = []
        self.hazards: list[str] = []
        self._excused: set[str] = set()
        self._roots: list[tuple[Execution, CauseFound]] = []
        self._follows: list[list[str]] = []
        self._carried = _Carried()
        self._left_out = LeftOutValues()
        self._roots_left_out: dict[int, int] = {}

    def add(self, pair: Pair) -> None:
        """Take in the next pair."""
        cells = [each for each in pair[:2] if each is not None]
        departures = _order(pair, self.causes)
        if pair.a is not None and pair.b is not None:
            departures += self._compare(pair.a, pair.b)
        if departures:
            self._note(pair, cells, departures)
        else:
            self.n_same += 1
        reaching = self._carried.reaching(cells, departures)
        if departures:
            reaching |= self._makers.roots_of_inputs(pair, departures)
        if any(self._records.draws(cell) for cell in cells):
            reaching |= set(range(len(self._roots)))  # what it shows holds all that ran before
        if pair.a is not None and pair.b is not None and self.comparison.reads_results(pair.a, pair.b):
            self.not_compared += not_compared(pair.a, pair.b, departures)
        self.hazards += _hazards(cells)
        if not reaching:
            reaching = self._roots_in_left_out(pair, cells, departures)
        own = self._own_roots(pair, cells, departures, reaching)
        if departures:
            for root in reaching - own:
                self._follows[root].append(cells[0].label)
        self._carry(pair, cells, departures, reaching | own)
        self._makers.learn(pair, reaching | own)
        for cell in cells:
            self._records.learn(cell)
        self.causes.learn(*cells)
        self._left_out.learn(cells, _displayed(cells), self.comparison.left_out.values_of(cells[0].label))

    def roots(self) -> list[Root]:
        """Return the departures that do not follow from others, in the order of execution."""
        return [
            Root(
                label=cell.label, title=source_line(cell.source or "", 72), cause=found.cause, names=found.names,
                evidence=found.evidence, follows=follows,
            )
            for (cell, found), follows in sorted(
                zip(self._roots, self._follows, strict=True), key=lambda each: each[0][0].place
            )
        ]  # fmt: skip

    def _compare(self, a: Execution, b: Execution) -> list[Departure]:
        """Return the differences in a cell, except in files that earlier cells wrote with the same content."""
        departures = [
            each
            for each in self.comparison.departures(a, b)
            if each.kind not in {"file", "data"} or each.name not in self._excused
        ]
        written = self.comparison.written(a, b)
        self.not_compared += written.not_compared
        self._excused -= a.written.keys() | b.written.keys()
        self._excused |= written.excused
        return departures + written.departures

    def _note(self, pair: Pair, cells: list[Execution], departures: list[Departure]) -> None:
        displayed = _displayed(cells)
        self.cells.append(
            CellDifference(
                label=displayed.label,
                title=source_line(displayed.source or "", 72),
                departures=departures,
                a=pair.a.place if pair.a else None,
                b=pair.b.place if pair.b else None,
            )
        )
        self.not_kept += [departure.name for departure in departures if not departure.kept]

    def _roots_in_left_out(self, pair: Pair, cells: list[Execution], departures: list[Departure]) -> set[int]:
        """Return the root of results without a cause, if the cell reads a value that differs in every run."""
        origin = self._left_out.origin_of(cells)
        if origin is None or not departures or pair.a is None or pair.b is None:
            return set()
        if self.causes.of_inputs(pair.a, pair.b, [each for each in departures if self._is_input(each, pair)]):
            return set()
        if self.causes.of_results(pair.a, pair.b, departures).cause not in _WEAK:
            return set()
        number = self._roots_left_out.get(origin.cell.place)
        if number is None:
            number = self._roots_left_out[origin.cell.place] = len(self._roots)
            self._roots.append((origin.cell, origin.cause()))
            self._follows.append([])
        return {number}

    def _own_roots(
        self, pair: Pair, cells: list[Execution], departures: list[Departure], reaching: set[int]
    ) -> set[int]:
        """Return the roots in this cell; its other differences follow from them, or from earlier roots."""
        inputs = [each for each in departures if self._is_input(each, pair)]
        found = self.causes.of_inputs(pair.a, pair.b, inputs)
        results = [each for each in departures if each not in inputs]
        if not found and not reaching and results and pair.a is not None and pair.b is not None:
            found = [self.causes.of_results(pair.a, pair.b, results)]
        own = set()
        for each in found:
            own.add(len(self._roots))
            self._roots.append((_displayed(cells), each))
            self._follows.append([])
        return own

    def _is_input(self, departure: Departure, pair: Pair) -> bool:
        """Return whether a departure is in an input of the cell that no earlier cell produced."""
        if departure.kind == "rng":
            return self._is_own_stream(departure, pair)
        is_made = departure.kind in ("file", "data") and departure.name in self._carried.files
        return departure.kind in INPUTS and not is_made

    def _is_own_stream(self, departure: Departure, pair: Pair) -> bool:
        """Return whether a generator of the notebook differs although no earlier cell changed it."""
        stream = departure.name
        variable = stream.partition(":")[2].partition(".")[0]
        if ":" not in stream or "after" not in departure.detail:
            return False
        if stream in self._carried.streams or variable in self._carried.names:
            return False
        existed = any(stream in cell.rng_before for cell in pair.cells)
        return not (existed and (pair.is_moved or self._makers.roots_of_inputs(pair, [departure])))

    def _carry(self, pair: Pair, cells: list[Execution], departures: list[Departure], roots: set[int]) -> None:
        """Update what differs after this cell: names that are equal again carry no root."""
        departed = {each.name.partition(".")[0] for each in departures if each.kind == "value"}
        unchanged = _same_imports(cells, departures)
        for name in {name for cell in cells for name in cell.changes}:
            is_equal = name in unchanged
            is_equal = is_equal or (not pair.is_moved and name not in departed and _is_known(name, pair))
            _set(self._carried.names, name, set() if is_equal else roots)
        for stream in {stream for cell in cells for stream in cell.rng_after}:
            digests = {cell.rng_after[stream].sha256 if stream in cell.rng_after else None for cell in cells}
            is_equal = len(cells) > 1 and len(digests) == 1
            if any(_sets_state(cell, stream) for cell in cells):
                _set(self._carried.streams, stream, set() if is_equal else roots)
        for path in {path for cell in cells for path in cell.written}:
            contents = [cell.written[path].sha256 if path in cell.written else None for cell in cells]
            is_equal = len(cells) > 1 and contents[0] == contents[1] is not None
            is_equal = is_equal or path in self._excused
            _set(self._carried.files, path, set() if is_equal else roots)


def _sets_state(cell: Execution, stream: str) -> bool:
    """Return whether a cell decided the state of a stream; NumPy's global one may merely have appeared."""
    return is_moved(cell, stream) or seeds(cell, stream) or (":" in stream and stream in cell.rng_after)


def _hazards(cells: list[Execution]) -> list[str]:
    """Return the hazards that were recorded in a cell, each once; a baseline holds no details."""
    found: dict[tuple[str, tuple[str, ...]], str] = {}
    for cell in reversed(cells):
        for hazard in cell.hazards:
            key = hazard.kind, tuple(hazard.names)
            found[key] = found.get(key) or hazard.detail
    label = cells[0].label
    return [f"{label}: {kind}: {detail or ', '.join(names)}" for (kind, names), detail in found.items()]


def _order(pair: Pair, causes: Causes) -> list[Departure]:
    """Return how the place of a pair differs between the sessions."""
    if pair.is_moved and pair.a is not None and pair.b is not None:
        detail = f"ran as number {pair.a.place} → number {pair.b.place}"
        return [Departure(kind="order", name=pair.a.label, detail=detail)]
    if pair.a is not None and pair.b is not None:
        return []
    cell = pair.a or pair.b
    is_known = cell is not None and causes.has_run(cell)
    kind, detail = (
        ("removed", "run in the first session only")
        if pair.b is None
        else ("inserted", "run in the second session only")
    )
    if is_known:
        detail = f"run again in the {'first' if pair.b is None else 'second'} session only"
    return [Departure(kind=kind, name="re-run" if is_known else "cell", detail=detail)]  # type: ignore[arg-type]


def _displayed(cells: list[Execution]) -> Execution:
    """Return the execution to display: that of the first session, unless only the other has a source."""
    return next((cell for cell in cells if cell.source is not None), cells[0])


def _same_imports(cells: list[Execution], departures: list[Departure]) -> set[str]:
    """Return the names that both cells import from the same package.

    If a module of the user changed, none of the user's own modules counts, because any of them may use it.
    """
    if len(cells) < 2:  # noqa: PLR2004 - a pair
        return set()
    ours, theirs = (imported(cell.source or _displayed(cells).source or "") for cell in cells)
    has_changed = any(each.kind == "module" for each in departures)
    own = {module.partition(".")[0] for cell in cells for module in cell.modules} if has_changed else set()
    return {name for name, package in ours.items() if theirs.get(name) == package and package not in own}


def _is_known(name: str, pair: Pair) -> bool:
    """Return whether both sessions have a fingerprint of a name after the cell."""
    return all(
        each is not None and name in each.values and each.values[name].fingerprint is not None for each in pair[:2]
    )


def _set(carried: dict[str, set[int]], name: str, roots: set[int]) -> None:
    if roots:
        carried[name] = set(roots)
    else:
        carried.pop(name, None)
