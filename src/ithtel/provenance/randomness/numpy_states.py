"""`numpy_raw`, `put_numpy`: the state of a NumPy generator, bit generator or SeedSequence, and how to set it."""

from __future__ import annotations

import operator
import sys
from typing import TYPE_CHECKING, Any

from ithtel.provenance.randomness.state_json import UnreadableStateError, decode, freeze

if TYPE_CHECKING:
    from ithtel.events import Json

SEED_SEQUENCE, BIT_GENERATOR = "SeedSequence", "BitGenerator"
"""What the field `generator` of a state says of one that is in a variable by itself."""
MAX_WORDS = 4096
"""A seed of more numbers than this is not recorded."""
_SEQUENCES = (list, tuple, range)


def bit_generator_of(target: Any) -> Any:  # noqa: ANN401
    """Return the bit generator of a Generator or a RandomState; one that stands by itself is its own."""
    if is_bare(target):
        return target
    return target._bit_generator if hasattr(target, "_bit_generator") else target.bit_generator  # noqa: SLF001


def is_bare(target: object) -> bool:
    """Return whether an object is a bit generator or a SeedSequence, rather than a generator that draws from one."""
    return hasattr(type(target), "random_raw") or is_seed_sequence(target)


def is_seed_sequence(target: object) -> bool:
    """Return whether an object is a SeedSequence."""
    return hasattr(type(target), "generate_state") and hasattr(type(target), "n_children_spawned")


def numpy_raw(target: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the state of a NumPy generator in a form that compares with `==`.

    Raises:
        UnreadableStateError: It has parts that cannot be recorded.
    """
    if is_seed_sequence(target):
        words = _sequence_raw(target)
        return {"bit_generator": SEED_SEQUENCE, "generator": SEED_SEQUENCE, "seed_sequence": words}
    bit_generator = bit_generator_of(target)
    legacy = hasattr(target, "get_state")
    raw: Any = freeze(target.get_state(legacy=False) if legacy else bit_generator.state)
    if not isinstance(raw, dict):
        raise UnreadableStateError(f"the state of {type(bit_generator).__name__} is not a dict")
    raw["generator"] = "RandomState" if legacy else BIT_GENERATOR if target is bit_generator else "Generator"
    sequence: Any = getattr(bit_generator, "seed_seq", None)
    if sequence is not None and is_seed_sequence(sequence):
        raw["seed_sequence"] = _sequence_raw(sequence)
    return raw


def put_numpy(target: Any, state: Json) -> None:  # noqa: ANN401
    """Set a NumPy generator, bit generator or SeedSequence to a state, in place."""
    decoded = decode(state)
    sequence = decoded.pop("seed_sequence", None)
    decoded.pop("generator", None)
    if is_seed_sequence(target):
        _put_sequence(target, sequence)
        return
    if hasattr(target, "set_state"):
        target.set_state(decoded)
    else:
        bit_generator_of(target).state = decoded
    bit_generator = bit_generator_of(target)
    if sequence is not None and hasattr(bit_generator, "seed_seq"):
        _put_sequence_of(bit_generator, sequence)


def _put_sequence_of(bit_generator: Any, sequence: dict[str, Any]) -> None:  # noqa: ANN401
    """Set where the next `spawn` continues, which `state` does not include.

    Its SeedSequence may be in a variable, too: it is changed in place if it is the recorded one.
    """
    present = bit_generator.seed_seq
    if is_seed_sequence(present) and _is_same_sequence(_sequence_raw(present), sequence):
        _put_sequence(present, sequence)
    else:  # pickling restores both parts, and so does this
        bit_generator.__setstate__((bit_generator.state, _new_sequence(sequence)))


def _put_sequence(present: Any, sequence: dict[str, Any]) -> None:  # noqa: ANN401
    """Set a SeedSequence; its attributes are read-only, but pickling can set them."""
    if _sequence_raw(present) != sequence:
        present.__setstate__(_new_sequence(sequence).__reduce__()[2])


def _new_sequence(sequence: dict[str, Any]) -> Any:  # noqa: ANN401
    return sys.modules["numpy"].random.SeedSequence(**sequence)


def _is_same_sequence(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("entropy", "spawn_key", "pool_size"))


def _sequence_raw(sequence: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "entropy": plain_entropy(sequence.entropy),
        "spawn_key": [int(key) for key in sequence.spawn_key],
        "pool_size": int(sequence.pool_size),
        "n_children_spawned": int(sequence.n_children_spawned),
    }


def plain_entropy(entropy: Any) -> int | list[int] | None:  # noqa: ANN401
    """Return the entropy of a SeedSequence, in any form that NumPy accepts, as a number or a flat list of numbers.

    NumPy joins the numbers of nested sequences, so that the flat list gives the same generator.

    Raises:
        UnreadableStateError: It is not made of integers, or of too many.

    >>> plain_entropy([[1], ("0x10", range(2))])
    [1, 16, 0, 1]
    """
    if entropy is None or type(entropy) is int:
        return entropy
    if hasattr(type(entropy), "__index__") and not getattr(entropy, "shape", ()):
        return operator.index(entropy)
    words: list[int] = []
    _add_words(entropy, words)
    return words


def _add_words(entropy: Any, words: list[int]) -> None:  # noqa: ANN401
    if len(words) > MAX_WORDS:
        raise UnreadableStateError(f"its seed has more than {MAX_WORDS} numbers")
    if isinstance(entropy, str):
        words.append(int(entropy, 16 if entropy.startswith("0x") else 10))
    elif hasattr(type(entropy), "tolist") and hasattr(entropy, "dtype"):
        if getattr(entropy, "size", 1) > MAX_WORDS:
            raise UnreadableStateError(f"its seed has more than {MAX_WORDS} numbers")
        found = entropy.tolist()
        _add_words(found, words)
    elif isinstance(entropy, _SEQUENCES) or hasattr(type(entropy), "__iter__"):
        for each in entropy:
            _add_words(each, words)
    else:
        words.append(operator.index(entropy))
