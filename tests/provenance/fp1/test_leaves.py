"""Tokens of values that contain no others, and why others have none."""

from __future__ import annotations

import datetime as dt
import json
import struct
import zoneinfo
from pathlib import PurePosixPath, PureWindowsPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.fp1.leaves import BY_TYPE, NAN, number, refusal, scalar, text, zone_name

LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.decimals() | st.dates() | st.uuids()


@given(LEAVES, LEAVES)
def test_equal_tokens_mean_equal_values_of_one_type(one: object, other: object) -> None:
    """And the other way round."""
    tokens = [BY_TYPE[type(value)](value) if type(value) in BY_TYPE else scalar(value) for value in (one, other)]
    assert ((type(one), str(one)) == (type(other), str(other))) == (tokens[0] == tokens[1])


def test_every_nan_has_one_token() -> None:
    """0.0 and -0.0 have two."""
    odd = struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_0001))[0]
    assert NAN == number(odd) == number(float("nan"))
    assert number(0.0) != number(-0.0)


def test_a_text_is_its_length_and_its_bytes() -> None:
    """Lone surrogates included."""
    assert b"s3:\xed\xa0\x80" == text("\ud800")


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (None, ""), (dt.UTC, "UTC"), (zoneinfo.ZoneInfo("Asia/Tokyo"), "Asia/Tokyo"),
        (dt.timezone(-dt.timedelta(hours=3, minutes=30)), "-03:30"),
    ],
)  # fmt: skip
def test_a_zone_has_one_name(zone: dt.tzinfo | None, name: str) -> None:
    """Of the IANA database, else its offset."""
    assert name == zone_name(zone)


def test_paths_differ_by_their_system() -> None:
    """The text is the same."""
    assert scalar(PurePosixPath("a")) != scalar(PureWindowsPath("a"))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (len, "a function is code, not data"), (json, "a module is code, not data"),
        ((n for n in ()), "it would have to be run, and then would be used up"),  # type: ignore[var-annotated]
        (iter([]), "an iterator would be used up"), (object(), None),
        (np.random.default_rng(1), "a random generator: it is recorded as a stream, not as a value"),
    ],
)  # fmt: skip
def test_a_refusal_has_a_reason(value: object, reason: str | None) -> None:
    """Without running or consuming the value."""
    assert reason == refusal(value)
