"""`Nondeterminism`: what in a cell gives another result in every run, whatever the other cells do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.provenance.cell_text.nondeterminism import clock_calls
from ithtel.reading.cells.flow import seeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ithtel.reading.history.values import Execution

_KINDS = frozenset({"unseeded_rng", "clock", "hash_order", "threads", "external"})
"""Kinds of hazards that say that another run gives another result."""


class Nondeterminism(msgspec.Struct, frozen=True, kw_only=True):
    """What the record shows about values that another run would not repeat.

    Attributes:
        hidden: Variables that no recorded cell made.
        unseeded: Place of each execution that drew from a stream that nobody had seeded → these streams.
    """

    hidden: frozenset[str] = frozenset()
    unseeded: dict[int, tuple[str, ...]] = {}

    @classmethod
    def of(cls, executions: Iterable[Execution]) -> Nondeterminism:
        """Collect it; a hazard is recorded only the first time, and holds until the stream is seeded."""
        hidden: set[str] = set()
        open_streams: set[str] = set()
        unseeded: dict[int, tuple[str, ...]] = {}
        for each in executions:
            open_streams -= {stream for stream in open_streams if seeds(each, stream) or _root(stream) in each.writes}
            for note in each.hazards:
                if note.kind == "hidden_state":
                    hidden.update(note.names)
                elif note.kind == "unseeded_rng":
                    open_streams.update(set(note.names).intersection(each.rng_used))
            drawn = tuple(sorted(open_streams.intersection(each.rng_used)))
            if drawn:
                unseeded[each.place] = drawn
        return cls(hidden=frozenset(hidden), unseeded=unseeded)

    def of_runs(self, runs: Sequence[Execution]) -> list[str]:
        """Return the reasons why the latest of a cell's executions cannot be repeated."""
        last = runs[-1]
        found = {}
        for stream in self.unseeded.get(last.place, ()):
            found["unseeded_rng"] = f"random numbers drawn from unseeded {stream}"
        if calls := clock_calls(last.source or ""):
            found["clock"] = f"{', '.join(dict.fromkeys(calls))}: another run gives another value"
        for run in runs:
            for note in run.hazards:
                is_same_text = run.source is not None and run.source == last.source
                if note.kind in _KINDS and (run is last or (is_same_text and note.kind != "unseeded_rng")):
                    found.setdefault(note.kind, note.detail)
        return list(found.values())


def _root(stream: str) -> str:
    """Return the variable that holds a generator: `rng` of `numpy:rng`, `model` of `python:model.random`."""
    return stream.rpartition(":")[2].partition(".")[0].partition("[")[0]
