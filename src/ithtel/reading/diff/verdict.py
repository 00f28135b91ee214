"""`Difference`, `Verdict`: the result of comparing two sessions, and its text."""

from __future__ import annotations

import textwrap
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from ithtel.plain_text import count, short

Kind = Literal[
    "source", "order", "inserted", "removed", "module", "seed", "file", "data", "rng",
    "status", "value", "algorithm", "epoch", "statistic", "decision", "output", "written",
]  # fmt: skip
Cause = Literal[
    "input_changed", "code_changed", "module_changed", "order_changed", "seed_changed", "unseeded_rng",
    "package_changed", "python_changed", "threads_changed", "environment_changed", "clock_or_hash_order",
    "address", "external_changed", "hidden_state", "numerics", "unknown",
]  # fmt: skip
INPUTS: frozenset[Kind] = frozenset({"source", "order", "inserted", "removed", "module", "seed", "file", "data"})
"""The kinds of inputs of a cell; the other kinds are its results."""

MAX_SHOWN = 6
MAX_PLACES = 12
MAX_FOLDED = 3
"""In lines; longer text is cut."""


class Departure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One difference in a cell. `a` and `b` are the two values, if they are short."""

    kind: Kind
    name: str
    detail: str
    a: str | None = None
    b: str | None = None
    is_rounding: Annotated[bool, Meta(description="equal within the tolerance, as far as the record shows")] = False
    kept: Annotated[bool, Meta(description="whether the values themselves were compared")] = True


class CauseFound(NamedTuple):
    """A cause: its class, the names that it concerns, and the evidence for it."""

    cause: Cause
    names: list[str]
    evidence: list[str]


class CellDifference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The differences in one cell; `a` or `b` is None if that session did not run it."""

    label: str
    title: str
    a: int | None
    b: int | None
    departures: list[Departure]


class Root(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A departure that does not follow from an earlier one: its cell, the class of its cause, and the evidence."""

    label: str
    title: str
    cause: Cause
    names: list[str]
    evidence: list[str]
    follows: Annotated[list[str], Meta(description="the cells that differ because of it")] = []


class NotCompared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may differ unseen, or differs in every run: a value, a part of a result, a file; its cell and the reason."""

    kind: Literal["value", "volatile", "file"] = "value"
    what: str
    cell: Annotated[str, Meta(description="the cell, as `[4]`; empty if it concerns all cells")] = ""
    reason: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether two sessions differ, where they first depart, why, and what follows from it."""

    outcome: Literal["identical", "departs"]
    first: Root | None = None
    others: Annotated[list[Root], Meta(description="departures independent of the first")] = []
    n_cells: int = 0
    n_same: int = 0
    n_given: Annotated[int, Meta(description="unseeded generators that a replay gave their recorded randomness")] = 0
    notes: list[str] = []
    not_compared: Annotated[list[NotCompared], Meta(description="what may differ unseen, or differs in every run")] = []
    hazards: Annotated[list[str], Meta(description="of an identical pair: the hazards recorded in its cells")] = []

    @property
    def roots(self) -> list[Root]:
        """All independent departures, in order."""
        return [] if self.first is None else [self.first, *self.others]


class Difference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two sessions compared: every cell that differs, differences between the environments, and the verdict.

    >>> from ithtel.reading.lines.log import Log
    >>> from ithtel.reading.diff.diff import diff
    >>> diff(Log.from_lines([]), Log.from_lines([]))
    identical: no cells
    """

    a: str
    b: str
    cells: list[CellDifference] = []
    surroundings: Annotated[list[str], Meta(description="what differs around the cells: packages, Python …")] = []
    verdict: Verdict = Verdict(outcome="identical")

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs at all, including the environments."""
        return not self.cells and not self.surroundings

    @property
    def is_identical(self) -> bool:
        """Whether every cell has the same results."""
        return self.verdict.outcome == "identical"

    def with_note(self, note: str) -> Difference:
        """Return a copy with one more note in its verdict."""
        verdict = msgspec.structs.replace(self.verdict, notes=[note, *self.verdict.notes])
        return msgspec.structs.replace(self, verdict=verdict)

    def with_recorded_randomness(self, n_given: int) -> Difference:
        """Return a copy whose first line says how many unseeded generators got their recorded randomness."""
        return msgspec.structs.replace(self, verdict=msgspec.structs.replace(self.verdict, n_given=n_given))

    def json(self) -> bytes:
        """Return everything as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)

    def text(self, width: int = 100) -> str:
        """Return the verdict as text; it depends on nothing but the two sessions."""
        return verdict_text(self, width)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return self.text()


