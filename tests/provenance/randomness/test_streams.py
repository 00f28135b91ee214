"""Random streams are found once each, and their states survive JSON."""

from __future__ import annotations

import random
import sys

import msgspec
import numpy as np
import pytest

from ithtel.provenance.randomness.streams import (
    LEGACY,
    PYTHON,
    Stream,
    find_streams,
    generator_types,
    rng_state,
    same_source,
)


@pytest.mark.parametrize(
    "generator",
    [random.Random(7), np.random.default_rng(7), np.random.RandomState(7), np.random.Generator(np.random.SFC64(7))],
)
def test_a_state_survives_json(generator: random.Random) -> None:
    """Put back, it gives the same numbers."""
    stream = Stream(name="numpy:x", target=generator)
    event = rng_state(stream.name, stream.raw())
    expected = [generator.random() for _ in range(3)]
    stream.put(msgspec.json.decode(msgspec.json.encode(event.state)))
    assert expected == [generator.random() for _ in range(3)]


def test_a_generator_with_several_names_is_one_stream() -> None:
    """Also through another generator of the same bit generator."""
    rng = np.random.default_rng(1)
    twin = np.random.Generator(rng.bit_generator)
    names = [stream.name for stream in find_streams({"a": rng, "b": rng, "c": twin}, sys.modules)]
    assert [PYTHON, LEGACY, "numpy:a"] == [name for name in names if name != "torch"]
    assert same_source(rng, twin)
    assert not same_source(rng, np.random.default_rng(1))


def test_without_numpy_only_pythons_classes_count() -> None:
    """Nothing is imported to find out."""
    assert (random.Random,) == generator_types({})
    assert {random.Random, np.random.Generator, np.random.RandomState} == {*generator_types(sys.modules)}


def test_hidden_names_of_ipython_are_skipped() -> None:
    """They hold earlier results, under other names."""
    rng = np.random.default_rng(1)
    assert [] == [s.name for s in find_streams({"_": rng, "_3": rng, "Out": {3: rng}}, {}) if ":" in s.name]
