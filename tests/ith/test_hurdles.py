"""`parse_hurdle` reads every way of writing a hurdle, and explains what it cannot read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.errors import InputError
from ithtel.ith.hurdles import HurdleSpec, parse_hurdle


@pytest.mark.parametrize(
    ("given_as", "expected"),
    [
        ("mdd", HurdleSpec(method="mdd")),
        (" GeoMean ", HurdleSpec(method="geomean")),
        ("expanding", HurdleSpec(method="expanding", floor=0.01)),
        ("rolling:250", HurdleSpec(method="rolling", window=250, floor=0.01)),
        ("0.05", HurdleSpec(method="fixed", value=0.05)),
        (0, HurdleSpec(method="fixed", value=0.0)),
        (np.float32(0.5), HurdleSpec(method="fixed", value=0.5)),
    ],
)
def test_parse(given_as: Any, expected: HurdleSpec) -> None:
    """Every way of writing a hurdle is read."""
    assert expected == parse_hurdle(given_as)


@given(st.sampled_from(["mdd", "geomean", "expanding", "rolling:3", "0.05"]))
def test_a_spec_reads_back_what_it_writes(text: str) -> None:
    """parse(str(spec)) == spec."""
    assert parse_hurdle(text) == parse_hurdle(str(parse_hurdle(text)))


@pytest.mark.parametrize(
    ("given_as", "message"),
    [
        ("mmd", "did you mean 'mdd'"),
        ("nonsense", "no hurdle 'nonsense'; use 'mdd'"),
        ("", "no hurdle ''"),
        ("mdd:3", "no hurdle 'mdd:3'"),
        ("rolling", "rolling:250"),
        ("rolling:0", "at least 1"),
        ("rolling:x", "rolling:250"),
        (-0.1, "at least 0"),
        ("-0.1", "at least 0"),
        (math.nan, "at least 0"),
        ("nan", "at least 0"),
        (math.inf, "finite"),
        (True, "use 'mdd'"),
        (None, "use 'mdd'"),
        ([0.1, 0.2], "use 'mdd'"),
    ],
)
def test_an_unusable_hurdle_is_an_error(given_as: Any, message: str) -> None:
    """The message names what can be used instead."""
    with pytest.raises(InputError, match=message):
        parse_hurdle(given_as)


def test_a_floor_must_be_a_ratio() -> None:
    """A negative floor is refused."""
    with pytest.raises(InputError, match="floor is -1"):
        parse_hurdle("expanding", floor=-1)


def test_future_and_past() -> None:
    """A spec knows whether it looks into the future or only back."""
    assert [parse_hurdle(t).uses_future for t in ("mdd", "geomean", "expanding", "0.1")] == [True, True, False, False]
    assert [parse_hurdle(t).is_causal for t in ("mdd", "rolling:9", "expanding", "0.1")] == [False, True, True, False]


@pytest.mark.parametrize(("text", "value"), [("5%", 0.05), (" 7 % ", 0.07), ("0.5%", 0.005), ("100%", 1.0)])
def test_a_percentage_is_a_ratio(text: str, value: float) -> None:
    """The value is that of the ratio written out, to the last bit."""
    assert value == parse_hurdle(text).value


@pytest.mark.parametrize("text", ["%", "five%", "-5%", "5%%"])
def test_a_percentage_without_a_number_is_refused(text: str) -> None:
    """The message names what is allowed."""
    with pytest.raises(InputError):
        parse_hurdle(text)
