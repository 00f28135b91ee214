"""Objects of any class are compared by their state."""

from __future__ import annotations

import collections
import datetime as dt
import functools
import ipaddress
import logging
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ithtel.provenance.fingerprint import PLAIN, fingerprint, small_array, take
from ithtel.provenance.fp1.functions import version_of
from ithtel.provenance.fp1.objects import TOO_LONG


def digest(value: object) -> str | None:
    return fingerprint(value).fingerprint


class Plain:
    def __init__(self, value: object) -> None:
        self.value = value


class Slotted:
    __slots__ = ("__private", "value")

    def __init__(self, value: object, private: int = 0) -> None:
        self.value = value
        self.__private = private


class Stateful:
    """Gives pickle less than it keeps."""

    def __init__(self, value: object, scratch: object) -> None:
        self.value, self.scratch = value, scratch

    def __getstate__(self) -> dict[str, Any]:
        return {"value": self.value}


class Reduced:
    """Gives pickle the arguments that make it again."""

    def __init__(self, value: int) -> None:
        self._value = value

    def __reduce__(self) -> tuple[type, tuple[int]]:
        return (Reduced, (self._value,))


class Cached:
    def __init__(self, value: int) -> None:
        self.value = value

    @functools.cached_property
    def double(self) -> int:
        return 2 * self.value


@dataclass
class Holder(dict[str, int]):
    unit: str


@dataclass
class Late:
    value: int
    result: int = field(init=False)


class Text(str):
    __slots__ = ()


class Tagged(list[int]):
    tag = ""


class Point(NamedTuple):
    x: int
    y: int


class Place(NamedTuple):
    lon: int
    lat: int


def tagged(tag: str) -> Tagged:
    made = Tagged([1])
    made.tag = tag
    return made


def held(unit: str, **items: int) -> Holder:
    made = Holder(unit)
    made.update(items)
    return made


def fitted(kind: str, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 2))
    y = x[:, 0] + rng.normal(size=40)
    if kind == "statsmodels":
        sm = pytest.importorskip("statsmodels.api")
        return sm.OLS(y, x).fit()
    if kind == "arch":
        arch = pytest.importorskip("arch")
        return arch.arch_model(10 * y).fit(disp="off")
    ensemble = pytest.importorskip("sklearn.ensemble")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    pipeline = pytest.importorskip("sklearn.pipeline")
    forest = ensemble.RandomForestRegressor(n_estimators=3, random_state=np.random.RandomState(0))
    return pipeline.make_pipeline(preprocessing.StandardScaler(), forest).fit(x, y)


@pytest.mark.parametrize("kind", ["sklearn", "statsmodels", "arch"])
def test_a_fitted_model_is_equal_when_its_data_are(kind: str) -> None:
    """The same data and seed give the same fingerprint, other data another."""
    first = digest(fitted(kind, 0))
    time.sleep(0.002)  # arch keeps the moment of the fit
    assert first is not None
    assert first == digest(fitted(kind, 0))
    assert first != digest(fitted(kind, 1))


