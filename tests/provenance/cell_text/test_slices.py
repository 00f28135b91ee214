"""The names from before a cell that one of its names depends on."""

from __future__ import annotations

import pytest

from ithtel.provenance.cell_text.slices import inputs_of


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("k = 5\ny = x", "k", ""),
        ("k = 5\ny = x", "y", "x"),
        ("t = x\ny = t + z", "y", "x z"),
        ("y = []\ny.append(x)", "y", "x"),
        ("y = 1\nif c: y = x", "y", "c x"),
        ("y += x", "y", "x y"),
        ("import numpy as np\ny = np.ones(x)", "np", ""),
        ("def f(a=k): return z", "f", "k"),
        ("for i in v: s = i", "s", "s v"),
    ],
)
def test_inputs_of(source: str, name: str, expected: str) -> None:
    """Statements that do not make the name are left out."""
    found = inputs_of(source, name)
    assert found is not None
    assert {*expected.split()} == found - {"i"}


def test_what_is_not_python_is_unknown() -> None:
    """Then the name depends on all that the cell uses."""
    assert inputs_of("x = = 1", "x") is None
