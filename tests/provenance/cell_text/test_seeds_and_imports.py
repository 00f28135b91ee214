"""Seeds and imports in a cell's text."""

from __future__ import annotations

import pytest

from ithtel.provenance.cell_text.seeds_and_imports import differs_in_seed_only, imported, seeded_by, sets_seed


def test_imports_lead_to_their_packages() -> None:
    """By the names that they bind, also under magics."""
    source = "%matplotlib inline\nimport numpy as np, os.path\nfrom scipy.stats import norm\nfrom polars import *"
    assert {"np": "numpy", "os": "os", "norm": "scipy", "*": "polars"} == imported(source)
    assert {} == imported("from . import a\n(:")


@pytest.mark.parametrize(
    ("source", "stream", "expected"),
    [
        ("np.random.seed(7)\nnp.random.seed(8)", "numpy.legacy", 8),
        ("random.seed(x)", "python", None),
        ("torch.manual_seed(3)", "torch", 3),
        ("np.random.seed(7)", "python", 42),
        ("x = 1", "numpy:rng", 42),
    ],
)
def test_the_last_literal_seed_counts(source: str, stream: str, expected: int | None) -> None:
    """The previous one if the cell sets none."""
    assert expected == seeded_by(source, stream, 42)


def test_a_seed_of_one_stream_is_not_that_of_another() -> None:
    """`np.random.seed` contains `random.seed`."""
    assert [True, False] == [sets_seed("np.random.seed(1)", stream) for stream in ("numpy.legacy", "python")]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("rng = %seed 1", "rng = %seed 2", ["1 → 2"]),
        ("f(rng=1)  # one", "f(rng=2)  # two", ["1 → 2"]),
        ("SEED = 1", "SEED = 2", ["1 → 2"]),
        ("d = {'seed': 1}", "d = {'seed': 2}", ["1 → 2"]),
        ("r = default_rng([1, 2])", "r = default_rng([1, 3])", ["2 → 3"]),
        ("np.random.seed(\n    1)", "np.random.seed(\n    2)", ["1 → 2"]),
        ("x = np.random.normal(size=1)", "x = np.random.normal(size=2)", None),
        ("x = default_rng(1).normal(size=4)", "x = default_rng(1).normal(size=5)", None),
        ("fit(random_state=1, n=5)", "fit(random_state=1, n=6)", None),
        ("for seed in range(3): pass", "for seed in range(4): pass", None),
        ("x = 1", "x = 2", None),
        ("seed(1); x", "seed(1, 2); x", None),
        ("f(", "f(2", None),
    ],
)
def test_a_changed_seed_is_told_from_a_changed_number(one: str, other: str, expected: list[str] | None) -> None:
    """Comments do not count."""
    assert expected == differs_in_seed_only(one, other)
