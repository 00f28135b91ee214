from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
import pickle
import re
import socket
import sys
import types
import uuid
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import share
from ithtel.events import ObjectFingerprint
from ithtel.provenance.fingerprint import as_mapping, fingerprint
from ithtel.provenance.fp1.estimate import estimate_ms

quick = settings(max_examples=share(80), deadline=None)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary()
    | st.decimals() | st.fractions() | st.dates() | st.times() | st.timedeltas() | st.uuids()
    | st.datetimes(timezones=st.sampled_from([None, dt.UTC, zoneinfo.ZoneInfo("Europe/Berlin")]) )
)  # fmt: skip
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.dates()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    y: Any = None


class Bar(msgspec.Struct):
    nav: float
    of: Any = None


class Side(enum.Enum):
    BULL = 1
    BEAR = -1


class Level(enum.IntEnum):
    LOW = 1


Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - untyped ones exist


class Named(list[Any]):
    pass


def digest(value: object) -> str | None:
    """Return the fingerprint alone."""
    return fingerprint(value).fingerprint


@quick
@given(VALUES)
def test_pickling_changes_nothing(value: object) -> None:
    """What is made of scalars, lists, tuples and dicts has a fingerprint, and the copy has the same."""
    assert digest(value) is not None
    assert fingerprint(value) == fingerprint(pickle.loads(pickle.dumps(value)))  # noqa: S301 - our own


@quick
@given(VALUES, VALUES)
def test_equal_means_equal(one: object, other: object) -> None:
    """Two values with one fingerprint have one representation, but for the order of keys."""
    if digest(one) == digest(other):
        assert len(repr(one)) == len(repr(other)) or "nan" in repr(one).lower()
    assert digest([one]) != digest(one)
    assert digest((one,)) != digest([one])


