"""`LeftOutValues`: values that differ in every run, as the roots of what is computed from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ithtel.reading.diff.verdict import CauseFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ithtel.reading.diff.verdict import Cause
    from ithtel.reading.history.values import Execution

_CAUSES: dict[str, Cause] = {
    "temporary name": "address", "address": "address", "uuid": "unseeded_rng", "folder": "environment_changed",
}  # fmt: skip
_OTHERWISE: Cause = "clock_or_hash_order"


class Origin(NamedTuple):
    """The cell that made a value which differs in every run, the name of the value, and what differs in it."""

    cell: Execution
    name: str
    kinds: tuple[str, ...]

    def cause(self) -> CauseFound:
        """Return it as the cause of a departure."""
        cause = next((_CAUSES[kind] for kind in self.kinds if kind in _CAUSES), _OTHERWISE)
        evidence = f"{self.name} holds the {' and the '.join(self.kinds)}: it differs in every run and was not compared"
        return CauseFound(cause, [self.name], [evidence])


class LeftOutValues:
    """Remembers the values that were equal but for parts that differ in every run.

    A value that is computed from such a value and differs itself is a departure, whose root is the cell where it began.
    """

    def __init__(self) -> None:
        self._origins: dict[str, Origin] = {}

    def learn(self, cells: Iterable[Execution], displayed: Execution, left_out: Mapping[str, Iterable[str]]) -> None:
        """Take in a cell that has run.

        Args:
            cells: Its runs.
            displayed: The one that a verdict shows.
            left_out: The values that were not compared whole: name → kinds of what was left out.
        """
        earlier = self.origin_of(cells)
        for name in {name for cell in cells for name in cell.changes}:
            self._origins.pop(name, None)
        for name, kinds in left_out.items():
            self._origins[name] = earlier or Origin(displayed, name, tuple(sorted(kinds)))

    def origin_of(self, cells: Iterable[Execution]) -> Origin | None:
        """Return where the first value of that kind that a cell reads comes from."""
        found = [self._origins[name] for cell in cells for name in cell.reads if name in self._origins]
        return min(found, key=lambda origin: origin.cell.place, default=None)
