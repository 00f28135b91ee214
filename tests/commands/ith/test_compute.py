"""`request_of` checks every argument, and `compute` shares what several sides and hurdles have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ithtel.commands.ith.compute import compute, is_several, request_of
from ithtel.errors import InputError
from ithtel.ith.fitness import Bounds
from navs import checked


def request(**arguments: Any) -> Any:
    """Return a request for both sides and a hurdle of 0.05, with changes."""
    return request_of(**({"side": "both", "hurdle": 0.05, "periods_per_year": None} | arguments))


def test_defaults_are_not_recorded() -> None:
    """The config has the arguments that decide the result; `risk_free` and `bounds` only if they were given."""
    plain = request()
    assert {"side", "hurdle", "periods_per_year", "on_bad", "uses_future"} == set(
        plain.config("bull", plain.hurdles[0])
    )
    full = request(risk_free=0.01, bounds=Bounds(), hurdle="expanding")
    assert {"risk_free", "bounds", "floor"} <= set(full.config("bull", full.hurdles[0]))


def test_numbers_are_converted() -> None:
    """A NumPy number or a string becomes a float."""
    assert (252.0, 0.01) == (request(periods_per_year="252").periods_per_year, request(risk_free="0.01").risk_free)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"side": "up"}, "no side 'up'"),
        ({"on_bad": "ignore"}, "on_bad must be 'raise' or 'reference', got 'ignore'"),
        ({"hurdle": []}, "hurdle is an empty list"),
        ({"hurdle": [0.05, "0.05"]}, "a hurdle is given twice"),
        ({"periods_per_year": -1}, "periods_per_year is -1; it must be a positive number"),
    ],
)
def test_a_bad_argument_is_an_error(arguments: dict[str, Any], message: str) -> None:
    """The message has the argument and what is allowed."""
    with pytest.raises(InputError, match=message):
        request(**arguments)


@pytest.mark.parametrize(("hurdle", "expected"), [("mdd", False), (0.1, False), ([0.1], True), (np.array([0.1]), True)])
def test_a_list_is_several_hurdles(hurdle: object, expected: bool) -> None:
    """Even a list of one."""
    assert expected == is_several(hurdle)


def test_many_hurdles_equal_each_alone() -> None:
    """Also for both sides, over shared blocks."""
    nav = checked(np.exp(np.cumsum(np.random.default_rng(1).standard_normal(2_000) * 0.02)))
    together = compute(nav, request(hurdle=[0.05, 0.1]))
    for hurdle, result in zip((0.05, 0.1), together, strict=True):
        alone = compute(nav, request(hurdle=hurdle))[0]
        for side in ("bull", "bear"):
            assert alone[side].table.bar_index.tolist() == result[side].table.bar_index.tolist()
            assert repr(alone[side].fitness) == repr(result[side].fitness)


def test_arrays_are_computed_on_request_only() -> None:
    """A trace needs them too."""
    nav = checked([1.0, 1.1])
    kept = [compute(nav, request(**more))[0]["bull"].excess for more in ({}, {"arrays": True}, {"trace": True})]
    assert [True, False, False] == [excess is None for excess in kept]


def test_the_last_hurdle_of_a_causal_method_is_that_of_the_last_bar() -> None:
    """Here the drawdown of a tenth, seen by the third bar."""
    result = compute(checked([1.0, 0.9, 1.0]), request(side="bull", hurdle="expanding"))[0]["bull"]
    assert 1 - 0.9 == result.last_hurdle