DIFFERENT: dict[str, tuple[Any, Any]] = {
    "attribute": (Plain(1), Plain(2)),
    "type of an attribute": (Plain(1), Plain(1.0)),
    "array inside": (Plain(np.zeros(3)), Plain(np.array([0.0, 0.0, 1e-300]))),
    "slot": (Slotted(1), Slotted(2)),
    "private slot": (Slotted(1, 1), Slotted(1, 2)),
    "class": (Plain(1), Slotted(1)),
    "getstate": (Stateful(1, 0), Stateful(2, 0)),
    "reduce": (Reduced(1), Reduced(2)),
    "items of a dataclass that is a dict": (held("m", a=1), held("m", a=2)),
    "fields of a dataclass that is a dict": (held("m", a=1), held("km", a=1)),
    "attribute of a list": (tagged("a"), tagged("b")),
    "names of a namedtuple": (Point(1, 2), Place(1, 2)),
    "offset": (pd.DateOffset(days=1), pd.DateOffset(days=2)),
    "cython offset": (pd.offsets.BDay(1), pd.offsets.BDay(2)),
    "interval": (pd.Interval(0, 1), pd.Interval(0, 1, closed="left")),
    "categories": (pd.CategoricalDtype(["a"]), pd.CategoricalDtype(["b"])),
    "address": (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("127.0.0.2")),
    "exception": (ValueError("a"), ValueError("b")),
    "partial": (functools.partial(max, 1), functools.partial(max, 2)),
    "function of a partial": (functools.partial(max, 1), functools.partial(min, 1)),
    "lambda inside": (Plain(lambda x: x + 1), Plain(lambda x: x + 2)),
    "default inside": (Plain(lambda x=1: x), Plain(lambda x=2: x)),
    "closure inside": (Plain(functools.partial(tagged, "a")), Plain(functools.partial(tagged, "b"))),
    "kind of a generator inside": (Plain(np.random.default_rng(0)), Plain(np.random.RandomState(0))),
    "deque": (collections.deque([1], 3), collections.deque([1], 4)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_objects_that_differ_have_different_fingerprints(name: str) -> None:
    """In an attribute, a slot, what pickle is given, the class, a function or generator inside."""
    one, other = DIFFERENT[name]
    assert None not in (digest(one), digest(other))
    assert digest(one) != digest(other)


EQUAL: dict[str, tuple[Any, Any]] = {
    "attributes": (Plain([1, 2]), Plain([1, 2])),
    "scratch that pickle is not given": (Stateful(1, 0), Stateful(1, object)),
    "lock": (Plain(threading.Lock()), Plain(threading.Lock())),
    "generator inside": (Plain(np.random.default_rng()), Plain(np.random.default_rng())),
    "Python's generator inside": (Plain(random.Random(0)), Plain(random.Random(1))),
    "function": (Plain(digest), Plain(digest)),
    "moment of this run": (Plain(dt.datetime.now()), Plain(dt.datetime.now() - dt.timedelta(seconds=1))),  # noqa: DTZ005
    "logger": (Plain(logging.getLogger("a")), Plain(logging.getLogger("a"))),
    "unset field": (Late(1), Late(1)),
}


@pytest.mark.parametrize("name", EQUAL)
def test_objects_of_equal_state_are_equal(name: str) -> None:
    """Locks, random generators and moments of this run are no state; neither is what the class keeps from pickle."""
    one, other = EQUAL[name]
    assert digest(one) is not None
    assert digest(one) == digest(other)


def test_a_date_that_is_data_counts() -> None:
    """Only a moment between the start of the process and now is taken for the clock."""
    assert digest(Plain(dt.datetime(2020, 1, 1))) != digest(Plain(dt.datetime(2020, 1, 2)))  # noqa: DTZ001


def test_a_cached_property_is_made_of_the_rest() -> None:
    """To look at it changes no fingerprint."""
    value = Cached(3)
    before = digest(value)
    assert 6 == value.double
    assert before == digest(value)


def test_objects_that_refer_to_each_other_have_a_fingerprint() -> None:
    """A parent knows its child and the child its parent."""

    def family(age: int) -> Plain:
        parent, child = Plain(None), Plain(age)
        parent.value, child.parent = [child, child], parent  # type: ignore[attr-defined]
        return parent

    assert digest(family(1)) is not None
    assert digest(family(1)) == digest(family(1))
    assert digest(family(1)) != digest(family(2))


def test_what_gives_no_state_is_named() -> None:
    """A connection stands for something outside of the process, alone and inside of another object."""
    with sqlite3.connect(":memory:") as connection:
        assert "sqlite3.Connection does not give its state" == reason(connection)
        assert "at ['state']['value']: sqlite3.Connection does not give its state" == reason(Plain(connection))
    connection.close()


LAW = """
import functools, pickle
import numpy as np
from ithtel.provenance.fingerprint import fingerprint

class Node:
    scale = 2.0
    def __init__(self, value):
        self.value, self.near, self.names = value, set(), {"a", "bb", "ccc"}
    def doubled(self):
        return functools.reduce(lambda x, y: x * y, [self.value, self.scale], 1)

nodes = [Node(n) for n in range(4)]
for one in nodes:
    one.near = {other for other in nodes if other is not one}
    one.by_node = {(other.value, "x"): other for other in nodes}
graph = {"nodes": nodes, "first": nodes[0], "check": frozenset("xyz")}
for value in (graph, pickle.loads(pickle.dumps(graph))):
    print(fingerprint(value).fingerprint)
"""


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    """With another order of sets, and after pickling: objects in cycles, in sets and as keys, a class of the user's."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", LAW],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed in ("0", "1", "2")
    ]
    assert {"fp1:sha256"} == {line.rpartition(":")[0] for run in runs for line in run}
    assert 1 == len({line for run in runs for line in run})


def defined(text: str) -> Any:
    """Return an object of a class of the notebook, defined by `text`."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "<cell>", "exec"), space)  # noqa: S102 - the text of a test
    return space["Model"]()


OF_CLASS = "class Model:\n    rate = 1\n    def predict(self, x): return x * self.rate\n"


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (f"# a comment\n\n{OF_CLASS}", True),
        (OF_CLASS.replace("rate = 1", "rate = 2"), False),
        (OF_CLASS.replace("x * self.rate", "x + self.rate"), False),
        (OF_CLASS.replace("    def", "    @staticmethod\n    def"), False),
        (OF_CLASS + "    @property\n    def unit(self): return 'm'\n", False),
        (OF_CLASS.replace("class Model:", "class Base: pass\nclass Model(Base):"), False),
    ],
)
def test_a_class_of_the_notebook_counts_by_its_code(other: str, is_same: bool) -> None:
    """Its functions, attributes and bases, without comments and places."""
    assert (digest(defined(OF_CLASS)) == digest(defined(other))) is is_same


