"""`seed`, `spawn`, `restore`: seed and restore random streams, and record it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.provenance.randomness.capture import generator_state, restore_random_state
from ithtel.provenance.randomness.entropy import watch
from ithtel.provenance.randomness.seed import seed as seed_streams
from ithtel.provenance.randomness.seed import spawn as spawn_streams
from ithtel.reading.history.random_states import states_before
from ithtel.recording.import_hook import when_imported
from ithtel.recording.recorded import emit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np

    from ithtel.provenance.randomness.capture import Restored
    from ithtel.provenance.randomness.seed import SeededStreams, SpawnedStreams
    from ithtel.reading.lines.record import Record


def seed(value: object, *, unseeded: bool = False) -> SeededStreams:
    """Seed every random stream of this process, and record it if a session is running.

    Args:
        value: An integer of at least 0. From 2³² on it reaches only the streams that can take it; the result says so.
        unseeded: Whether generators of Python and NumPy that are made without a seed from here on, for instance within
            a library, also descend from it. Processes that are forked later get fresh ones.

    Returns:
        The NumPy Generator of that seed, and the streams that were reached.

    Raises:
        InputError: The value is not such an integer.

    >>> seed(42).event.seed
    42
    """
    seeded = seed_streams(value, is_for_unseeded=unseeded)
    if unseeded:
        watch.derive(seeded.event.seed, when_imported)
    emit(seeded.event)
    return seeded


def spawn(n: int, seed: int | np.random.Generator | None = None) -> SpawnedStreams:
    """Make `n` independent generators for workers, and record them if a session is running.

    Each is recorded as the `rng.state` of a stream `numpy:spawn[k]`, from whose entropy and key it can be made again.

    Args:
        n: The number of generators, at least 1.
        seed: A seed, a generator to descend from, or None for fresh entropy.

    Returns:
        `.generators`, the `.entropy` as text, and the `.keys` of SeedSequence.

    Raises:
        InputError: `n` or `seed` is not usable, or the generator has no SeedSequence.

    >>> one, two = spawn(2, seed=42).generators
    >>> one.random() == two.random()
    False
    """
    spawned = spawn_streams(n, seed)
    for place, generator in enumerate(spawned.generators):
        emit(generator_state(f"spawn[{place}]", generator))
    return spawned


def restore(log: Iterable[Record], execution: int, namespace: Mapping[str, object]) -> Restored:
    """Restore every random stream to its recorded state before an execution.

    Args:
        log: The records of one session.
        execution: The number in brackets.
        namespace: The variables that hold the generators.

    Raises:
        InputError: There is no such execution. Then no stream has changed.
    """
    return restore_random_state(states_before(log, execution), namespace)
