"""Hurdles equal those of NumPy and of the reference to the bit; causal hurdles never look ahead."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from examples import share
from ithtel.errors import InputError
from ithtel.ith.epochs import find_epochs
from ithtel.ith.hurdles import parse_hurdle
from ithtel.ith.thresholds import (
    CausalHurdle,
    causal_hurdle,
    geometric_mean_drawdown,
    max_adverse,
    resolve_hurdle,
)
from navs import checked

sides: Any = st.sampled_from(["bull", "bear"])
prices = st.lists(st.one_of(st.integers(90, 110).map(lambda i: i / 100), st.floats(1e-3, 1e3)), min_size=1, max_size=80)
odd = st.lists(
    st.one_of(st.sampled_from([0.0, -1.0, math.nan, math.inf, -math.inf, 5e-324, 1e308]), st.floats()),
    min_size=1,
    max_size=20,
)


def walk(n: int, seed: int) -> np.ndarray:
    """Return a geometric random walk."""
    return np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(n) * 0.01))


@given(st.one_of(prices, odd), sides)
def test_max_adverse_is_the_numpy_expression(nav: list[float], side: Any) -> None:
    """One scan gives max(1 - nav/cummax) and max(1 - cummin/nav) to the bit, NaN included."""
    expected = oracles.numpy_adverse(np.array(nav), side)
    got = max_adverse(checked(nav))[0 if side == "bull" else 1]
    assert expected.hex() == got.hex()


@pytest.mark.parametrize("seed", range(4))
def test_max_adverse_of_a_long_series(seed: int) -> None:
    """Skipped blocks change nothing."""
    nav = walk(5000, seed)
    assert (oracles.numpy_adverse(nav, "bull"), oracles.numpy_adverse(nav, "bear")) == max_adverse(checked(nav))


@given(st.one_of(prices, st.builds(lambda s: walk(300, s).tolist(), st.integers(0, 99))), sides)
def test_geomean_is_the_oracle_s(nav: list[float], side: Any) -> None:
    """Every segment counts once, with its deepest drawdown, to the bit."""
    assert oracles.geomean(nav, side).hex() == geometric_mean_drawdown(checked(nav), side=side).hex()


def test_geomean_of_the_worked_example() -> None:
    """The example of the specification."""
    assert geometric_mean_drawdown(checked([1, 1.1, 1, 1.2, 1.1, 1.15, 1.3])) == pytest.approx(
        0.0870388279778, abs=1e-13
    )


def test_geomean_without_a_drawdown_is_nan() -> None:
    """Without a drawdown there is no mean, and with that hurdle no epoch."""
    hurdle = geometric_mean_drawdown(checked([1, 2, 3]))
    assert math.isnan(hurdle)
    assert len(find_epochs(checked([1, 2, 3]), hurdle, side="bull")) == 0


@given(prices, sides, st.sampled_from([None, 1, 2, 3, 7, 20]), st.sampled_from([0.0, 0.01, 0.2]))
def test_causal_hurdles_are_those_of_the_bars_before(
    nav: list[float], side: Any, window: int | None, floor: float
) -> None:
    """Bar i has the largest drawdown of all bars before it, or of the last w, at least the floor."""
    expected = oracles.causal_hurdles(nav, side, window, floor)
    assert expected == CausalHurdle(side=side, window=window, floor=floor).feed(checked(np.array(nav)).values).tolist()


@given(prices, sides, st.sampled_from([None, 1, 3, 7]), st.data())
def test_causal_hurdles_do_not_depend_on_the_pieces(
    nav: list[float], side: Any, window: int | None, data: st.DataObject
) -> None:
    """All at once, in parts with a pickled state between, or one at a time, the bits are the same."""
    cut = data.draw(st.integers(0, len(nav)))
    whole = CausalHurdle(side=side, window=window).feed(checked(np.array(nav)).values).tolist()
    first = CausalHurdle(side=side, window=window)
    pieces = first.feed(checked(np.array(nav[:cut])).values).tolist()
    second = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own
    assert whole == pieces + second.feed(checked(np.array(nav[cut:])).values).tolist()
    single = CausalHurdle(side=side, window=window)
    assert whole == [float(single.feed(checked(np.array([x])).values)[0]) for x in nav]


@given(prices, sides, st.integers(0, 79))
def test_a_causal_hurdle_ignores_later_bars(nav: list[float], side: Any, cut: int) -> None:
    """Later bars do not change the hurdle of a bar."""
    spec = parse_hurdle("rolling:5")
    whole = np.asarray(resolve_hurdle(spec, checked(nav), side=side))
    assert whole[: cut + 1].tolist() == np.asarray(resolve_hurdle(spec, checked(nav[: cut + 1]), side=side)).tolist()


def test_resolve_mdd_takes_the_side() -> None:
    """A bull's hurdle is the maximum drawdown, a bear's the maximum runup."""
    spec = parse_hurdle("mdd")
    assert resolve_hurdle(spec, checked([2, 1, 4]), side="bull") == 0.5
    assert resolve_hurdle(spec, checked([2, 1, 4]), side="bear") == 0.75


@pytest.mark.parametrize(("text", "why"), [("mdd", "future"), ("0.05", "same for every bar")])
def test_only_causal_specs_are_fed(text: str, why: str) -> None:
    """A hurdle that is not causal is refused; the message gives the reason."""
    with pytest.raises(InputError, match=why):
        causal_hurdle(parse_hurdle(text), side="bull")


def test_a_window_below_one_is_an_error() -> None:
    """A window has at least one bar."""
    with pytest.raises(InputError, match="at least 1 bar"):
        CausalHurdle(side="bull", window=0)


@pytest.mark.parametrize("compute", [max_adverse, geometric_mean_drawdown])
def test_empty_is_an_error(compute: Any) -> None:
    """An empty series has no hurdle."""
    with pytest.raises(InputError, match="empty"):
        compute(checked([]))


@settings(max_examples=share(30))
@given(st.integers(0, 99), sides)
def test_epochs_of_a_causal_hurdle_keep(seed: int, side: Any) -> None:
    """Later bars change no earlier epoch."""
    nav, spec = walk(400, seed), parse_hurdle("rolling:20")
    whole = find_epochs(checked(nav), resolve_hurdle(spec, checked(nav), side=side), side=side).bar_index
    part = find_epochs(checked(nav[:250]), resolve_hurdle(spec, checked(nav[:250]), side=side), side=side).bar_index
    assert whole[whole < 250].tolist() == part.tolist()
