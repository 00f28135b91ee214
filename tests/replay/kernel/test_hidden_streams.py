"""Generators that no variable leads to are found, and named after what holds them."""

from __future__ import annotations

import random
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ithtel.provenance.randomness.entropy_requests import Request
from ithtel.replay.kernel.hidden_streams import hidden_streams, is_dropped, live_entropies

if TYPE_CHECKING:
    from collections.abc import Iterator


class Holder:
    """Keeps a generator in an attribute."""

    def __init__(self) -> None:
        self.rng = random.Random(7)


@pytest.fixture
def module() -> Iterator[ModuleType]:
    """A module that keeps a generator."""
    made = ModuleType("ithtest_hidden")
    made._rng = np.random.default_rng(7)  # type: ignore[attr-defined]
    sys.modules[made.__name__] = made
    yield made
    del sys.modules[made.__name__]


def owners(namespace: dict[str, object]) -> list[str]:
    """Return the owners of hidden generators that belong to this test."""
    return [stream.name for stream in hidden_streams(namespace) if "ithtest" in stream.name or "Holder" in stream.name]


def test_a_generator_of_a_module_is_hidden(module: ModuleType) -> None:
    """Even if a variable holds the module: no seed of the notebook reaches it."""
    assert ["ithtest_hidden._rng"] == owners({})
    assert ["ithtest_hidden._rng"] == owners({"module": module})


def test_a_generator_in_a_variable_is_not_hidden(module: ModuleType) -> None:
    """Directly or one level down."""
    assert [] == owners({"rng": module._rng})
    holder = Holder()
    assert [] == [name for name in owners({"holder": holder, "rng": module._rng}) if "Holder" in name]
    assert [f"{Holder.__module__}.Holder.rng"] == [name for name in owners({}) if "Holder" in name]
    assert holder.rng is not None


def test_the_entropy_of_living_generators_is_known() -> None:
    """As long as they live."""
    generator = np.random.default_rng(2**100 + 1)
    assert 2**100 + 1 in live_entropies()
    del generator
    assert 2**100 + 1 not in live_entropies()


def test_a_generator_that_only_the_watch_holds_is_dropped() -> None:
    """One that a list holds is not."""
    request = Request("python", "owner", 256, generator=random.Random(1))
    assert is_dropped(request.generator)
    kept = [request.generator]
    assert not is_dropped(kept[0])
