"""Calls get their recorded numbers, or children of one seed if they run more than once."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from ithtel.replay.seeding.call_sites import unseeded_calls
from ithtel.replay.seeding.edits import edited, seeded_calls


def seeded(source: str, numbers: list[int]) -> str:
    return edited(source, seeded_calls(3, source, unseeded_calls(source), numbers, 7))


@pytest.mark.parametrize(
    ("source", "numbers", "expected"),
    [
        ("rng = np.random.default_rng()", [5], "rng = np.random.default_rng(5)"),
        ("a, b = Random(), Random(None)", [5, 6], "a, b = Random(5), Random(6)"),
        ("r = np.random.RandomState()", [5], "r = np.random.RandomState(np.random.MT19937(5))"),
        ("r = RandomState()", [2**32 + 5], "r = RandomState(5)"),
        ("np.random.seed()", [2**32 + 5], "np.random.seed(5)"),
    ],
)
def test_calls_that_run_once_get_their_numbers(source: str, numbers: list[int], expected: str) -> None:
    """In the order of the text; nothing else changes."""
    assert expected == seeded(source, numbers)


@pytest.mark.parametrize(
    "source",
    [
        "z = 1\nx = [np.random.default_rng().random() for _ in range(3)]",
        "x = [np.random.RandomState().rand() for _ in range(3)]",
        "def f():\n    return random.Random().random()\nx = [f(), f(), f()]",
        "x = []\nfor i in range(3):\n    np.random.seed()\n    x.append(np.random.rand())",
        "x = [np.random.default_rng(np.random.SeedSequence()).random() for _ in range(3)]",
    ],
)
def test_calls_that_run_often_get_children_of_one_seed(source: str) -> None:
    """The generators differ from each other, and are the same in each run."""
    found = []
    for _ in range(2):
        namespace: dict[str, Any] = {"np": np, "random": random}
        exec(seeded(source, [1, 2, 3]), namespace)  # noqa: S102 - the text above
        found.append(namespace["x"])
    assert found[0] == found[1]
    assert 3 == len({*found[0]})
