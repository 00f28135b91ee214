"""The kernel equals the specification bar by bar and to the bit, on every input."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from examples import share
from ithtel.ith import kernel
from ithtel.ith.epochs import EpochTable, excess_arrays, find_epochs, find_epochs_both, find_epochs_many
from navs import checked

SIDES = ("bull", "bear")
COLUMNS = oracles.OracleEpoch._fields
ODD = [0.0, -0.0, -1.0, 5e-324, 1e-300, 1e300, 1.7976931348623157e308, math.nan, math.inf, -math.inf]

sides = st.sampled_from(SIDES)
hurdles = st.sampled_from([0.0, 1e-17, 0.001, 0.01, 0.05, 0.1, 0.5, 2.0, 1e308, math.inf, math.nan])
round_prices = st.lists(st.integers(90, 110).map(lambda i: i / 100), min_size=1, max_size=60)
positive = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=40)
anything = st.lists(
    st.one_of(st.sampled_from([*ODD, 1.0, 1.05, 2.0, 0.5]), st.floats(allow_nan=True, allow_infinity=True)),
    min_size=1,
    max_size=40,
)
extreme = st.tuples(round_prices, st.sampled_from([-1070, -1000, -960, 1000, 1023])).map(
    lambda given: [math.ldexp(x, given[1]) for x in given[0]]
)
series = st.one_of(round_prices, positive, anything, extreme)


def walk(n: int, seed: int, scale: float = 0.02, drift: float = 0.0) -> np.ndarray:
    """Return a geometric random walk, long enough for whole blocks to be skipped."""
    return np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(n) * scale + drift))


walks = st.builds(
    walk,
    st.integers(1, 1500),
    st.integers(0, 10_000),
    st.sampled_from([1e-4, 0.01, 0.1]),
    st.sampled_from([-0.01, 0.0, 0.001, 0.01]),
)


def bits(values: Any) -> list[str]:
    """Return floats as text that shows every bit, all NaN alike."""
    return [float(v).hex() for v in np.atleast_1d(np.asarray(values, dtype=np.float64))]


def as_rows(table: EpochTable) -> list[list[str]]:
    """Return a table as one list of bits per epoch."""
    return [bits(row) for row in zip(*(getattr(table, name) for name in COLUMNS), strict=True)]


def oracle_rows(nav: list[float], hurdle: Any, side: str) -> list[list[str]]:
    """Return the oracle's epochs in the form of `as_rows`."""
    return [bits(row) for row in oracles.run(nav, hurdle, side).table]


@given(series, hurdles, sides)
def test_epochs_are_those_of_the_oracle(nav: list[float], hurdle: float, side: Any) -> None:
    """Every field of every epoch equals the oracle's, on any input."""
    assert oracle_rows(nav, hurdle, side) == as_rows(find_epochs(checked(nav), hurdle, side=side))


@given(walks, st.sampled_from([0.0, 0.001, 0.05, 0.3]), sides)
@settings(max_examples=share(60))
def test_long_series_are_those_of_the_oracle(nav: np.ndarray, hurdle: float, side: Any) -> None:
    """Skipping quiet blocks changes nothing."""
    assert oracle_rows(nav.tolist(), hurdle, side) == as_rows(find_epochs(checked(nav), hurdle, side=side))


@given(series, hurdles, sides)
def test_arrays_are_those_of_the_oracle(nav: list[float], hurdle: float, side: Any) -> None:
    """Gains, losses and flags equal the reference's on any input, also with a negative hurdle."""
    for level in (hurdle, -hurdle):
        expected, got = oracles.run(nav, level, side), excess_arrays(checked(nav), level, side=side)
        assert bits(expected.gains) == bits(got.gains)
        assert bits(expected.losses) == bits(got.losses)
        assert expected.epochs == got.epochs.tolist()
        assert expected.resets == got.resets.tolist()


