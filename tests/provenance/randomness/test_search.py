"""`StreamSearch`, `StateReader`: the streams that a walk through all variables would find, without that walk."""

from __future__ import annotations

import contextlib
import random
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ithtel.provenance.randomness.reach import Reach
from ithtel.provenance.randomness.search import StateReader, StreamSearch
from ithtel.provenance.randomness.streams import PYTHON, Stream, find_streams

if TYPE_CHECKING:
    from collections.abc import Callable

SETUP = """
import functools, types, random
import numpy as np
make = lambda: np.random.default_rng(1)
class Sim:
    def reset(self): self.rng = make()
    def share(self): Sim.common = make()
    def clear(self): self.__dict__.clear()
class Slim:
    __slots__ = ("rng",)
    def reset(self): self.rng = make()
class Child(Sim): pass
sim, other, child, slim = Sim(), Sim(), Child(), Slim()
box, pair, table = [], (sim, []), {}
def go(): sim.reset()
def twice():
    def inner(): go()
    inner()
def bind():
    global fresh
    fresh = make()
def keep(target=pair[1]): target.append(make())
def outer(held):
    def call(): held.reset()
    return call
call = outer(other)
later = child.reset
step = functools.partial(Sim.reset, slim if False else other)
add = box.append
space = types.SimpleNamespace(deep=[sim, other])
objects = np.array([child, None], dtype=object)
class Holder:
    def __init__(self): self.inner = Sim(); self.by_name = {"a": [Sim()]}
holder, tower = Holder(), [[[Sim()]]]
partial = functools.partial(lambda kept: kept.reset(), Sim())
def counter():
    kept = None
    def change():
        nonlocal kept
        kept = make()
    def read(): return kept
    return change, read
change, read = counter()
def noted(): noted.rng = make()
"""
STATEMENTS = [
    "alias = sim", "alias.reset()", "go()", "twice()", "bind()", "keep()", "call()", "later()", "step()", "add(make())",
    "box.append(make())", "table['k'] = make()", "pair[0].reset()", "pair[1].clear()", "box.clear()", "sim.clear()",
    "space.deep[1].reset()", "objects[0].reset()", "slim.reset()", "other.share()", "child.share()", "Sim.common = 1",
    "rng = make()", "rng = 1", "second = box", "second.append(random.Random(1))", "del rng", "box, table = table, box",
    "holders = [sim, box]", "holders[0].reset()", "holders[1].append(make())", "(lambda: other.reset())()",
    "[each.reset() for each in space.deep]", "getattr(space, 'deep')[0].clear()", "exec('box.append(make())')",
    "globals()['rng'] = make()", "Sim = type('Sim', (), {'rng': make()})", "fresh = None", "x = 1", "y = np.zeros(3)",
    "vars(space)['rng'] = make()", "child.__class__.reset(child)", "it = iter(space.deep); next(it).reset()",
    "table.setdefault('sims', [make()])", "def go(): other.reset()", "other = Slim()", "sim = child",
    "holder.inner.reset()", "inner = holder.inner", "inner.reset()", "tower[0][0][0].reset()",
    "tower[0].append(make())",
    "holder.by_name['a'].append(make())", "partial()", "change()", "read()", "noted()", "table['deep'] = holder",
    "holder.inner = make()", "bits = np.random.PCG64(1)", "made = np.random.Generator(bits)",
    "box.append(np.random.SeedSequence(3))", "method = make().normal", "held = partial.args[0]; held.reset()",
]  # fmt: skip
PROGRAMS = st.lists(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=3), min_size=1, max_size=12)


class Notebook:
    """A namespace whose streams are searched before and after each cell."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {"__name__": "__main__"}
        exec(SETUP, self.values)  # noqa: S102 - our own text
        self.search = StreamSearch(sys.modules)
        self.seen = self.ids()
        self.search.update(self.values, self.seen)

    def ids(self) -> dict[str, int]:
        """Return the identity of each variable."""
        return {name: id(value) for name, value in self.values.items() if name[:2] != "__"}

    def run(self, source: str) -> None:
        """Run a cell between two looks; it may fail."""
        before = Reach(self.values, sys.modules).of(source)
        with contextlib.suppress(Exception):  # a name may not exist
            exec(source, self.values)  # noqa: S102
        after = Reach(self.values, sys.modules).of(source)
        now = self.ids()
        bound = [name for name, identity in now.items() if self.seen.get(name) != identity]
        reached = None if before is None or after is None else before | after
        self.search.update(self.values, now, bound, reached, self.seen.keys() - now.keys())
        self.seen = now

    def found(self) -> list[tuple[str, int]]:
        """Return the streams that the search knows."""
        return [(stream.name, id(stream.target)) for stream in self.search.streams()]

    def walked(self) -> list[tuple[str, int]]:
        """Return the streams that a walk finds."""
        shown = {name: self.values[name] for name in self.ids()}
        return [(stream.name, id(stream.target)) for stream in find_streams(shown, sys.modules)]


@example([["alias = sim"], ["other.share()", "exec('box.append(make())')"], ["Sim.common = 1"]])
@settings(max_examples=150)
@given(PROGRAMS)
def test_a_search_finds_what_a_walk_finds(program: list[list[str]]) -> None:
    """Whatever cells do with aliases, in place, through functions, methods, closures, classes and iterators."""
    notebook = Notebook()
    for cell in program:
        notebook.run("\n".join(cell))
        assert notebook.walked() == notebook.found()


@pytest.mark.parametrize("statement", STATEMENTS)
def test_each_statement_is_followed(statement: str) -> None:
    """Each kind of change is found by itself."""
    notebook = Notebook()
    notebook.run("alias = second = box; holders = [sim, box]; rng = 1")
    notebook.run(statement)
    assert notebook.walked() == notebook.found()


DRAWS: dict[str, Callable[[], object]] = {
    "normal": np.random.standard_normal,
    "random": lambda: np.random.random(3),  # noqa: NPY002
    "seed": lambda: np.random.seed(3),  # noqa: NPY002
    "set": lambda: np.random.set_state(np.random.get_state()),  # noqa: NPY002
    "gauss": lambda: random.gauss(0, 1),
    "draw": random.random,
    "reseed": lambda: random.seed(3),
    "nothing": lambda: None,
}


@given(st.lists(st.sampled_from(sorted(DRAWS)), max_size=12))
def test_a_reader_reads_the_present_state(names: list[str]) -> None:
    """Although it reads only what has changed in memory: half of a pair of normal numbers counts, too."""
    reader = StateReader()
    streams = [Stream(name=PYTHON, target=random), *find_streams({}, sys.modules)[1:]]
    for name in names:
        DRAWS[name]()
        assert [stream.raw() for stream in streams] == [reader.read(stream) for stream in streams]


def test_a_state_that_did_not_change_is_not_read_again() -> None:
    """The very object is returned."""
    reader = StateReader()
    stream = Stream(name="numpy:rng", target=np.random.RandomState(1))
    assert reader.read(stream) is reader.read(stream)
    stream.target.rand()
    assert stream.raw() == reader.read(stream)
