"""`is_fresh`, `shown_seed`: whether a generator is still in its seeded state, and which seed that shows."""

from __future__ import annotations

import struct
from typing import Any

from ithtel.provenance.randomness.numpy_states import bit_generator_of, is_seed_sequence, numpy_raw
from ithtel.provenance.randomness.python_states import OwnState

_N_WORDS = 624
_SEEDED_BY_ARRAY = 0x80000000


def is_fresh(target: Any, raw: Any) -> bool:  # noqa: ANN401 - each kind of generator has its own form
    """Return whether nothing was drawn or spawned from a generator since it was seeded.

    A class with its own state does not show it: its state says where it is, not where it began.
    """
    if isinstance(raw, OwnState):
        return True
    if isinstance(raw, tuple):
        _, words, gauss_next = raw
        return words[-1] == _N_WORDS and words[0] == _SEEDED_BY_ARRAY and gauss_next is None
    sequence = raw.get("seed_sequence")
    if sequence is None:
        return _is_fresh_mt19937(raw)
    if sequence["n_children_spawned"] or raw.get("has_gauss"):
        return False
    return is_seed_sequence(target) or _is_where_it_began(target, raw, sequence)


def _is_where_it_began(target: Any, raw: dict[str, Any], sequence: dict[str, Any]) -> bool:  # noqa: ANN401
    """Return whether a generator is in the state that its SeedSequence gives."""
    bit_generator = bit_generator_of(target)
    kind = type(bit_generator.seed_seq)
    try:
        start = kind(sequence["entropy"], spawn_key=sequence["spawn_key"], pool_size=sequence["pool_size"])
        fresh = numpy_raw(type(bit_generator)(start))
    except Exception:  # noqa: BLE001 - a third-party class may be made in another way
        return False
    return bool(fresh.keys() <= raw.keys() and all(raw[key] == fresh[key] for key in fresh.keys() - {"generator"}))


def shown_seed(raw: dict[str, Any]) -> int | None:
    """Return the seed of an MT19937 from which nothing was drawn yet: the first word of its state.

    The next follow from it by the recurrence of `init_genrand` (Matsumoto and Nishimura, mt19937ar.c, 2002).
    """
    if not _is_at_start(raw):
        return None
    words = struct.unpack("<8I", raw["state"]["key"][1][:32])
    for i in range(1, len(words)):
        if words[i] != (1812433253 * (words[i - 1] ^ (words[i - 1] >> 30)) + i) & 0xFFFFFFFF:
            return None
    return int(words[0])


def _is_fresh_mt19937(raw: dict[str, Any]) -> bool:
    if not _is_at_start(raw):
        return False
    first = int.from_bytes(raw["state"]["key"][1][:4], "little")
    return first == _SEEDED_BY_ARRAY or shown_seed(raw) is not None


def _is_at_start(raw: dict[str, Any]) -> bool:
    if raw.get("bit_generator") != "MT19937" or raw.get("has_gauss", 0):
        return False
    return bool(raw["state"]["pos"] == _N_WORDS)
