"""`seed`, `spawn`: seed every random stream at once, and make independent generators for workers."""

from __future__ import annotations

import operator
import random
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ithtel.errors import InputError
from ithtel.events import SeedSet
from ithtel.provenance.randomness.capture import generator_state, looks_unseeded
from ithtel.provenance.randomness.streams import LEGACY, PYTHON, TORCH, Stream, legacy_generator, rng_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    import numpy as np

GENERATOR = "numpy:default_rng"
"""The stream of the returned generator, until a variable holds it."""
_LEGACY_LIMIT = 2**32
_TORCH_LIMIT = 2**64


@dataclass(frozen=True, kw_only=True)
class SeededStreams:
    """The result of `seed`: the new generator, the event, and a note for each stream that the seed did not reach."""

    generator: np.random.Generator
    event: SeedSet
    notes: list[str]


@dataclass(frozen=True, kw_only=True, repr=False)
class SpawnedStreams:
    """Independent generators, with the entropy and the key of each from which they can be made again."""

    generators: list[np.random.Generator]
    entropy: str
    keys: list[list[int]]
    is_seeded: bool = True
    """Whether the entropy was given rather than taken from the operating system."""

    def __repr__(self) -> str:
        entropy = f"entropy {self.entropy}" if self.is_seeded else "fresh entropy"
        what = "independent generator" + "s" * (len(self.generators) != 1)
        return f"{len(self.generators)} {what} of {entropy}: .generators, .entropy, .keys"


def seed(n: object, *, modules: Mapping[str, ModuleType] | None = None, is_for_unseeded: bool = False) -> SeededStreams:
    """Seed Python's `random`, NumPy's legacy generator and torch (if imported), and make `default_rng(n)`.

    Code compiled by numba has a generator of its own, which is not reached: call `numpy.random.seed` inside a compiled
    function to seed it.

    Args:
        n: The seed, at least 0. A seed of 2**32 or more does not reach NumPy's legacy generator, one of 2**64 or more
            does not reach torch; `notes` says so.
        modules: The loaded modules, among which torch is searched; `sys.modules` unless given.
        is_for_unseeded: Whether the event says that generators which get no seed descend from this one.

    Raises:
        InputError: `n` is not an integer of at least 0.

    >>> seed(42).event.components
    ['python', 'numpy.legacy', 'numpy:default_rng']
    """
    import numpy as np

    n = _checked(n)
    loaded = sys.modules if modules is None else modules
    notes = []
    random.seed(n)
    streams = [Stream(name=PYTHON, target=random)]
    if n < _LEGACY_LIMIT:
        np.random.seed(n)  # noqa: NPY002 - that generator is to be seeded
        streams.append(Stream(name=LEGACY, target=legacy_generator(sys.modules)))
    else:
        notes.append(f"numpy.legacy was not seeded: it takes seeds below 2**32, got {n}")
    torch: Any = loaded.get("torch")
    if hasattr(torch, "manual_seed"):
        if n < _TORCH_LIMIT:
            torch.manual_seed(n)
            streams.append(Stream(name=TORCH, target=torch))
        else:
            notes.append(f"torch was not seeded: it takes seeds below 2**64, got {n}")
    generator = np.random.default_rng(n)
    streams.append(Stream(name=GENERATOR, target=generator))
    digests = {stream.name: rng_state(stream.name, stream.raw()).state_sha256 for stream in streams}
    return SeededStreams(
        generator=generator,
        event=SeedSet(seed=n, components=list(digests), state_sha256=digests, is_for_unseeded=is_for_unseeded),
        notes=notes,
    )


def spawn(n: int, seed: int | np.random.Generator | None = None) -> SpawnedStreams:
    """Make `n` generators for workers that are independent of each other and of their parent.

    By NumPy's SeedSequence, child k has the parent's entropy and the parent's key with k appended. From a seed the
    children are the same in each call; from a generator each call gives new ones, and counts as a use of it.

    Args:
        n: The number of generators, at least 1.
        seed: A seed, a generator to descend from, or None for fresh entropy (which is returned).

    Raises:
        InputError: `n` or `seed` is not usable, or the generator has no SeedSequence.

    >>> spawned = spawn(2, seed=42)
    >>> spawned.entropy, spawned.keys
    ('42', [[0], [1]])
    """
    import numpy as np

    if isinstance(n, bool) or not hasattr(n, "__index__") or operator.index(n) < 1:
        raise InputError(f"n must be an integer of at least 1, got {n!r}")
    if isinstance(seed, np.random.Generator):
        parent = seed
    else:
        parent = np.random.default_rng(None if seed is None else _checked(seed))
    try:
        children = parent.spawn(operator.index(n))
    except TypeError as error:
        raise InputError(f"cannot spawn from a generator that was not made from a SeedSequence ({error})") from error
    states = [generator_state("child", child).state or {} for child in children]
    return SpawnedStreams(
        generators=list(children),
        entropy=generator_state("parent", parent).entropy or "",
        keys=[[int(key) for key in state["seed_sequence"]["spawn_key"]] for state in states],
        is_seeded=seed is not None and not looks_unseeded(generator_state("parent", parent)),
    )


def _checked(n: object) -> int:
    if isinstance(n, bool) or type(n).__name__ == "bool" or not hasattr(n, "__index__"):
        raise InputError(f"a seed must be an integer of at least 0, got {n!r}")
    try:
        value = operator.index(n)
    except TypeError as error:  # an array of several elements has __index__, which raises
        raise InputError(f"a seed must be an integer of at least 0, got {n!r}") from error
    if value < 0:
        raise InputError(f"a seed must be an integer of at least 0, got {value}")
    return value
