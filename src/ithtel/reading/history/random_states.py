"""Where each random stream was before an execution, from the log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.errors import InputError
from ithtel.events import CellPrior, CellStart, RngState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.lines.record import Record


def states_before(log: Iterable[Record], execution: int) -> list[RngState]:
    """Return the state of each stream just before an execution, in full.

    A stream that was made later is not among them, nor one that no recorded cell ever used.

    Args:
        log: The records of one session.
        execution: The number in brackets; where the host counts none, the place among the cells.

    Raises:
        InputError: The session has no such execution.
    """
    ledger = _Ledger()
    for record in log:
        ledger.add(record)
    place = ledger.place_of(execution)
    found = (ledger.state_at(stream, place) for stream in ledger.streams)
    return [state for state in found if state is not None]


class _Ledger:
    """The states that a session wrote, by stream: (place of the cell, state), in order."""

    def __init__(self) -> None:
        self.streams: dict[str, list[tuple[int, RngState]]] = {}
        self._full: dict[str, RngState] = {}
        self._places: dict[str | None, int] = {}
        self._counts: list[int | None] = []

    def add(self, record: Record) -> None:
        """Take one record in."""
        match record.event:
            case CellPrior(execution_count=count) | CellStart(execution_count=count):
                self._counts.append(count)
                self._places[record.envelope.span_id] = len(self._counts)
            case RngState() as state:
                if state.state is not None:
                    self._full[state.state_sha256] = state
                place = self._places.get(record.envelope.span_id)
                if place is not None:
                    self.streams.setdefault(state.stream, []).append((place, state))
            case _:
                return

    def place_of(self, execution: int) -> int:
        """Return the place of an execution among all; of several with its number the last."""
        counts = self._counts
        if any(count is not None for count in counts):
            found = [place for place, count in enumerate(counts, start=1) if count == execution]
        else:
            found = [execution] if 0 < execution <= len(counts) else []
        if not found:
            known = [count for count in counts if count is not None] or range(1, len(counts) + 1)
            possible = f"; there are [{min(known)}] to [{max(known)}]" if known else ""
            raise InputError(f"no execution [{execution}] in this session{possible}")
        return found[-1]

    def state_at(self, stream: str, place: int) -> RngState | None:
        """Return where the execution found a stream, else where an earlier one left it, or a later one found it.

        The first is the surest: between two cells something else may have moved it.
        """
        states = self.streams[stream]
        own = [state for at, state in states if at == place]
        if len(own) > 1:
            return self._whole(own[0])
        earlier = [state for at, state in states if at < place]
        if earlier:
            return self._whole(earlier[-1])
        first = states[0][0]
        in_first = [state for at, state in states if at == first]
        return self._whole(in_first[0]) if len(in_first) > 1 else None  # only one: that cell made the stream

    def _whole(self, state: RngState) -> RngState | None:
        full = self._full.get(state.state_sha256)
        return None if full is None else msgspec.structs.replace(state, state=full.state)
