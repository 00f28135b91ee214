"""The random states that a record holds: those before each cell, in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.events import CellPrior, CellStart, RngState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.history import Execution
    from ithtel.reading.record import Record


def states_before(records: Iterable[Record], cells: Iterable[Execution]) -> list[list[dict[str, Any]]]:
    """Return, a list a cell, the `rng.state` of each stream that the cell used, as it was before; as plain values.

    A state that is left out, as it stands earlier in the log, is put in.
    """
    full: dict[str, dict[str, Any]] = {}
    spans: list[str | None] = []
    found: list[dict[str, list[RngState]]] = []
    for record in records:
        event = record.event
        if isinstance(event, CellStart | CellPrior):
            spans.append(record.envelope.span_id)
            found.append({})
        elif isinstance(event, RngState):
            if event.state is not None:
                full[event.state_sha256] = event.state
            if found and record.envelope.span_id in spans:
                place = len(spans) - 1 - spans[::-1].index(record.envelope.span_id)
                found[place].setdefault(event.stream, []).append(event)
    wanted = [found[cell.place - 1] if cell.place <= len(found) else {} for cell in cells]
    return [[_complete(events[0], full) for events in streams.values() if len(events) > 1] for streams in wanted]


def _complete(event: RngState, full: dict[str, dict[str, Any]]) -> dict[str, Any]:
    state = event.state if event.state is not None else full.get(event.state_sha256)
    plain: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(event, state=state))
    return plain