@given(series, sides, st.data())
def test_a_hurdle_a_bar_is_the_oracle_s(nav: list[float], side: Any, data: st.DataObject) -> None:
    """With a hurdle per bar, each bar is judged by its own, also if it falls below the present gain."""
    level = data.draw(st.lists(st.sampled_from([0.0, 0.01, 0.2, 1.0]), min_size=len(nav), max_size=len(nav)))
    assert oracle_rows(nav, level, side) == as_rows(find_epochs(checked(nav), np.array(level), side=side))


@given(st.one_of(series, walks), hurdles, hurdles)
@settings(max_examples=share(60))
def test_both_sides_in_one_read_are_each_alone(nav: Any, bull: float, bear: float) -> None:
    """Two machines in one read give the same as two reads."""
    both = find_epochs_both(checked(nav), bull, bear)
    assert as_rows(find_epochs(checked(nav), bull, side="bull")) == as_rows(both[0])
    assert as_rows(find_epochs(checked(nav), bear, side="bear")) == as_rows(both[1])


@given(walks, sides, st.lists(st.integers(0, 1499), max_size=3), st.sampled_from(ODD))
@settings(max_examples=share(60))
def test_many_hurdles_are_each_alone(nav: np.ndarray, side: Any, places: list[int], odd: float) -> None:
    """Block summaries give the same epochs and final state as one read per hurdle, also among bad values."""
    nav = nav.copy()
    nav[[place for place in places if place < len(nav)]] = odd
    levels = [0.0, 0.01, 0.1, 0.5, math.inf]
    for level, table in zip(levels, find_epochs_many(checked(nav), levels, side=side), strict=True):
        alone = find_epochs(checked(nav), level, side=side)
        assert as_rows(alone) == as_rows(table)
        assert repr(alone.final) == repr(table.final)


@given(walks, hurdles, sides, st.lists(st.integers(0, 1499), max_size=3), st.sampled_from(ODD))
@settings(max_examples=share(60))
def test_the_final_state_is_the_oracle_s(
    nav: np.ndarray, hurdle: float, side: Any, places: list[int], odd: float
) -> None:
    """The final state is that of the plain machine, also among bad values."""
    nav = nav.copy()
    nav[[place for place in places if place < len(nav)]] = odd
    final = find_epochs(checked(nav), hurdle, side=side).final
    plain = oracles.run(nav.tolist(), hurdle, side)
    assert final is not None
    last = (0.0, 0.0) if plain.resets[-1] else (plain.gains[-1], plain.losses[-1])
    assert bits(last) == bits((final.excess_gain, final.excess_loss))
    assert bits(plain.table[-1].nav if plain.table else nav[0]) == bits(final.endorsing_crest)


@given(st.one_of(positive, walks), hurdles, sides, st.integers(-300, 300))
@settings(max_examples=share(60))
def test_scaling_by_a_power_of_two_changes_no_bit(nav: Any, hurdle: float, side: Any, power: int) -> None:
    """Levels scale with the currency; gains and bars stay the same."""
    plain, scaled = (
        find_epochs(checked(nav), hurdle, side=side),
        find_epochs(checked(np.ldexp(nav, power)), hurdle, side=side),
    )
    assert plain.bar_index.tolist() == scaled.bar_index.tolist()
    for name in ("excess_gain", "excess_loss", "worst_drawdown"):
        assert bits(getattr(plain, name)) == bits(getattr(scaled, name))
    assert bits(np.ldexp(plain.endorsing_crest, power)) == bits(scaled.endorsing_crest)


@given(st.lists(st.integers(-8, 8).map(lambda i: 2.0**i), min_size=1, max_size=60), hurdles)
def test_a_bear_is_a_bull_of_the_reciprocal(nav: list[float], hurdle: float) -> None:
    """On powers of two, where reciprocals are exact, bear(nav) has the epochs of bull(1/nav)."""
    bull = find_epochs(checked([1 / x for x in nav]), hurdle, side="bull")
    bear = find_epochs(checked(nav), hurdle, side="bear")
    assert bull.bar_index.tolist() == bear.bar_index.tolist()
    assert bits(bull.excess_gain) == bits(bear.excess_gain)


