"""`recorded_randomness`: what a log holds of randomness: states before each cell, and the seeds of new generators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.events import CellPrior, CellStart, RngState
from ithtel.provenance.cell_text.seeds_and_imports import GLOBAL_STREAMS, imported
from ithtel.provenance.randomness.capture import looks_unseeded
from ithtel.provenance.randomness.streams import LEGACY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ithtel.reading.history.values import Execution
    from ithtel.reading.lines.record import Record


class RecordedRandomness(msgspec.Struct, frozen=True, kw_only=True):
    """What to give back before and during each cell.

    Attributes:
        states: For each cell, the `rng.state` of each stream to restore before it, as plain values.
        entropies: For each cell, the numbers that unseeded generators and `uuid4` got: (source, owner, number).
    """

    states: list[list[dict[str, Any]]] = []
    entropies: list[list[tuple[str, str, str]]] = []

    @property
    def restored(self) -> set[str]:
        """The streams that are restored at some time."""
        return {state["stream"] for states in self.states for state in states}


def recorded_randomness(
    records: Iterable[Record], cells: list[Execution], *, every_cell: bool = False
) -> RecordedRandomness:
    """Return what a log holds of the random streams of `cells`.

    Args:
        records: The log.
        cells: The cells that are run again.
        every_cell: Restore each stream before every cell that uses it, and not only where the record begins to use it.
    """
    states = states_before(records, cells)
    return RecordedRandomness(
        states=states if every_cell else _where_first_used(states, cells),
        entropies=entropies_in(cells),
    )


def _where_first_used(states: list[list[dict[str, Any]]], cells: list[Execution]) -> list[list[dict[str, Any]]]:
    """Leave, of each stream that no recorded cell made, its state before the cell that used it first.

    What follows from that state is made again by the cells themselves. A stream that a cell made follows from its seed.
    """
    made: set[str] = set()
    begun: set[str] = set()
    first = []
    for cell, before in zip(cells, states, strict=True):
        first.append([state for state in before if state["stream"] not in begun | made])
        begun |= {state["stream"] for state in before}
        made |= {stream for stream in cell.rng_after if stream not in cell.rng_before} - {*GLOBAL_STREAMS}
    return first


def states_before(records: Iterable[Record], cells: Iterable[Execution]) -> list[list[dict[str, Any]]]:
    """Return, one list per cell, the `rng.state` before the cell of each stream that it used, as plain values.

    A state that a log omits because it occurred earlier is filled in.
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


def entropies_in(cells: Iterable[Execution]) -> list[list[tuple[str, str, str]]]:
    """Return, one list per cell, the numbers that unseeded generators and `uuid4` got: (source, owner, number).

    An older log does not say who asked. Then the numbers come from the states of NumPy's generators: the owner is
    `numpy.legacy`, the package of the module that keeps the generator, or an empty string. The numbers of one owner
    come in the order in which the cell's text names their variables. Other generators left no number there.
    """
    cells = list(cells)
    if any(cell.entropy for cell in cells):
        return [
            [(event.source, event.owner, number) for event in cell.entropy for number in event.numbers or ()]
            for cell in cells
        ]
    known: set[str] = set()
    return [[("numpy", owner, number) for owner, number in _entropies_of(cell, known)] for cell in cells]


def _entropies_of(cell: Execution, known: set[str]) -> Iterator[tuple[str, str]]:
    source = cell.source or ""
    packages = imported(source)
    for stream in sorted(cell.rng_after, key=lambda stream: _sort_key(stream, source)):
        entropy = cell.rng_after[stream].entropy
        event = RngState(stream=stream, bit_generator="", state_sha256="", entropy=entropy)
        if entropy is not None and entropy not in known and looks_unseeded(event, source):
            known.add(entropy)
            yield stream if stream == LEGACY else packages.get(_variable(stream), ""), entropy


def _variable(stream: str) -> str:
    """Return the variable that leads to a stream.

    >>> _variable("numpy:model.rng"), _variable("numpy:rngs[10]")
    ('model', 'rngs')
    """
    found = re.match(r"\w+", stream.partition(":")[2])
    return found[0] if found else ""


def _sort_key(stream: str, source: str) -> tuple[int, list[tuple[int, str]]]:
    """Return a key that sorts streams as a text names them, and items of a list by their number."""
    found = re.search(rf"\b{re.escape(_variable(stream))}\b", source) if _variable(stream) else None
    parts = re.findall(r"(\d+)|(\D+)", stream)
    return (found.start() if found else len(source), [(int(digits or 0), text) for digits, text in parts])
