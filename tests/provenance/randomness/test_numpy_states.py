"""States of NumPy's generators, whatever they were seeded with, also of bit generators and SeedSequences alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from numpy.random import MT19937, PCG64, Generator, Philox, RandomState, SeedSequence, default_rng

from ithtel.provenance.randomness.capture import capture_random_state, restore_random_state
from ithtel.provenance.randomness.numpy_states import MAX_WORDS, numpy_raw, plain_entropy
from ithtel.provenance.randomness.state_json import UnreadableStateError

if TYPE_CHECKING:
    from collections.abc import Callable

ENTROPIES: dict[str, Any] = {
    "int": 7, "int64": np.int64(7), "uint64": np.uint64(2**63), "uint8": np.uint8(7), "array": np.arange(3),
    "uint32 array": np.arange(3, dtype=np.uint32), "2-d": np.array([[1, 2], [3, 4]]), "nested": [[1], (2, [3])],
    "strings": ["0x10", "12"], "range": range(3), "mixed": (np.int64(1), [2**70, 3]), "bool": True, "nothing": [],
}  # fmt: skip


@pytest.mark.parametrize("entropy", ENTROPIES.values(), ids=ENTROPIES.keys())
def test_any_entropy_of_numpy_is_restored(entropy: Any) -> None:
    """The state survives JSON, gives the same numbers, and the plain entropy gives the same generator."""
    rng = default_rng(entropy)
    captured = msgspec.json.decode(msgspec.json.encode(capture_random_state({"rng": rng}).events))
    expected = rng.random(), rng.spawn(1)[0].random()
    other = default_rng(1)
    restore_random_state(captured, {"rng": other})
    assert expected == (other.random(), other.spawn(1)[0].random())
    assert expected[0] == default_rng(plain_entropy(entropy)).random()


def test_what_numpy_does_not_accept_is_unreadable() -> None:
    """So is a seed of very many numbers."""
    with pytest.raises(UnreadableStateError, match="more than"):
        plain_entropy(np.zeros(MAX_WORDS + 1, dtype=np.uint32))


@pytest.mark.parametrize(
    ("make", "draw"),
    [
        pytest.param(lambda: RandomState(MT19937(np.int64(3))), lambda rng: rng.rand(), id="RandomState"),
        pytest.param(lambda: PCG64(np.int64(3)), lambda bits: bits.random_raw(), id="bit generator"),
        pytest.param(lambda: Generator(Philox(key=np.uint64(3))), lambda rng: rng.random(), id="without a seed"),
        pytest.param(lambda: SeedSequence([1, [2]]), lambda seeds: seeds.spawn(1)[0].spawn_key, id="SeedSequence"),
        pytest.param(lambda: SeedSequence(1).spawn(2)[1], lambda seeds: seeds.spawn(1)[0].spawn_key, id="child"),
    ],
)
def test_each_kind_in_a_variable_is_a_stream(make: Callable[[], Any], draw: Callable[[Any], object]) -> None:
    """It is restored in place."""
    space = {"it": make()}
    captured = capture_random_state(space)
    assert "numpy:it" in captured.names
    expected = draw(space["it"])
    assert restore_random_state(captured, space).missing == {}
    assert expected == draw(space["it"])


def test_a_generator_keeps_the_seed_sequence_of_a_variable() -> None:
    """Restoring does not part them: a spawn from one still moves the other."""
    seeds = SeedSequence(5)
    space: dict[str, Any] = {"seeds": seeds, "rng": default_rng(seeds)}
    captured = capture_random_state(space)
    space["rng"].spawn(2)
    restore_random_state(captured, space)
    assert seeds.n_children_spawned == 0
    assert space["rng"].bit_generator.seed_seq is seeds


def test_a_bit_generator_is_named_by_its_generator() -> None:
    """They draw from the same stream."""
    bits = PCG64(1)
    names = capture_random_state({"bits": bits, "rng": Generator(bits)}).names
    assert "numpy:rng" in names
    assert "numpy:bits" not in names


def test_the_state_of_a_bit_generator_compares() -> None:
    """It is equal until it is drawn from."""
    bits = PCG64(1)
    before = numpy_raw(bits)
    assert before == numpy_raw(bits)
    bits.random_raw()
    assert before != numpy_raw(bits)
