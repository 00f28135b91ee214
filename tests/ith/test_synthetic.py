"""`synthetic_nav` draws from the generator of the caller and from nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.errors import InputError
from ithtel.ith.synthetic import BEAR, BULL, SyntheticSettings, synthetic_nav

sides: Any = st.sampled_from(["bull", "bear"])


@given(st.integers(1, 300), st.integers(0, 2**32), sides)
def test_the_same_generator_gives_the_same_nav(n_bars: int, seed: int, side: Any) -> None:
    """The NAV depends only on the state of the generator."""
    first, second = (synthetic_nav(n_bars, np.random.default_rng(seed), side=side) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert first.shape == (n_bars,)


@given(st.integers(1, 300), st.integers(0, 2**32))
def test_it_is_always_positive(n_bars: int, seed: int) -> None:
    """No return is below -99 %, even with a large scale."""
    wild = SyntheticSettings(location=0.0, scale=0.5)
    nav = synthetic_nav(n_bars, np.random.default_rng(seed), settings=wild)
    changes = np.diff(np.concatenate([[1.0], nav])) / np.concatenate([[1.0], nav[:-1]])
    assert changes.min() >= -0.99 - 1e-12


def test_without_episodes_it_is_student_t() -> None:
    """If no episode can begin, the returns are location + scale * t(5)."""
    calm = SyntheticSettings(location=0.001, scale=0.01, enter=0.0)
    expected = np.cumprod(1 + 0.001 + 0.01 * np.random.default_rng(3).standard_t(5, 50))
    assert np.allclose(expected, synthetic_nav(50, np.random.default_rng(3), settings=calm), rtol=1e-13)


@pytest.mark.parametrize(("side", "sign"), [("bull", -1), ("bear", 1)])
def test_an_episode_moves_against_the_side(side: Any, sign: int) -> None:
    """Episodes of a bull lower each return by .001 to .003; those of a bear raise it."""
    still = SyntheticSettings(location=0.0, scale=0.0, enter=1.0, leave=0.0)
    nav = synthetic_nav(100, np.random.default_rng(0), side=side, settings=still)
    moves = sign * (nav[1:] / nav[:-1] - 1)
    assert nav[0] == 1.0
    assert 0.001 - 1e-12 <= moves.min() <= moves.max() <= 0.003 + 1e-12


def test_defaults_are_the_reference_s() -> None:
    """A bear's rallies end sooner than a bull's drawdowns."""
    assert (BULL.location, BULL.scale, BULL.enter, BULL.leave) == (0.00010123, 0.009, 0.05, 0.02)
    assert (BEAR.location, BEAR.scale, BEAR.enter, BEAR.leave) == (-0.001, 0.008, 0.05, 0.05)


@pytest.mark.parametrize("wrong", [{"enter": 1.1}, {"leave": -0.1}, {"smallest": 0.1}, {"scale": -1.0}])
def test_impossible_settings_are_errors(wrong: dict[str, float]) -> None:
    """Probabilities must lie between 0 and 1, and sizes in order."""
    with pytest.raises(InputError):
        SyntheticSettings(**{"location": 0.0, "scale": 0.01} | wrong)


def test_no_bars_is_an_error() -> None:
    """A NAV has at least one bar."""
    with pytest.raises(InputError, match="at least one bar"):
        synthetic_nav(0, np.random.default_rng(0))
