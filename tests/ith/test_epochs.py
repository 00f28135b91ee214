"""`find_epochs` and `excess_arrays` accept any layout of memory and return complete tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ithtel.errors import InputError
from ithtel.ith.epochs import excess_arrays, find_epochs, find_epochs_both, find_epochs_many
from navs import checked

SIDES = ("bull", "bear")


@pytest.mark.parametrize(
    ("nav", "expected"),
    [
        ([1, 1.06, 1, 1.12], [1, 3]),
        ([1, 1.5, 1, 1.58], [1, 3]),
        ([100, 105], [1]),
        ([0.001, 0.00105], []),
        ([1], []),
        ([], []),
    ],
)
def test_worked_examples(nav: list[float], expected: list[int]) -> None:
    """The examples of the specification, with a hurdle of 0.05."""
    assert expected == find_epochs(checked(nav), 0.05, side="bull").bar_index.tolist()


def test_the_nadir_restarts_from_the_bar_before() -> None:
    """After an epoch there is no loss until the value falls below that of the bar before the epoch."""
    assert excess_arrays(checked([1, 1.06, 1, 1.12]), 0.05, side="bull").losses.tolist() == [0.0] * 4


def test_levels_are_those_before_the_reset() -> None:
    """With `with_levels`, each bar has R, F and A; at an epoch they are those of its row."""
    arrays = excess_arrays(checked([1, 1.5, 1, 1.58]), 0.05, side="bull", with_levels=True)
    assert arrays.endorsing_crest is not None
    assert arrays.candidate_crest is not None
    assert arrays.candidate_nadir is not None
    assert arrays.endorsing_crest.tolist() == [1, 1, 1.5, 1.5]
    assert arrays.candidate_crest.tolist() == [1, 1.5, 1.5, 1.58]
    assert arrays.candidate_nadir.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("side", SIDES)
def test_more_epochs_than_the_first_buffer(side: Any) -> None:
    """Thousands of epochs are all returned, in order."""
    steps = np.cumprod(np.full(20_000, 1.03 if side == "bull" else 1 / 1.03))
    assert list(range(1, 20_000)) == find_epochs(checked(steps), 0.02, side=side).bar_index.tolist()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("layout", ["strided", "reversed", "read-only", "float32", "list"])
def test_any_layout_gives_the_same(side: Any, layout: str) -> None:
    """The memory layout of the input does not matter."""
    steps = np.random.default_rng(3).standard_normal(700) * 0.02
    nav = np.exp(np.cumsum(steps)).astype(np.float32).astype(np.float64)
    frozen = nav.copy()
    frozen.flags.writeable = False
    given_as: Any = {
        "strided": np.repeat(nav, 2)[::2],
        "reversed": nav[::-1].copy()[::-1],
        "read-only": frozen,
        "float32": nav.astype(np.float32),
        "list": nav.tolist(),
    }[layout]
    expected, found = (find_epochs(checked(values), 0.02, side=side) for values in (nav, given_as))
    assert list(map(repr, expected)) == list(map(repr, found))


def test_the_input_is_left_writeable() -> None:
    """The caller's array is neither changed nor frozen."""
    nav = np.array([1.0, 2.0, 1.5])
    find_epochs(checked(nav), 0.1, side="bull")
    nav[0] = 3.0
    assert nav.tolist() == [3.0, 2.0, 1.5]


@pytest.mark.parametrize("hurdle", [-0.01, np.array([0.1, -0.1])])
def test_a_negative_hurdle_is_an_error(hurdle: Any) -> None:
    """The message names the lowest hurdle that is allowed."""
    with pytest.raises(InputError, match="at least 0"):
        find_epochs(checked([1, 2]), hurdle, side="bull")


def test_a_hurdle_array_of_another_length_is_an_error() -> None:
    """The hurdle must be one number, or one per bar."""
    with pytest.raises(InputError, match=r"\(3,\)"):
        find_epochs(checked([1, 2, 3]), np.array([0.1, 0.2]), side="bull")


def test_an_unknown_side_is_an_error() -> None:
    """The message suggests the nearest name."""
    with pytest.raises(InputError, match="did you mean 'bull'"):
        find_epochs(checked([1, 2]), 0.1, side="bul")


def test_an_empty_series_has_no_epochs() -> None:
    """Every function returns empty tables for it, without a final state."""
    empty = checked([])
    tables = [*find_epochs_both(empty, 0.1, 0.1), *find_epochs_many(empty, [0.1], side="bull")]
    assert [(0, None)] * 3 == [(len(table), table.final) for table in tables]
    assert 0 == len(excess_arrays(empty, 0.1, side="bull").gains)


def test_a_row_of_a_table_has_its_columns() -> None:
    """`table[0]` is the first epoch, as Python numbers."""
    epoch = find_epochs(checked([1, 1.06]), 0.05, side="bull")[0]
    assert (1, 1.06, 0.05) == (epoch.bar_index, epoch.nav, epoch.hurdle)
