"""A class derived from `random.Random` may keep any state; what cannot be recorded costs no other stream its record."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from ithtel.provenance.randomness.capture import capture_random_state, restore_random_state
from ithtel.provenance.randomness.python_states import unpacked


class Own(random.Random):
    """Keeps whatever it is given as its state."""

    kept: Any = None

    def getstate(self) -> Any:
        """Return the state."""
        return self.kept

    def setstate(self, state: Any) -> None:
        """Set the state."""
        self.kept = state


class Counter(random.Random):
    """Draws its own numbers, with an attribute as its only state."""

    def __init__(self, start: int) -> None:
        self.n = start

    def random(self) -> float:
        """Return the next number."""
        self.n += 1
        return self.n / 1000


class Failing(random.Random):
    """Does not give its state."""

    def getstate(self) -> Any:
        """Fail."""
        raise RuntimeError


STATES = [5, {"k": 1}, "x", (1, 2), (2, "abc", None), (3, (1, 2), None), None, b"x", [1, {2}], -2.5, np.int64(3)]


@pytest.mark.parametrize("state", STATES, ids=repr)
def test_any_plain_state_is_restored(state: Any) -> None:
    """It comes back equal and of the same type, through JSON."""
    own = Own(1)
    own.kept = state
    captured = dict(capture_random_state({"own": own}))
    own.kept = "another"
    restore_random_state(captured, {"own": own})
    assert (type(state), state) == (type(own.kept), own.kept)


@pytest.mark.parametrize("odd", [object(), lambda: 1, list(range(10_000))], ids=["object", "function", "long"])
def test_an_odd_generator_costs_only_its_own_record(odd: Any) -> None:
    """The reason is known, and the others are recorded."""
    own = Own(1)
    own.kept = odd
    captured = capture_random_state({"own": own, "failing": Failing(1), "rng": np.random.default_rng(1)})
    assert {"python:own", "python:failing"} == set(captured.unread)
    assert "numpy:rng" in [event.stream for event in captured.events]
    assert "could not read python:own" in repr(captured)


def test_system_random_has_no_state() -> None:
    """This is reported."""
    assert {"python:it": "a SystemRandom has no state"} == capture_random_state({"it": random.SystemRandom()}).unread


def test_attributes_are_the_state_of_a_class_that_draws_by_itself() -> None:
    """Python's own `getstate` does not know of them."""
    counter = Counter(3)
    captured = capture_random_state({"counter": counter})
    expected = [counter.random(), counter.random()]
    restore_random_state(captured, {"counter": counter})
    assert expected == [counter.random(), counter.random()]


def test_a_generator_that_became_unreadable_is_missing() -> None:
    """The others are restored."""
    own = Own(1)
    space = {"own": own, "rng": np.random.default_rng(1)}
    captured = capture_random_state(space)
    own.kept = object()
    restored = restore_random_state(captured, space)
    assert "cannot be read" in restored.missing["python:own"]
    assert "numpy:rng" in restored.streams


def test_a_subclass_without_a_state_of_its_own_is_as_python_has_it() -> None:
    """Its record is that of `random.Random`."""
    plain = type("Named", (random.Random,), {})(7)
    captured = capture_random_state({"plain": plain})
    assert (
        captured.event("python:plain").state_sha256
        == capture_random_state({"plain": random.Random(7)}).event("python:plain").state_sha256
    )


def test_packed_values_say_what_they_are() -> None:
    """JSON alone does not tell a list from a tuple."""
    assert {1: (2.5, frozenset({"x"}))} == unpacked(
        {"dict": [[{"int": "1"}, {"tuple": [{"float": (2.5).hex()}, {"frozenset": ["x"]}]}]]}
    )
