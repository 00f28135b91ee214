"""Values that JSON lacks have a tagged form each, and never raise."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import contract
from ithtel.events import AlgorithmResult, EpochDetected, Event, Note, SeedSet, decode_event, event_type
from ithtel.events.values import canonical_digest, encode_text, escaped, to_json_value
from strategies import hostile_event, relaxed, unbounded_event


class Colour(Enum):
    RED = "red"


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ({"$float": "nan"}, math.nan),
        ({"$float": "-inf"}, -math.inf),
        ({"$complex": [1.0, {"$float": "inf"}]}, complex(1, math.inf)),
        ({"$decimal": "1.50"}, Decimal("1.50")),
        ({"$datetime": "2026-01-25T14:30:52"}, dt.datetime(2026, 1, 25, 14, 30, 52)),  # noqa: DTZ001
        ({"$date": "2026-01-25"}, dt.date(2026, 1, 25)),
        ({"$timedelta_us": 1_500_000}, dt.timedelta(seconds=1.5)),
        ({"$datetime64": ["2026-01-25", "D"]}, np.datetime64("2026-01-25")),
        ({"$timedelta64": [5, "s"]}, np.timedelta64(5, "s")),
        ({"$bytes": "AAE="}, b"\0\1"),
        ({"$path": "data/nav.csv"}, Path("data/nav.csv")),
        ({"$set": [1, 2]}, {2, 1}),
        ({"$int": str(2**70)}, 2**70),
        ({"$dict": [[1, "a"]]}, {1: "a"}),
        ({"$array": ["float64", [2], [1.0, {"$float": "nan"}]]}, np.array([1.0, math.nan])),
        (3, np.int64(3)),
        (True, np.bool_(True)),  # noqa: FBT003
        ("red", Colour.RED),
        ([1, "a"], (1, "a")),
        ({"event_type": "note", "text": "a"}, Note(text="a")),
    ],
)
def test_each_type_has_its_form(expected: object, value: object) -> None:
    """The table in the module docstring is correct."""
    assert expected == to_json_value(value)


def test_a_hostile_object_is_said_by_its_type() -> None:
    """An object whose `repr` fails does not break a message."""
    assert {"$object": [f"{__name__}.Hostile", "<repr failed: RuntimeError>"]} == to_json_value(Hostile())


def test_a_list_within_itself_ends() -> None:
    """Recursion is cut off."""
    value: list[object] = []
    value.append(value)
    assert b"$object" in msgspec.json.encode(to_json_value(value))


@given(st.text(st.characters()))
def test_any_text_can_be_written_as_utf8(text: str) -> None:
    """A lone surrogate becomes its escape, everything else stays."""
    encoded = encode_text(text)
    encoded.encode()
    assert text == encoded or any("\ud800" <= character <= "\udfff" for character in text)


@given(st.recursive(st.none() | st.floats() | st.text() | st.binary() | st.integers(), st.lists))
def test_the_form_is_always_json(value: object) -> None:
    """Any value becomes strict JSON."""
    json.loads(msgspec.json.encode(to_json_value(value)), parse_constant=pytest.fail)


def test_a_digest_depends_on_values_alone() -> None:
    """The order of keys does not matter, the values do."""
    assert canonical_digest({"a": 1, "b": math.nan}) == canonical_digest({"b": math.nan, "a": 1})
    assert canonical_digest({"a": 1}) != canonical_digest({"a": 1.5})


def read_back(form: Any) -> Any:
    """Return the event that a line would hold."""
    return decode_event(msgspec.Raw(msgspec.json.encode(form)))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_text_that_utf8_lacks_leaves_typed_numbers_as_they_are_written(value: float) -> None:
    """Numbers that are not finite become null; values bound by the user keep their tagged form."""
    epoch = EpochDetected(series="a\ud800", epoch_index=1, bar_index=0, excess_gain=value, excess_loss=0.5)
    assert msgspec.structs.replace(epoch, series="a\\ud800", excess_gain=None) == read_back(escaped(epoch))
    seeded = SeedSet(seed=2**70, components=["a\ud800"], state_sha256={})
    assert msgspec.structs.replace(seeded, components=["a\\ud800"]) == read_back(escaped(seeded))
    result = AlgorithmResult(
        run_id="a\ud800", algorithm_name="a", final_metrics={"cv": value}, output_hash=None, duration_ms=value
    )
    said = read_back(escaped(result))
    assert ({"cv": {"$float": str(value)}}, None) == (said.final_metrics, said.duration_ms)


@relaxed
@given(hostile_event)
def test_the_escaped_form_of_an_event_is_that_event(event: Event) -> None:
    """An event of any class, with NaN, infinities, large integers or lone surrogates, is read back as that class."""
    form = escaped(event)
    assert type(event) is type(read_back(form))
    contract.validators()[event_type(type(event))].validate(form)


@relaxed
@given(unbounded_event)
def test_the_escaped_form_is_what_the_encoder_writes(event: Event) -> None:
    """If the encoder can write an event, both forms are read back the same."""
    assert read_back(event) == read_back(escaped(event))
