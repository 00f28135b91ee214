"""`given_generators`, `given_uuids`, `not_given`: which randomness a replay took from its record, and which was new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.plain_text import count
from ithtel.provenance.cell_text.seeds_and_imports import DROPPED, GLOBAL_STREAMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ithtel.reading.history.values import Execution, History

_WHAT = {"numpy": "generator", "python": "generator", "uuid": "UUID", "os": "number"}


def given_generators(replayed: History, restored: Collection[str]) -> int:
    """Return how many generators that nobody seeded drew recorded random numbers.

    A generator that a module makes when it is imported counts if a cell drew from it. So does a global stream.

    Args:
        replayed: What the replay recorded.
        restored: The streams whose recorded states were restored.

    >>> from ithtel.reading.history.values import History
    >>> given_generators(History(name="empty"), set())
    0
    """
    events = [event for cell in replayed.executions for event in cell.entropy if event.n_given]
    drawn = {
        name.removeprefix("numpy:").removeprefix("python:")
        for cell in replayed.executions
        for note in cell.hazards
        if note.kind == "unseeded_rng" and not note.detail.endswith(DROPPED)
        for name in note.names
    }
    importing = {event.owner for event in events if event.is_import}
    hidden = {name for name in drawn if any(name.startswith(f"{owner}.") for owner in importing)}
    streams = drawn & {*GLOBAL_STREAMS} & {*restored, *importing}
    made = sum(event.n_given for event in events if event.source != "uuid" and not event.is_import)
    return made + len(hidden) + len(streams)


def given_uuids(replayed: History) -> list[str]:
    """Return who got UUIDs of the record.

    >>> from ithtel.reading.history.values import History
    >>> given_uuids(History(name="empty"))
    []
    """
    owners: dict[str, int] = {}
    for event in (event for cell in replayed.executions for event in cell.entropy):
        if event.source == "uuid" and event.n_given:
            owners[event.owner] = owners.get(event.owner, 0) + event.n_given
    return [f"{count(n, 'UUID')} of {owner}" for owner, n in owners.items()]


def not_given(replayed: History) -> list[str]:
    """Return who got new random numbers in a replay because the record held none for that request.

    >>> from ithtel.reading.history.values import History
    >>> not_given(History(name="empty"))
    []
    """
    return [text for cell in replayed.executions for text in _new_in(cell)]


def _new_in(cell: Execution) -> Iterator[str]:
    for event in cell.entropy:
        n = event.n_requests - event.n_given
        if n and event.source != "os" and not event.is_import:
            yield f"{count(n, _WHAT[event.source])} of {event.owner} in {cell.label}"
