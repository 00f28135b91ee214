"""`states_before`: the state of each random stream before an execution, from the log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.errors import InputError
from ithtel.events import RngState
from ithtel.reading.history.cell_tracker import CellTracker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.lines.record import Record


def states_before(log: Iterable[Record], execution: int) -> list[RngState]:
    """Return the state of each stream just before an execution, in full.

    Streams that were created later, or that no recorded cell ever used, are not among them.

    Args:
        log: The records of one session.
        execution: The number in brackets; if the host does not count cells, the place among the cells.

    Raises:
        InputError: The session has no such execution.
    """
    states = _RecordedStates()
    for record in log:
        states.add(record)
    place = states.place_of(execution)
    found = (states.state_at(stream, place) for stream in states.streams)
    return [state for state in found if state is not None]


class _RecordedStates:
    """The states that a session recorded, by stream: (place of the cell, state), in order."""

    def __init__(self) -> None:
        self.streams: dict[str, list[tuple[int, RngState]]] = {}
        self._full: dict[str, RngState] = {}
        self._cells = CellTracker()

    def add(self, record: Record) -> None:
        """Take in the next record."""
        cell = self._cells.see(record)
        if not isinstance(record.event, RngState):
            return
        state = record.event
        if state.state is not None:
            self._full[state.state_sha256] = state
        if cell is not None:
            self.streams.setdefault(state.stream, []).append((cell.place, state))

    def place_of(self, execution: int) -> int:
        """Return the place of an execution among all cells; if several have its number, that of the last."""
        counts = [cell.count for cell in self._cells.runs]
        if any(count is not None for count in counts):
            found = [place for place, count in enumerate(counts, start=1) if count == execution]
        else:
            found = [execution] if 0 < execution <= len(counts) else []
        if not found:
            known = [count for count in counts if count is not None] or range(1, len(counts) + 1)
            allowed = f"; there are [{min(known)}] to [{max(known)}]" if known else ""
            raise InputError(f"no execution [{execution}] in this session{allowed}")
        return found[-1]

    def state_at(self, stream: str, place: int) -> RngState | None:
        """Return where the execution found a stream, else where an earlier one left it, or a later one found it.

        The first is the most reliable: something else may have moved the stream between two cells.
        """
        states = self.streams[stream]
        own = [state for at, state in states if at == place]
        if len(own) > 1:
            return self._in_full(own[0])
        earlier = [state for at, state in states if at < place]
        if earlier:
            return self._in_full(earlier[-1])
        first = states[0][0]
        in_first = [state for at, state in states if at == first]
        return self._in_full(in_first[0]) if len(in_first) > 1 else None  # a single state: that cell made the stream

    def _in_full(self, state: RngState) -> RngState | None:
        full = self._full.get(state.state_sha256)
        return None if full is None else msgspec.structs.replace(state, state=full.state)
