"""A change that was planted between two recorded sessions is found: its cell, its cause, and nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from planted import PLANTS, Plant, compared

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

FEW = {
    "swap draws gen", "run twice legacy", "seed in import cell", "library draws global, seeded other",
    "dropped gen in function", "library own generator", "set order in module", "package version with seeded draws",
    "ledger after unseeded", "str of library object", "rewritten cell", "only displays",
}  # fmt: skip
"""Tried in every run; the others in the soak."""


def name_of(plant: Plant) -> str:
    return plant.name.replace(" ", "-").replace(",", "")


def assert_found(plant: Plant, folder: Path) -> None:
    difference = compared(plant, folder)
    roots = difference.verdict.roots
    if plant.cause is None:
        assert [] == roots, difference.text()
        return
    assert [plant.root, plant.cause, plant.n_roots] == [roots[0].label, roots[0].cause, len(roots)], difference.text()
    assert all(root.evidence and all(root.evidence) for root in roots)
    assert plant.owner is None or plant.owner in roots[0].names


def test_the_few_are_among_the_plants() -> None:
    """So that none is left out by a wrong name."""
    assert FEW <= {plant.name for plant in PLANTS}


@pytest.mark.parametrize("plant", [each for each in PLANTS if each.name in FEW], ids=name_of)
def test_a_planted_change_is_found(plant: Plant, tmp_path: Path) -> None:
    """With its cell and cause, in two sessions that were really recorded."""
    assert_found(plant, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("plant", [each for each in PLANTS if each.name not in FEW], ids=name_of)
def test_each_planted_change_is_found(plant: Plant, tmp_path: Path) -> None:
    """The siblings of those above."""
    assert_found(plant, tmp_path)
