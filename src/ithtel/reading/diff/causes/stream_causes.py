"""`stream_cause`, `is_moved`, `unseeded_owners`: why random numbers differ, from the states that the record holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.events import RngState
from ithtel.provenance.cell_text.seeds_and_imports import GLOBAL_STREAMS, sets_seed
from ithtel.provenance.randomness.capture import looks_unseeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.reading.diff.verdict import Cause
    from ithtel.reading.history.values import Execution, StreamState

_LEGACY = "numpy.legacy"
"""As an owner of random bits: NumPy's global stream got its first seed, because the cell was the first to use it."""


def is_moved(execution: Execution, stream: str) -> bool:
    """Return whether a cell drew from a stream or seeded it; one that merely appeared did not move."""
    if stream in execution.rng_used:
        return True
    before, after = execution.rng_before.get(stream), execution.rng_after.get(stream)
    return before is not None and after is not None and before.sha256 != after.sha256


def seeds(execution: Execution, stream: str) -> bool:
    """Return whether a cell seeds a global stream: by its text, by `%seed`, or as the states of the stream show."""
    if stream not in GLOBAL_STREAMS:
        return False
    if execution.seeds or sets_seed(execution.source or "", stream):
        return True
    return _shows_seed(execution, stream)


def _shows_seed(execution: Execution, stream: str) -> bool:
    """Return whether NumPy's global stream lost the entropy of the system in a cell: only a seed takes it away."""
    after, before = execution.rng_after.get(stream), execution.rng_before.get(stream)
    if stream != _LEGACY or after is None or after.entropy is not None:
        return False
    asked = any(each.owner == _LEGACY for each in execution.entropy)
    return asked or (before is not None and is_drawn(before))


def is_drawn(state: StreamState, source: str = "") -> bool:
    """Return whether the operating system supplied the entropy of a generator, as it does for unseeded ones."""
    return looks_unseeded(RngState(stream="", bit_generator="", state_sha256="", entropy=state.entropy), source)


def stream_cause(
    a: Execution, b: Execution, stream: str, *, was_seeded: bool, edit: Cause | None, has_clock: bool
) -> Cause:
    """Return why the state of a random stream differs although no earlier cell changed it.

    A generator that was seeded is never called unseeded.

    Args:
        a: The cell in the first session.
        b: The cell in the second session.
        stream: The name of the stream.
        was_seeded: Whether an earlier cell seeded it, if it is a global stream.
        edit: The cause of a difference between the texts of the cells, if they differ.
        has_clock: Whether the code reads a clock, from which a seed may be made.
    """
    states = [states[stream] for each in (a, b) for states in (each.rng_before, each.rng_after) if stream in states]
    if any(is_drawn(state, each.source or "") for state in states for each in (a, b)):
        return "unseeded_rng"
    if stream in GLOBAL_STREAMS:
        return "hidden_state" if was_seeded else "unseeded_rng"
    if edit is not None:
        return edit
    entropies = {state.entropy for state in states if state.entropy is not None}
    is_new = stream not in a.rng_before and stream not in b.rng_before
    if is_new and has_clock:
        return "clock_or_hash_order"
    # with the same seed, something outside the recorded cells drew from it
    return "unseeded_rng" if not entropies else "hidden_state" if len(entropies) == 1 else "seed_changed"


_MADE = {
    "numpy": "a generator of NumPy without a seed",
    "python": "a generator of Python without a seed",
    "uuid": "a random UUID",
}


def unseeded_owners(a: Execution, b: Execution, *, of_libraries: bool = False) -> dict[str, str]:
    """Return who got different random bits for a generator that no variable keeps: owner → evidence.

    The UUIDs of modules count only if asked for: libraries name threads, files and parts of pages by them.
    """
    found: dict[str, str] = {}
    for each, other in ((b, a), (a, b)):
        kept = {state.entropy for state in each.rng_after.values()}
        for request in each.entropy:
            is_known = set(request.numbers or ()) <= kept
            is_other = request.source == "uuid" and not of_libraries and "." in request.owner
            if request.owner == _LEGACY or request.source == "os" or request.is_import or is_known or is_other:
                continue
            if request.numbers is None or request.numbers != _numbers(other, request.owner, request.source):
                found.setdefault(request.owner, f"{request.owner} made {_MADE[request.source]}")
    return found


def system_bits(executions: Sequence[Execution]) -> dict[str, str]:
    """Return who took random bits from the operating system, which nothing can repeat: owner → evidence."""
    requests = [
        request for each in executions for request in each.entropy if request.source == "os" and not request.is_import
    ]
    return {each.owner: f"{each.owner} took {each.n_bits} random bits of the operating system" for each in requests}


def repeats(a: Execution, b: Execution, owner: str) -> bool:
    """Return whether both sessions know that an owner of generators got the same seeds."""
    ours, theirs = (
        [(each.source, each.numbers) for each in side.entropy if each.owner == owner and each.source != "os"]
        for side in (a, b)
    )
    return bool(ours) and ours == theirs


def _numbers(execution: Execution, owner: str, source: str) -> list[str] | None:
    return next((each.numbers for each in execution.entropy if (each.owner, each.source) == (owner, source)), None)
