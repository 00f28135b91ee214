"""Calls that make a generator without a seed, found in the text of cells."""

from __future__ import annotations

import pytest

from ithtel.replay.seeding.call_sites import unseeded_calls


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("rng = np.random.default_rng()", ["np.random.default_rng()"]),
        ("rng = default_rng(seed=None); r = Random()", ["default_rng(seed=None)", "Random()"]),
        ("%%time\nz = 1\nx = numpy.random.RandomState().rand()", ["numpy.random.RandomState()"]),
        ("ä = 'ü'; rng = np.random.Generator(np.random.PCG64())", ["np.random.PCG64()"]),
        ("random.seed()\nnp.random.seed(None)", ["random.seed()", "np.random.seed(None)"]),
        ("rng = default_rng(3); sns.seed(); random.Random(x)", []),
        ("x = = 3", []),
    ],
)
def test_only_calls_without_a_seed_are_found(source: str, expected: list[str]) -> None:
    """With their places in the text, magics and letters of several bytes notwithstanding."""
    assert expected == [source[site.start : site.end] for site in unseeded_calls(source)]


@pytest.mark.parametrize(
    ("source", "scope", "is_repeated"),
    [
        ("rng = default_rng()", "", False),
        ("many = [default_rng() for _ in range(3)]", "", True),
        ("for i in x:\n    default_rng()", "", True),
        ("def draw():\n    return default_rng()", "draw", True),
        ("class A:\n    def f(self): return default_rng()", "A", True),
        ("if x:\n    rng = default_rng()", "", False),
    ],
)
def test_where_a_call_stands_is_known(source: str, scope: str, *, is_repeated: bool) -> None:
    """Its function or class, and whether it may run more than once."""
    (site,) = unseeded_calls(source)
    assert (scope, is_repeated) == (site.scope, site.is_repeated)