def verdict_text(difference: Difference, width: int) -> str:
    """Return the whole text, its lines folded to `width`."""
    lines = [headline(difference)]
    verdict = difference.verdict
    cells = {cell.label: cell for cell in difference.cells}
    lines += [f"not compared: {text}" for text in not_compared_texts(verdict.not_compared)]
    lines += [f"hazard in {text}" for text in _few(verdict.hazards)]
    for n, root in enumerate(verdict.roots):
        if n == 1:
            lines.append("independent departures:")
        lines += [f"  {line}" for line in _root(root, cells.get(root.label))]
    lines += [f"note: {note}" for note in verdict.notes]
    return "\n".join(_wrapped(lines, width))


def not_compared_texts(found: list[NotCompared]) -> list[str]:
    """Return what was not compared as text, one for each reason: `model, data in [4] (why)`.

    >>> not_compared_texts([NotCompared(what="f", cell=f"[{n}]", reason="it is an open file") for n in (4, 6)])
    ['f in [4], [6] (it is an open file)']
    """
    by_reason: dict[str, dict[str, list[str]]] = {}
    for each in found:
        by_reason.setdefault(each.reason, {}).setdefault(each.cell, []).append(each.what)
    texts = []
    for reason, by_cell in by_reason.items():
        cells: dict[str, list[str]] = {}
        for cell, names in by_cell.items():
            cells.setdefault(", ".join(_few(list(dict.fromkeys(names)))), []).append(cell)
        places = [
            f"{names} in {', '.join(_few(among, MAX_PLACES))}" if among != [""] else names
            for names, among in cells.items()
        ]
        texts.append(f"{', '.join(_few(places, MAX_PLACES))} ({reason})")
    return texts


def headline(difference: Difference) -> str:
    """Return the verdict in one line."""
    verdict = difference.verdict
    given = f", with the recorded randomness of {count(verdict.n_given, 'generator')} that nobody seeded"
    given = given if verdict.n_given else ""
    if verdict.first is None:
        return f"identical{given}: {count(verdict.n_cells, 'cell') if verdict.n_cells else 'no cells'}"
    same = f"{verdict.n_same} of {count(verdict.n_cells, 'cell')} the same"
    return f"departs at cell {verdict.first.label}: {verdict.first.cause} ({same}{given})"


def _root(root: Root, cell: CellDifference | None) -> list[str]:
    lines = [f"{root.label} {root.title}".rstrip(), f"    {root.cause}: {', '.join(root.names[:MAX_SHOWN])}"]
    lines += [f"    - {line}" for line in _few(root.evidence)]
    given = {evidence.rpartition(": ")[2] for evidence in root.evidence}
    details = [
        f"{each.kind} {each.name}: {each.detail}"
        for each in (cell.departures if cell else ())
        if each.detail not in given and each.kind not in INPUTS
    ]
    if details:
        lines += [f"    differs: {details[0]}", *(f"             {each}" for each in _few(details)[1:])]
    if root.follows:
        lines.append(f"    what follows from it: {', '.join(_few(list(dict.fromkeys(root.follows)), 20))}")
    return lines


def _few(lines: list[str], n: int = MAX_SHOWN) -> list[str]:
    return lines if len(lines) <= n else [*lines[:n], f"and {len(lines) - n} more"]


def _wrapped(lines: list[str], width: int) -> list[str]:
    """Return lines wrapped to `width` with their indents, since a truncated number may be the one that matters."""
    folded = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        folded += textwrap.wrap(
            short(line, MAX_FOLDED * width), width, initial_indent=indent, subsequent_indent=f"{indent}  ",
            break_on_hyphens=False,
        )  # fmt: skip
    return folded
