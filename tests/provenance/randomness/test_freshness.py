"""Whether a generator is still in its seeded state, judging by that state alone."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.randomness.freshness import is_fresh, shown_seed
from ithtel.provenance.randomness.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Callable


def raw(generator: object) -> Any:
    """Return the raw state of a generator."""
    return Stream(name="numpy:x", target=generator).raw()


@pytest.mark.parametrize(
    "use",
    [
        pytest.param((lambda: random.Random(7), lambda rng: rng.random()), id="python"),
        pytest.param((lambda: np.random.default_rng(7), lambda rng: rng.random()), id="generator"),
        pytest.param((lambda: np.random.default_rng(7), lambda rng: rng.spawn(1)), id="spawned"),
        pytest.param((lambda: np.random.RandomState(7), lambda rng: rng.random_sample()), id="legacy"),
        pytest.param((lambda: np.random.RandomState(7), lambda rng: rng.seed(8) or rng.normal()), id="gauss"),
    ],
)
def test_a_used_generator_is_not_fresh(use: tuple[Callable[[], Any], Callable[[Any], object]]) -> None:
    """A new one is."""
    make, draw = use
    generator = make()
    assert is_fresh(generator, raw(generator))
    draw(generator)
    assert not is_fresh(generator, raw(generator))


@given(st.integers(0, 2**32 - 1))
def test_a_fresh_legacy_generator_shows_its_seed(seed: int) -> None:
    """Until the first number is drawn."""
    generator = np.random.RandomState(seed)
    assert seed == shown_seed(raw(generator))
    generator.random_sample()
    assert shown_seed(raw(generator)) is None