@given(series, hurdles, sides)
def test_an_epoch_is_a_reset(nav: list[float], hurdle: float, side: Any) -> None:
    """With a hurdle of at least 0 the reference's flag is set exactly where the machine resets."""
    arrays = excess_arrays(checked(nav), hurdle, side=side)
    assert arrays.resets.tolist() == arrays.epochs.tolist()


@given(st.one_of(round_prices, positive), hurdles, sides)
def test_an_epoch_is_on_a_new_extreme(nav: list[float], hurdle: float, side: Any) -> None:
    """With positive data every epoch's bar is a strict new maximum (bear: minimum)."""
    extreme_before = max if side == "bull" else min
    for bar in find_epochs(checked(nav), hurdle, side=side).bar_index:
        assert nav[bar] != extreme_before(nav[:bar])
        assert nav[bar] == extreme_before(nav[: bar + 1])


@given(st.one_of(round_prices, positive), hurdles, sides)
def test_the_next_crest_is_the_epoch_s_nav(nav: list[float], hurdle: float, side: Any) -> None:
    """With positive data R of an epoch is the NAV of the epoch before, or of bar 0."""
    table = find_epochs(checked(nav), hurdle, side=side)
    assert [nav[0], *table.nav.tolist()][: len(table)] == table.endorsing_crest.tolist()


@given(st.one_of(round_prices, positive), hurdles, sides)
def test_worst_drawdown_is_that_since_the_last_epoch(nav: list[float], hurdle: float, side: Any) -> None:
    """It is the maximum drawdown of the bars from the last epoch to this one."""
    table = find_epochs(checked(nav), hurdle, side=side)
    edges = [0, *table.bar_index.tolist()]
    expected = [oracles.worst_drawdown(nav[a : b + 1], side) for a, b in itertools.pairwise(edges)]
    assert bits(expected) == bits(table.worst_drawdown)


@given(series, st.sampled_from([math.nan, math.inf]), sides)
def test_no_epoch_without_a_finite_hurdle(nav: list[float], hurdle: float, side: Any) -> None:
    """A hurdle of NaN or inf is never exceeded."""
    assert len(find_epochs(checked(nav), hurdle, side=side)) == 0


def test_the_kernel_releases_the_gil() -> None:
    """Threads may run it side by side."""
    assert kernel.scan.targetoptions["nogil"] is True  # type: ignore[attr-defined]
    assert "fastmath" not in kernel.scan.targetoptions  # type: ignore[attr-defined]


@pytest.mark.kernel
def test_it_runs_where_nothing_can_be_cached(tmp_path: Path) -> None:
    """The kernel compiles even if there is no folder to cache in."""
    package = tmp_path / "lib" / "ithtel"
    source = Path(kernel.__file__).parent
    (package / "ith").mkdir(parents=True)
    for path in [*source.glob("*.py"), source.parent / "errors.py"]:
        (package / "ith" / path.name if path.parent == source else package / path.name).write_text(path.read_text())
    (package / "__init__.py").touch()
    (package / "ith" / "__pycache__").touch()  # a file where the folder would be: root may write anywhere else
    code = (
        "from ithtel.ith import kernel\n"
        "from ithtel.ith.epochs import find_epochs\n"
        f"assert kernel.__file__.startswith({str(package.parent)!r}), kernel.__file__\n"
        "assert type(kernel.scan._cache).__name__ == 'NullCache'\n"
        "from ithtel.ith.nav import Nav\n"
        "print(find_epochs(Nav.of([1, 1.06]), 0.05, side='bull').bar_index)"
    )
    environment = {"PYTHONPATH": str(package.parent), "HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[1]\n"), done.stderr


@pytest.mark.kernel
def test_names_and_checks_load_no_numba() -> None:
    """Modules that front ends import early do not load numba."""
    code = (
        "import sys, ithtel.ith, ithtel.ith.check, ithtel.ith.hurdles, ithtel.ith.fitness\n"
        "import ithtel.ith.synthetic, ithtel.ith.nav\n"
        "print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
