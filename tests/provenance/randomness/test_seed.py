"""Seeds reach every stream they can, and name those they cannot."""

# ruff: noqa: NPY002 - the generators that these rules warn of are what is tested here

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.errors import InputError
from ithtel.provenance.randomness.capture import capture_random_state, restore_random_state
from ithtel.provenance.randomness.seed import seed, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _streams_stay() -> Iterator[None]:
    before = capture_random_state()
    yield
    restore_random_state(before)


def test_generator() -> None:
    """The generator is the one that NumPy makes of the same seed."""
    assert np.random.default_rng(7).random() == seed(7).generator.random()


def test_python() -> None:
    """Python's own generator is seeded."""
    seed(7)
    assert random.Random(7).random() == random.random()


def test_legacy() -> None:
    """NumPy's legacy generator is seeded."""
    seed(7)
    assert np.random.RandomState(7).random() == np.random.random()


def test_components() -> None:
    """The event names the streams that were reached."""
    assert seed(7).event.components == ["python", "numpy.legacy", "numpy:default_rng"]


def test_digests() -> None:
    """The event's digests are those of the states just after."""
    event = seed(7).event
    captured = capture_random_state()
    assert event.state_sha256["python"] == captured.event("python").state_sha256
    assert event.state_sha256["numpy.legacy"] == captured.event("numpy.legacy").state_sha256


@pytest.mark.parametrize("large", [2**32, 2**64, 2**200])
def test_large(large: int) -> None:
    """A seed that the legacy generator cannot take reaches the others, and a note says so."""
    result = seed(large)
    assert result.event.components == ["python", "numpy:default_rng"]
    assert "below 2**32" in result.notes[0]


def test_large_keeps_legacy() -> None:
    """A seed that the legacy generator cannot take leaves it where it was."""
    before = capture_random_state()["numpy_state_hash"]
    seed(2**32)
    assert before == capture_random_state()["numpy_state_hash"]


@pytest.mark.parametrize("bad", [-1, True, 1.0, "42", None, np.bool_(True), np.array([1, 2]), np.float64(3)])  # noqa: FBT003
def test_bad(bad: object) -> None:
    """What is not an integer of 0 or more is refused, with what is allowed."""
    with pytest.raises(InputError, match=r"^a seed must be an integer of at least 0, got "):
        seed(bad)


def test_bad_moves_nothing() -> None:
    """A refused seed leaves every stream where it was."""
    before = capture_random_state()
    with pytest.raises(InputError):
        seed(-1)
    assert before == capture_random_state()


@given(st.integers(0, 2**63 - 1))
def test_numpy_integers(n: int) -> None:
    """A NumPy integer is the same seed as Python's."""
    assert seed(n).event == seed(np.int64(n)).event


class Torch:
    """A stand-in with torch's names."""

    def __init__(self) -> None:
        """Start unseeded."""
        self.seeded: int | None = None

    def manual_seed(self, n: int) -> None:
        """Take the seed."""
        self.seeded = n

    def get_rng_state(self) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        """Return bytes that depend on the seed."""
        return np.frombuffer(str(self.seeded).encode(), dtype=np.uint8)


def test_torch() -> None:
    """Torch is seeded where it is loaded."""
    torch = Torch()
    assert "torch" in seed(7, modules={"torch": torch}).event.components
    assert torch.seeded == 7


def test_torch_limit() -> None:
    """A seed that torch cannot take leaves it alone, and a note says so."""
    torch = Torch()
    notes = seed(2**64, modules={"torch": torch}).notes
    assert torch.seeded is None
    assert "below 2**64" in notes[1]


def test_spawn_repeats() -> None:
    """The same seed gives the same children."""
    first, second = spawn(3, seed=42), spawn(3, seed=42)
    assert [g.random() for g in first.generators] == [g.random() for g in second.generators]


def test_spawn_from_record() -> None:
    """Entropy and key make a child again."""
    spawned = spawn(2)
    assert repr(spawned) == "2 independent generators of fresh entropy: .generators, .entropy, .keys"
    assert repr(spawn(3, seed=42)) == "3 independent generators of entropy 42: .generators, .entropy, .keys"
    again = np.random.default_rng(np.random.SeedSequence(int(spawned.entropy), spawn_key=spawned.keys[1]))
    assert again.random() == spawned.generators[1].random()


def test_spawn_from_generator() -> None:
    """From a generator each call gives new children."""
    parent = np.random.default_rng(5)
    assert spawn(2, seed=parent).keys == [[0], [1]]
    assert spawn(2, seed=parent).keys == [[2], [3]]


def test_spawn_kind() -> None:
    """Children have the bit generator of their parent."""
    parent = np.random.Generator(np.random.Philox(5))
    assert isinstance(spawn(1, seed=parent).generators[0].bit_generator, np.random.Philox)


@pytest.mark.parametrize("bad", [0, -1, True, 1.5, "2"])
def test_spawn_bad(bad: object) -> None:
    """A number of children below 1, or no number, is refused."""
    with pytest.raises(InputError, match=r"^n must be an integer of at least 1, got "):
        spawn(bad)
