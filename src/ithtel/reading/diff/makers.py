"""`Makers`: which cell made a name or moved a stream last, in each session, when the order of cells differs."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ithtel.reading.diff.alignment import Pair
    from ithtel.reading.diff.verdict import Departure
    from ithtel.reading.history.values import Execution


class Makers:
    """Finds the roots of differences that come from another order of the cells before.

    If a name was made last by different cells in the two sessions, at least one of these cells ran at another place or
    in only one of the sessions. Its root is the reason.
    """

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._places: tuple[dict[str, list[tuple[int, int]]], ...] = ({}, {})
        self._numbers: tuple[dict[int, int], ...] = ({}, {})
        self._roots: dict[int, set[int]] = {}
        for number, pair in enumerate(pairs):
            for side, cell in enumerate((pair.a, pair.b)):
                if cell is None:
                    continue
                self._numbers[side][cell.place] = number
                for key in _made(cell):
                    self._places[side].setdefault(key, []).append((cell.place, number))
        for keys in self._places:
            for places in keys.values():
                places.sort()

    def learn(self, pair: Pair, roots: set[int]) -> None:
        """Take in the roots of the next pair."""
        for side, cell in enumerate((pair.a, pair.b)):
            if cell is not None:
                self._roots[self._numbers[side][cell.place]] = roots

    def roots_of_inputs(self, pair: Pair, departures: Iterable[Departure]) -> set[int]:
        """Return the roots of the cells that made the inputs of a pair, if they are not the same cell in both."""
        a, b = pair.a, pair.b
        if a is None or b is None:
            return set()
        streams = {f"stream {each.name}" for each in departures if each.kind == "rng"}
        found: set[int] = set()
        for key in {*a.reads, *b.reads, *a.mutates, *b.mutates, *streams}:
            ours, theirs = self._last(0, key, a.place), self._last(1, key, b.place)
            if ours != theirs:
                found |= self._roots.get(-1 if ours is None else ours, set())
                found |= self._roots.get(-1 if theirs is None else theirs, set())
        return found

    def _last(self, side: int, key: str, place: int) -> int | None:
        """Return the number of the pair that made a name last before a place."""
        places = self._places[side].get(key, [])
        index = bisect_left(places, (place, -1))
        return places[index - 1][1] if index else None


def _made(cell: Execution) -> set[str]:
    return {*cell.changes, *(f"stream {name}" for name in cell.rng_after)}