def test_a_node_met_again_is_a_reference() -> None:
    """Where it points to counts."""
    one, other = Plain(0), Plain(0)
    for made in (one, other):
        made.value = [Plain(made), Plain(made), None]
    one.value[2], other.value[2] = one.value[0], other.value[1]
    assert digest(one) != digest(other)


def test_sets_of_entangled_objects_are_refused_in_time() -> None:
    """A dense graph whose edges are sets has no fingerprint; the search for one ends."""
    nodes = [Plain(set()) for _ in range(12)]
    for node in nodes:
        node.value = set(nodes)
    assert "too many ways" in str(reason(nodes))


def test_time_ends() -> None:
    """Past the time given, objects are not read."""
    assert TOO_LONG in str(getattr(take(Plain(1), None, PLAIN, until=-1.0), "reason", None))


@pytest.mark.parametrize("value", [functools.partial(print), collections.defaultdict(list), Plain(int | str)])
def test_values_of_the_standard_library_have_one(value: object) -> None:
    """A partial, a dict with a default, a union."""
    assert digest(value) is not None


def test_a_default_factory_counts() -> None:
    """Two dicts with other defaults behave differently."""
    assert digest(collections.defaultdict(list)) != digest(collections.defaultdict(set))


def test_durations_and_addresses_of_known_packages_are_left_out() -> None:
    """A grid search keeps how long each fit took, a vectorizer an address."""
    pytest.importorskip("sklearn")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV

    x = np.arange(20.0).reshape(10, 2)
    searches = [GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(x, x[:, 0]) for _ in range(2)]
    assert searches[0].refit_time_ != searches[1].refit_time_
    assert digest(searches[0]) == digest(searches[1]) is not None
    vectorizer = TfidfVectorizer().fit(["a bb", "bb cc"])
    vectorizer._stop_words_id = 0
    assert digest(vectorizer) == digest(TfidfVectorizer().fit(["a bb", "bb cc"]))


def test_a_tree_of_scipy_counts_by_its_points() -> None:
    """What it gives to pickle holds addresses."""
    from scipy.spatial import KDTree

    points = np.arange(40.0).reshape(20, 2)
    assert digest(KDTree(points)) == digest(KDTree(points)) != digest(KDTree(points + 1))


def test_objects_of_ithtel_are_not_compared() -> None:
    """They show the record, whose times and ids differ in every run."""
    from ithtel.reading.lines.log import Log

    assert "belongs to ithtel" in str(reason(Log.from_lines([])))


def test_what_stands_for_something_outside_is_refused() -> None:
    """Threads, files, generators: also inside of an object."""
    generator = (n for n in (1,))
    with open(os.devnull, "rb") as file:  # noqa: PTH123 - any file
        for value, text in ((threading.Thread(), "runs"), (file, "open file"), (generator, "used up")):
            assert text in str(reason(value))
            assert text in str(reason(Plain(value)))
    assert [1] == list(generator)


def reason(value: object) -> str | None:
    return getattr(fingerprint(value), "reason", None)


def test_the_version_of_the_package_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of another version of its package is another model."""
    sample = pd.offsets.BDay(1)
    version_of.cache_clear()
    before = digest(sample)
    with monkeypatch.context() as patch:
        patch.setattr(pd, "__version__", "0.0.1")
        version_of.cache_clear()
        assert before != digest(sample)
    version_of.cache_clear()
    assert before == digest(sample)


@given(st.dictionaries(st.text(max_size=3), st.recursive(st.integers() | st.text(max_size=3), st.lists, max_leaves=5)))
def test_attributes_decide(attributes: dict[str, Any]) -> None:
    """Two objects with the same attributes are equal; one attribute more makes another object."""
    one, other, more = Plain(0), Plain(0), Plain(0)
    for value in (one, other, more):
        vars(value).update(attributes)
    vars(more)["one attribute more"] = 1
    assert digest(one) == digest(other) != digest(more)


@given(
    arrays(
        st.sampled_from([np.dtype(code) for code in ("<f8", ">f8", "<f4", "f2", "g", "i1", ">i4", "u8", "?")]),
        array_shapes(min_dims=0, min_side=0, max_side=4),
    )
)
def test_the_short_way_for_small_arrays_gives_the_same(array: np.ndarray[Any, Any]) -> None:
    """Of each numeric dtype, byte order and shape, with NaN of any bits, strided too."""
    for one in (array, array.T, array[::2] if array.ndim else array):
        assert fingerprint(one).fingerprint == small_array(one, PLAIN)