DISTINCT: list[Any] = [
    None,
    True,
    1,
    1.0,
    1 + 0j,
    "1",
    b"1",
    bytearray(b"1"),
    Decimal(1),
    Decimal("1.0"),
    Fraction(1),
    -0.0,
    0.0,
    0,
    False,
    float("nan"),
    float("inf"),
    2**64,
    -(2**64),
    10**5_000,
    "",
    b"",
    [],
    (),
    {},
    set(),
    frozenset(),
    ...,
    "a\0",
    "a",
    "\ud800",
    ["a", "b"],
    ["ab"],
    [["a"], "b"],
    [["a", "b"]],
    {"a": None},
    {"a"},
    range(3),
    range(0, 4, 2),
    slice(1),
    slice(1, None, 2),
    np.float64(1),
    np.float32(1),
    np.int64(1),
    np.True_,
    np.str_("1"),
    np.datetime64(1, "s"),
    np.datetime64(1, "ms"),
    np.float64("nan"),
    dt.date(2026, 1, 25),
    pd.Timestamp(2026, 1, 25).to_pydatetime(),
    dt.time(1),
    dt.timedelta(1),
    dt.datetime(2026, 1, 25, tzinfo=dt.UTC),
    dt.datetime(2026, 1, 25, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    pd.Timestamp(2026, 1, 25).to_pydatetime().replace(fold=1),
    pd.Timestamp("2026-01-25"),
    pd.Timestamp("2026-01-25", tz="UTC"),
    pd.Timestamp("2026-01-25").as_unit("ns"),
    pd.Timedelta(1, "s"),
    pd.Period("2026", "Y"),
    pd.NaT,
    pd.NA,
    uuid.UUID(int=1),
    PurePosixPath("a"),
    re.compile("a"),
    re.compile("a", re.IGNORECASE),
    dt.UTC,
    float,
    np.float64,
    np.dtype("f8"),
    np.dtype("f4"),
    Point(1.0),
    Point(1),
    Bar(1.0),
    Bar(2.0),
    Side.BULL,
    Side.BEAR,
    Level.LOW,
    Pair(1, 2),
    (1, 2),
    [1, 2],
    {1: 2},
    OrderedDict({1: 2}),
    defaultdict(list, {1: 2}),
    Counter({1: 2}),
    deque([1, 2]),
    deque([1, 2], 5),
    Named([1, 2]),
    types.SimpleNamespace(a=1),
    {"a": 1},
    {"a": 1.0},
    {1: "a"},
    np.array([1, 2]),
    [np.array([1, 2])],
    [pd.Series([1, 2])],
    [pl.Series([1, 2])][0].rename("q"),
    (np.array([1, 2]),),
]


def test_different_values_have_different_fingerprints() -> None:
    """No two of these are one."""
    prints = [digest(value) for value in DISTINCT]
    assert [repr(value) for value, text in zip(DISTINCT, prints, strict=True) if text is None] == []
    seen: dict[str | None, object] = {}
    for value, text in zip(DISTINCT, prints, strict=True):
        assert text not in seen, (value, seen[text])
        seen[text] = value


def test_an_array_within_is_an_array_of_any_library() -> None:
    """One-dimensional values of one dtype are one, in a list as well."""
    assert digest([pa.array([1, 2])]) == digest([np.array([1, 2])]) == digest([pd.array([1, 2], "Int64")])


def test_equal_values_have_equal_fingerprints() -> None:
    """Order of keys and members, paths, zones by another library: no difference."""
    import dateutil.tz

    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a", "b", "c", "d"}) == digest({"d", "c", "b", "a"})
    assert digest(OrderedDict(a=1, b=2)) != digest(OrderedDict(b=2, a=1))
    assert digest(Path("a/b")) == digest(PurePosixPath("a/b"))
    zones = [zoneinfo.ZoneInfo("Europe/Berlin"), dateutil.tz.gettz("Europe/Berlin")]
    assert len({digest(dt.datetime(2026, 1, 25, tzinfo=zone)) for zone in zones}) == 1


def test_long_texts_are_digested() -> None:
    """A text of megabytes does not make a token of megabytes, and one letter in it counts."""
    text = "a" * 3_000_000
    assert digest(text) != digest(text[:-1] + "b")
    assert digest([text]) == digest([text[:5] + text[5:]])
    assert digest([text, "b"]) != digest([text + "b"])


class Hostile:
    """Everything that can fail, fails."""

    def __getattribute__(self, name: str) -> Any:
        raise ZeroDivisionError(name)

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    def __hash__(self) -> int:
        raise ZeroDivisionError

    def __repr__(self) -> str:
        raise ZeroDivisionError

    def __len__(self) -> int:
        raise ZeroDivisionError

    def __bool__(self) -> bool:
        raise ZeroDivisionError


class Lying:
    """Says that it is an array."""

    __class__ = np.ndarray  # type: ignore[assignment]


class Meta(type):
    """A metaclass that fails at whatever is asked of its classes."""

    def __getattribute__(cls, name: str) -> Any:
        raise ZeroDivisionError(name)

    def __instancecheck__(cls, instance: object) -> bool:
        raise ZeroDivisionError

    def __subclasscheck__(cls, subclass: type) -> bool:
        raise ZeroDivisionError


class Strange(metaclass=Meta):
    pass


class Greedy(list[Any]):
    def __iter__(self) -> Any:
        raise ZeroDivisionError

    def __len__(self) -> int:
        raise ZeroDivisionError


class Panic(BaseException):
    pass


@dataclasses.dataclass
class Panicking:
    x: int = 0

    def __getattribute__(self, name: str) -> Any:
        if name == "x":
            raise Panic
        return super().__getattribute__(name)


def endless() -> Any:
    """Make a generator that must not be run."""
    raise AssertionError("it was run")
    yield


def recursive() -> list[Any]:
    """Return a list that contains itself."""
    values: list[Any] = [1]
    values.append({"again": values})
    return values


def nested(depth: int) -> list[Any]:
    """Return a list in a list in a list."""
    values: list[Any] = []
    for _ in range(depth):
        values = [values]
    return values


ODD: dict[str, Any] = {
    "strange": Strange(),
    "panicking": Panicking(),
    "a class": Strange,
    "lambda": lambda: 0,
    "function": digest,
    "builtin": len,
    "method": "a".join,
    "generator": endless(),
    "iterator": iter([1]),
    "module": sys,
    "generator of NumPy": np.random.default_rng(0),
    "lazy": pl.LazyFrame({"a": [1]}),
    "nested": nested(5_000),
    "file": sys.stdout,
    "code": digest.__code__,
    "cells": endless.__code__,
}


STATEFUL: dict[str, Any] = {
    "hostile": Hostile(),
    "hostile inside": [1, {"a": Hostile()}],
    "lying": Lying(),
    "partial": functools.partial(len),
    "own class": object(),
    "recursive": recursive(),
    "objects of a frame": [pd.Series([object()], dtype=object)],
    "array of functions": [np.array([len], object)],
    "read-only mapping": types.MappingProxyType({}),
    "class as a key": dict.fromkeys([Point], 1),
}


@pytest.mark.parametrize("name", STATEFUL)
def test_hostile_and_recursive_objects_are_read_by_their_state(name: str) -> None:
    """Whatever their own methods do: the fingerprint does not call them."""
    assert fingerprint(STATEFUL[name]).fingerprint is not None
    assert fingerprint(STATEFUL[name]).fingerprint == fingerprint(STATEFUL[name]).fingerprint


@pytest.mark.parametrize("name", ODD)
def test_odd_objects_have_a_reason(name: str) -> None:
    """No exception and no made-up hash, but a type and a reason; nothing is run or used up."""
    event = fingerprint(ODD[name], name)
    assert isinstance(event, ObjectFingerprint)
    assert event.fingerprint is None
    assert event.sha256 is None
    assert event.type
    assert event.reason
    assert estimate_ms(ODD[name]) > 0


def test_a_reason_says_where() -> None:
    """What has no canonical form is named by its place."""
    with socket.socket() as one:
        refused = "socket.socket does not give its state"
        assert refused == as_mapping(fingerprint(one))["reason"]
        assert f"at ['a'][1][1]: {refused}" == as_mapping(fingerprint({"a": [1, (2, one)]}))["reason"]
    assert "a function is code, not data" == as_mapping(fingerprint(len))["reason"]
    assert "random generator" in str(as_mapping(fingerprint(np.random.default_rng(0)))["reason"])


def test_a_generator_is_not_consumed() -> None:
    """An iterator still has all that it had."""
    numbers = iter(range(3))
    fingerprint(numbers)
    fingerprint([numbers])
    assert [0, 1, 2] == list(numbers)


def test_a_derived_list_is_read_by_the_builtins_methods() -> None:
    """What a class overrides is not called; what an instance holds besides its elements counts."""
    values = Greedy([1, 2])
    first = digest(values)
    assert first is not None
    values.unit = "m"  # type: ignore[attr-defined]
    assert digest(values) not in (None, first)


def test_what_is_shared_many_times_over_takes_no_time() -> None:
    """A list of a list twice over, ninety levels deep, is digested level by level."""
    values: list[Any] = [1]
    for _ in range(90):
        values = [values, values]
    assert digest(values) is not None


def test_an_interrupt_goes_through() -> None:
    """KeyboardInterrupt while an object is read belongs to the user."""

    @dataclasses.dataclass
    class Slow:
        x: int = 0

        def __getattribute__(self, name: str) -> Any:
            if name == "x":
                raise KeyboardInterrupt
            return super().__getattribute__(name)

    with pytest.raises(KeyboardInterrupt):
        fingerprint(Slow())


@quick
@given(st.from_type(type).flatmap(st.from_type).filter(lambda value: not isinstance(value, type)))
def test_whatever_comes_it_does_not_raise(value: object) -> None:
    """Any object that hypothesis can make has a fingerprint or a reason, and an estimate."""
    event = fingerprint(value)
    assert (event.fingerprint is None) == bool(getattr(event, "reason", None))
    assert estimate_ms(value) >= 0
