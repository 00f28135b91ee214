"""A detector finds the same epochs live as `find_epochs` finds in the whole series."""

from __future__ import annotations

import itertools
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import share
from ithtel.errors import InputError
from ithtel.ith.detector import Detector
from ithtel.ith.epochs import Epoch, find_epochs
from ithtel.ith.hurdles import parse_hurdle
from ithtel.ith.thresholds import resolve_hurdle
from navs import checked

sides: Any = st.sampled_from(["bull", "bear"])
ways: Any = st.sampled_from([0.0, 0.01, 0.05, "expanding", "rolling:1", "rolling:5"])
prices = st.lists(st.one_of(st.integers(90, 110).map(lambda i: i / 100), st.floats(1e-3, 1e3)), min_size=1, max_size=60)
odd = st.lists(
    st.sampled_from([1.0, 1.05, 2.0, 0.5, 0.0, -1.0, math.nan, math.inf, -math.inf, 5e-324]), min_size=1, max_size=40
)


def batch(nav: list[float], hurdle: Any, side: Any) -> list[str]:
    """Return the epochs of the whole series, as text with all digits."""
    table = find_epochs(checked(nav), resolve_hurdle(parse_hurdle(hurdle), checked(nav), side=side), side=side)
    return [repr(table[k]) for k in range(len(table))]


@given(st.one_of(prices, odd), ways, sides)
def test_one_at_a_time_is_batch(nav: list[float], hurdle: Any, side: Any) -> None:
    """Every epoch is found at its bar, with the same fields to the bit, also among bad values."""
    detector = Detector(side=side, hurdle=hurdle, on_bad="reference")
    found = [epoch for x in nav if (epoch := detector.update(x)) is not None]
    assert batch(nav, hurdle, side) == [repr(epoch) for epoch in found]
    assert (detector.n_bars, detector.n_epochs) == (len(nav), len(found))


@given(st.one_of(prices, odd), ways, sides, st.lists(st.integers(0, 60), max_size=4))
def test_pieces_are_batch(nav: list[float], hurdle: Any, side: Any, cuts: list[int]) -> None:
    """The epochs do not depend on where the series is cut, nor on pickling between the parts."""
    detector = Detector(side=side, hurdle=hurdle, on_bad="reference")
    found: list[Epoch] = []
    edges = [0, *sorted(cuts), len(nav)]
    for a, b in itertools.pairwise(edges):
        table = detector.update_many(nav[a:b])
        found += [table[k] for k in range(len(table))]
        detector = pickle.loads(pickle.dumps(detector))  # noqa: S301 - our own
    assert batch(nav, hurdle, side) == [repr(epoch) for epoch in found]


@settings(max_examples=share(20))
@given(st.integers(0, 1000), ways, sides, st.integers(1, 400))
def test_long_pieces_are_batch(seed: int, hurdle: Any, side: Any, size: int) -> None:
    """Parts may begin anywhere within a block; epochs and final state stay the same."""
    nav = np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(1000) * 0.005)).tolist()
    detector = Detector(side=side, hurdle=hurdle)
    found: list[Epoch] = []
    for a in range(0, len(nav), size):
        table = detector.update_many(nav[a : a + size])
        found += [table[k] for k in range(len(table))]
    assert batch(nav, hurdle, side) == [repr(epoch) for epoch in found]
    levels = resolve_hurdle(parse_hurdle(hurdle), checked(nav), side=side)
    assert repr(find_epochs(checked(nav), levels, side=side).final) == repr(detector.state)


@pytest.mark.parametrize("bad", [math.nan, math.inf, 0.0, -1.0])
def test_a_bad_value_is_refused_and_changes_nothing(bad: float) -> None:
    """The error counts the bar from the first ever fed, and the detector is unchanged."""
    detector = Detector(side="bull", hurdle="expanding")
    detector.update_many([1.0, 1.1])
    before = pickle.dumps(detector)
    with pytest.raises(InputError, match="at bar 3"):
        detector.update_many([1.2, bad])
    assert before == pickle.dumps(detector)


@pytest.mark.parametrize("hurdle", ["mdd", "geomean"])
def test_a_hurdle_that_looks_ahead_is_refused(hurdle: str) -> None:
    """A live detector cannot know the future."""
    with pytest.raises(InputError, match="future"):
        Detector(side="bull", hurdle=hurdle)


def test_nothing_fed_nothing_known() -> None:
    """Before the first bar there is no state and no epoch."""
    detector = Detector(side="bear", hurdle=0.1)
    assert len(detector.update_many([])) == 0
    assert detector.state is None


def test_the_size_does_not_grow() -> None:
    """A detector is as large after a thousand bars as after one window."""
    detector = Detector(side="bull", hurdle="rolling:20")
    detector.update_many(np.linspace(1, 2, 40))
    size = len(pickle.dumps(detector))
    detector.update_many(np.linspace(2, 3, 1000))
    assert abs(len(pickle.dumps(detector)) - size) < 16
