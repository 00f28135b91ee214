"""`compare_streams`: how the states of random streams differ between two runs of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.provenance.cell_text.seeds_and_imports import imported
from ithtel.reading.diff.causes.stream_causes import is_moved, seeds
from ithtel.reading.diff.verdict import Departure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.history.values import Execution, StreamState


def compare_streams(a: Execution, b: Execution, *, is_relevant: bool) -> Iterator[Departure]:
    """Compare random states. The state before a cell counts only if it matters, since a seed makes it irrelevant.

    It matters if a result differs, or if a result was not recorded.
    """
    for stream in (name for name in a.rng_after if name in b.rng_after):
        after = _state(a.rng_after, stream) != _state(b.rng_after, stream)
        is_known = stream in a.rng_before and stream in b.rng_before
        before = is_known and _state(a.rng_before, stream) != _state(b.rng_before, stream)
        is_seeded = seeds(a, stream) and seeds(b, stream)
        is_idle = not (is_moved(a, stream) or is_moved(b, stream))
        if is_idle and not is_seeded and not is_known and _is_found(stream, a):
            continue  # it merely appeared: with the module that the cell imported, or inside of an object
        if ":" not in stream and not is_relevant and not is_seeded and (before or not is_known):
            continue  # an unseeded global stream without any effect
        if after or (before and is_relevant and not is_seeded):
            where = "before and after" if before and after else "before" if before else "after"
            yield Departure(kind="rng", name=stream, detail=f"the state differs {where} the cell")


def _is_found(stream: str, cell: Execution) -> bool:
    """Return whether a stream exists independently of the names that a cell bound: a module or an object holds it."""
    place = stream.partition(":")[2]
    if ":" not in stream or "._" in place:
        return True
    name = stream.partition(":")[2].partition(".")[0]
    return name in imported(cell.source or "") or name in {module.partition(".")[0] for module in cell.modules}


def _state(states: dict[str, StreamState], stream: str) -> str:
    return states[stream].sha256
