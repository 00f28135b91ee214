"""The names found in a cell's text are those that it uses when it runs."""

from __future__ import annotations

import ast
import builtins
import dis
import random
import re
import sys
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from examples import share
from ithtel.provenance.cell_text.dataflow import CellNames, cell_names
from ithtel.provenance.cell_text.visitor import CellVisitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

EMPTY = CellNames(reads=[], writes=[], deletes=[], mutates_maybe=[], imports=[], star_imports=[], file_strings=[])
NAMES = ["a", "b", "c", "d"]
CALLABLES = ["f", "g", "K"]


def reads(source: str) -> str:
    """Return the reads of a cell, as words."""
    return " ".join(cell_names(source).reads)


def writes(source: str) -> str:
    """Return the writes of a cell, as words."""
    return " ".join(cell_names(source).writes)


# Against real execution: random cells run in a namespace that watches, with values on which everything works


class Value:
    """A value that takes part in anything, and decides by chance what is true and how long it is."""

    chance = random.Random(0)

    def __init__(self, *_: object, **__: object) -> None:
        """Take anything."""

    def _same(self, *_: object, **__: object) -> Value:
        return Value()

    __neg__ = __format__ = __add__ = __radd__ = __iadd__ = __sub__ = __getitem__ = __call__ = __enter__ = (  # type: ignore[assignment]
        __getattr__
    ) = _same

    def __setitem__(self, key: object, value: object) -> None:
        """Take an item."""

    def __delitem__(self, key: object) -> None:
        """Lose an item."""

    def __exit__(self, *_: object) -> None:
        """Leave, and let exceptions through."""

    def __bool__(self) -> bool:
        """Decide by chance."""
        return self.chance.random() < 0.5

    def __iter__(self) -> Iterator[Value]:
        """Yield none, one or two."""
        return iter([Value() for _ in range(self.chance.randrange(3))])


class Namespace(dict[str, Any]):
    """A namespace that notes which names were read while they held what they held before."""

    def __init__(self) -> None:
        """Hold one value a name."""
        super().__init__({name: Value() for name in (*NAMES, *CALLABLES)})
        self.before = dict(self)
        self.n_steps = 0
        helpers = {"maybe_fail": self.maybe_fail, "maybe": Value, "step": self.step}
        super().__setitem__("__builtins__", {**vars(builtins), **helpers})
        self.seen: set[str] = set()
        self.stored: set[str] = set()
        self.deleted: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        """Note a read of what was there before."""
        value = super().__getitem__(name)
        if name != "__builtins__" and value is self.before.get(name):
            self.seen.add(name)
        return value

    @staticmethod
    def maybe_fail() -> None:
        """Fail by chance."""
        if Value.chance.random() < 0.3:
            raise KeyError

    def __setitem__(self, name: str, value: Any) -> None:
        """Note a binding by the cell itself (not by a function's `global`)."""
        super().__setitem__(name, value)
        if not name.startswith("__"):
            self.stored.add(name)

    def __delitem__(self, name: str) -> None:
        """Note that a name is unbound."""
        super().__delitem__(name)
        self.deleted.add(name)

    def step(self) -> None:
        """Fail in a loop without end."""
        self.n_steps += 1
        if self.n_steps > 20:
            raise RuntimeError

    def run(self, source: str) -> bool:
        """Run a cell, and return whether it finished."""
        code = compile(source, "<cell>", "exec", dont_inherit=True)
        try:
            exec(code, self)  # noqa: S102 - that is the test
        except Exception:  # noqa: BLE001 - a random cell fails in any way, and counts as far as it came
            return False
        return True

    def rebound(self) -> set[str]:
        """Return the names that now hold something else, or are new."""
        values = {name: dict.__getitem__(self, name) for name in self if not name.startswith("__")}
        return {name for name, value in values.items() if self.before.get(name) is not value}

    def gone(self) -> set[str]:
        """Return the names that are no longer there."""
        return set(self.before) - set(self)


EXPRESSIONS = [
    "N",
    "N",
    "F()",
    "(N + E)",
    "N[E]",
    "(E and E)",
    "(E or not E)",
    "(E if E else E)",
    "(N < E < E)",
    "[E + p for p in E if E]",
    "{p: E for p in E}",
    "list(E for p in E for q in E)",
    "[(N := p) for p in E]",
    "(N := E)",
    "(lambda p=E: E)()",
    "(lambda: [E for a in b])",
    "f'{N}'",
]
SIMPLE = [
    "N = E",
    "N = E",
    "N = N = E",
    "N, (N, *N) = E",
    "N += E",
    "N.x = E",
    "N[E] = E",
    "N: N = E",
    "N: N",
    "del N",
    "del N[0]",
    "import math as N",
    "from math import sin, pi as N",
    "N = F",
    "F = lambda p: E",
    "E",
    "maybe_fail()",
    "assert E, N",
]
COMPOUND = [
    "if E:\nB\nelse:\nB",
    "if E:\nB",
    "for N in E:\nL\nelse:\nB",
    "while E:\n    step()\nL\n    break",
    "while True:\n    step()\nL\n    if maybe(): break",
    "try:\nB\nexcept KeyError as N:\nB",
    "try:\nB\nexcept KeyError:\nB\nelse:\nB",
    "try:\nB\nfinally:\nB",
    "with N as N:\nB",
    "match E:\n  case [a, *b]:\nB\n  case N:\nB",
    "match E:\n  case N if E:\nB",
    "match E:\n  case {'k': a, **b} | a as b:\nB",
    "def F(p=E):\nR",
    "def F():\n    global N\nB",
    "def F():\n    def inner():\n        nonlocal p\n        p = E\n    p = E\nR",
    "def F():\n    class a:\n        b = E\n        c = b\nR",
    "class F:\nC",
    "class F:\n    global a\nB",
    "@F\ndef F():\nR",
]
STRAIGHT_EXPRESSIONS = [
    "N",
    "(N + E)",
    "N[E]",
    "(N := E)",
    "{'k': E}",
    "N(E, k=E)",
    "f'{N:{E}}'",
    "[*E, N.x]",
    "-E[E:E]",
]
STRAIGHT_SIMPLE = [
    *("N = E", "N = N = E", "N, (N, *N) = E", "N += E", "N.x = E", "N[E] = E", "N: N = E", "N: N", "del N", "del N[E]"),
    *("import math as N", "from math import pi as N", "E"),
]
LOOP = ["continue", "break", "if maybe(): break", "if N: continue", "raise KeyError"]
BODIES = {
    "B": [],
    "L": LOOP,
    "R": ["return E", "yield E"],
    "C": ["def f(self=E):\nR", "def g():\n    return __class__, E"],
}


class Grammar:
    """Draws cells: in a template N is a name, F a callable's, E an expression, B a block, L that of a loop."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], *, is_straight: bool = False) -> None:
        """Draw with hypothesis; straight cells have one way through them."""
        self.draw = draw
        self.expressions = STRAIGHT_EXPRESSIONS if is_straight else EXPRESSIONS
        self.simple = STRAIGHT_SIMPLE if is_straight else SIMPLE
        self.compound = [] if is_straight else COMPOUND

    def pick(self, items: list[str]) -> str:
        """Draw one of several."""
        return str(self.draw(st.sampled_from(items)))

    def fill(self, template: str, depth: int) -> str:
        """Fill a template."""
        return re.sub(r"\b[NFEBLRC]\b", lambda match: self.part(match[0], depth), template)

    def part(self, symbol: str, depth: int) -> str:
        """Draw one part of a template."""
        if symbol == "N":
            return self.pick(NAMES)
        if symbol == "F":
            return self.pick(CALLABLES)
        if symbol == "E":
            return self.fill(self.pick(self.expressions if depth > 0 else ["N"]), depth - 1)
        return textwrap.indent(self.block(BODIES[symbol], depth - 1), "    ")

    def block(self, special: list[str], depth: int, size: int = 3) -> str:
        """Draw several statements."""
        kinds = self.simple + special * 3 + (self.compound if depth > 0 else [])
        return "\n".join(self.fill(self.pick(kinds), depth) for _ in range(self.draw(st.integers(1, size))))


@st.composite
def cells(draw: Callable[[st.SearchStrategy[Any]], Any], *, depth: int = 3) -> str:
    """Return a cell that Python compiles."""
    source = Grammar(draw).block([], depth, size=6)
    assume(compiles(source))
    return source


def compiles(source: str) -> bool:
    """Return whether Python compiles a cell; warnings about it do not matter here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<cell>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


@settings(max_examples=share(150), deadline=None)
@given(source=cells(), seed=st.integers(0, 2**16))
def test_nothing_is_missed(source: str, seed: int) -> None:
    """Whatever a cell reads from before, binds or unbinds as it runs, is among its names."""
    Value.chance = random.Random(seed)
    namespace = Namespace()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        namespace.run(source)
    names = cell_names(source)
    assert namespace.seen <= set(names.reads)
    assert namespace.rebound() <= set(names.writes)
    assert namespace.gone() <= set(names.deletes)


@settings(max_examples=share(80), deadline=None)
@given(st.data())
def test_nothing_is_made_up(data: st.DataObject) -> None:
    """For a cell without branches, exactly the names that it reads and binds are found."""
    source = Grammar(data.draw, is_straight=True).block([], 2, size=6)
    assume(compiles(source))
    namespace = Namespace()
    assume(namespace.run(source))
    names = cell_names(source)
    assert sorted(namespace.seen) == names.reads
    assert sorted(namespace.stored) == names.writes
    assert sorted(namespace.deleted) == names.deletes


# Against the compiler: all that the functions of a module take from its namespace


class Unforgetting(CellVisitor):
    """Takes every use of a name for a read from before, as the compiler's list of names does."""

    def store(self, name: str, *, is_certain: bool = True) -> None:
        """Bind, and forget it."""
        del is_certain
        super().store(name, is_certain=False)

    def leave(self) -> None:
        """Follow code that never runs: the compiler does too."""


def compiled_globals(code: CodeType) -> set[str]:
    """Return the names that code objects below the module's take from its namespace."""
    found, bound = set(), set()
    for item in dis.get_instructions(code):
        if item.opname == "STORE_NAME" and code.co_name != "<module>":
            bound.add(item.argval)
        if item.opname in {"LOAD_GLOBAL", "LOAD_NAME"} and item.argval not in bound:
            found.add(item.argval)
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            found |= compiled_globals(constant)
    return found


@pytest.mark.parametrize(
    "module",
    [
        "dataclasses",
        "argparse",
        "typing",
        "enum",
        "contextlib",
        "ast",
        "asyncio.base_events",
        "statistics",
        pytest.param("_pydecimal", marks=pytest.mark.slow),
    ],
)
def test_compiler(module: str) -> None:
    """In real modules the names found are those that the compiler looks up in the namespace."""
    path = Path(ast.__file__).parent / f"{module.replace('.', '/')}.py"
    source = path.read_text(encoding="utf-8")
    visitor = Unforgetting()
    visitor.source(source)
    for bodies in list(visitor.functions.values()):
        for body in bodies:
            visitor.run(body)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(source, "<module>", "exec", dont_inherit=True)
    ignored = {"__name__", "__debug__", "__annotations__", "__class__"}
    assert compiled_globals(code) - ignored == visitor.reads - ignored


# By example


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x", "x"),
        ("y = x", "x"),
        ("x = 1; y = x", ""),
        ("y = x; x = 1", "x"),
        ("x += 1", "x"),
        ("del x; x", ""),
        ("print(len(x))", "x"),
        ("x.a.b(y[z])", "x y z"),
        ("if c:\n    x = 1\nx", "c x"),
        ("if c:\n    x = 1\nelse:\n    x = 2\nx", "c"),
        ("if c:\n    x = 1\nelse:\n    raise ValueError\nx", "c"),
        ("if c and (x := d):\n    x", "c d"),
        ("if not (c and (x := d)):\n    pass\nelse:\n    x", "c d"),
        ("if c or (x := d):\n    x", "c d x"),
        ("c and (x := 1)\nx", "c x"),
        ("a < (x := b) < (y := c)\nx, y", "a b c y"),
        ("x = 1 if c else y", "c y"),
        ("for x in y:\n    pass\nx", "x y"),
        ("for i in y:\n    i", "y"),
        ("for i in y:\n    if i: break\n    z = 1\nelse:\n    z = 2\nz", "y z"),
        ("while True:\n    x = 1\n    break\nx", ""),
        ("while c:\n    x = 1\nx", "c x"),
        ("try:\n    x = f()\nexcept E:\n    x\nx", "E f x"),
        ("try:\n    x = f()\nexcept E:\n    x = 0\nx", "E f"),
        ("try:\n    x = f()\nexcept E:\n    raise\nx", "E f"),
        ("try:\n    f()\nfinally:\n    x = 1\nx", "f"),
        ("try:\n    f()\nexcept E as e:\n    e", "E f"),
        ("with open(p) as f:\n    x = f.read()\nx", "p"),
        ("with suppress(E):\n    x = 1\nx", "E suppress x"),
        ("match v:\n    case [a, *b] if a > t: b\n    case {'k': c, **d}: c, d\n    case P(q) | q: q", "P t v"),
        ("match v:\n    case 1: x = 1\n    case _: x = 2\nx", "v"),
        ("match v:\n    case 1: x = 1\nx", "v x"),
        ("match v:\n    case m.A: pass", "m v"),
        ("[i for i in x if i > t]", "t x"),
        ("[i for x in y for i in x]", "y"),
        ("{k: v for k, v in d.items()}", "d"),
        ("sum(i * w for i in x)", "w x"),
        ("[y := i for i in x]\ny", "x y"),
        ("lambda a, *b, c=d, **e: a + b + c + e + f", "d f"),
        ("sorted(x, key=lambda r: r.a)", "x"),
        ("def f(a=b): return a + c", "b"),
        ("def f(a=b): return a + c\nf()", "b c"),
        ("c = 1\ndef f(): return c", ""),
        ("def f(): return c\nc = 1", ""),
        ("def f(): return c\nf()\nc = 1", "c"),
        ("def f(): return g()\ndef g(): return c\nf()\nc = 1", "c"),
        ("f = lambda: c\nc = 1\nf()", ""),
        ("def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n > 0 and even(n - 1)", ""),
        ("def f():\n    x = 1\n    return x", ""),
        ("def f():\n    global x\n    x = x + 1\nf()", "x"),
        ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x += y\n    return g\nf()", "y"),
        ("def f():\n    import m\n    return m.x", ""),
        ("def f():\n    for i in a:\n        with b as c: d = i\n    return c, d, i\nf()", "a b"),
        ("def f():\n    return [x for x in a], x\nf()", "a x"),
        ("@decorator\ndef f(): pass", "decorator"),
        ("def f(a: A = B, *c: C) -> D: pass", "A B C D"),
        ("from __future__ import annotations\ndef f(a: A) -> D: pass\nx: T = 1", ""),
        ("x: T = v", "T v"),
        ("class A(B, metaclass=M): pass", "B M"),
        ("class A:\n    x = y\n    z = x\n    def f(self): return x, __class__, super()\nA().f()", "x y"),
        ("class A:\n    def f(self): return helper()\ndef helper(): return q\nA()", "q"),
        ("class A:\n    def f(self): return later\nA().f()\nlater = 1", "later"),
        ("class A:\n    def f(self): return __private\nA", "_A__private"),
        ("class A:\n    [i for i in a]\n    b = [a for _ in c]", "a c"),
        ("async def f():\n    async with a as b:\n        async for c in b: await c\nawait f()", "a"),
        ("x = await f(y)", "f y"),
        ("async for i in x: i", "x"),
        ("import a.b\na.c", ""),
        ("import a.b as c\na", "a"),
        ("from m import *\nx", "x"),
        ("print(__name__, get_ipython(), display, In)", "In"),
        ("f'{x!r:{width}} {{y}}'", "width x"),
        ("a[i:j, ...], *b = c", "a c i j"),
        ("x = x", "x"),
        ("def f(): return a\nh = f", ""),
        ("def f(): return a\nh = f\nh()", "a"),
        ("from functools import partial\ndef f(): return a\nh = partial(f, k)", "k"),
        ("from functools import partial\ndef f(): return a\nh = partial(f, k)\nh()", "a k"),
        ("import functools\n@functools.lru_cache\ndef f(): return a", ""),
        ("@decorator\ndef f(): return a", "a decorator"),
        ("exec('x = y', {'y': 1})", ""),
        ("exec('x = y', space)", "space"),
        ("exec('x = y', globals())", "y"),
        ("eval('a + b', {}, {'a': c, 'b': 2})", "c"),
        ("eval('a + b', globals=space)", "space"),
        ("assert x, y", "x y"),
        ("exec('y = x'); y", "x"),
        ("eval('a + b')", "a b"),
        ("df.query('price > @limit')", "df limit"),
        ("duckdb.sql('SELECT * FROM trades JOIN prices USING (id)')", "duckdb prices trades"),
        ("_", "_"),
        ("(" * 30 + "x" + ")" * 30, "x"),
        (" + ".join(["x"] * 900), "x"),
    ],
)
def test_reads(source: str, expected: str) -> None:
    """A read is a name whose value from before the cell may use."""
    assert expected == reads(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", "x"),
        ("a, (b, *c) = d", "a b c"),
        ("a.x = 1; b[0] = 1", ""),
        ("x: int", ""),
        ("x: int = 1", "x"),
        ("(x := 1)", "x"),
        ("[y := i for i in x]", "y"),
        ("[i for i in x]", ""),
        ("for i, j in x: pass", "i j"),
        ("with a as b, c as (d, e): pass", "b d e"),
        ("import a.b, c.d as e", "a e"),
        ("from a import b as c, d", "c d"),
        ("from a import *", ""),
        ("def f(): x = 1", "f"),
        ("class A: x = 1", "A"),
        ("class A:\n    global x\n    x = 1", "A x"),
        ("def f():\n    global x\n    x = 1", "f"),
        ("def f():\n    global x\n    x = 1\nf()", "f x"),
        ("def f():\n    def g():\n        global x\n        x = 1\n    g()\nmap(f, [1])", "f x"),
        ("try: pass\nexcept E as e: pass", ""),
        ("match v:\n    case [a, *b]: pass\n    case {'k': c, **d}: pass\n    case P(x=e) as f: pass", "a b c d e f"),
        ("if 0:\n    raise E\n    x = 1", ""),
    ],
)
def test_writes(source: str, expected: str) -> None:
    """A write is a name that the cell may bind."""
    assert expected == writes(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("del a, (b, [c])", ["a", "b", "c"]),
        ("del a.x, b[0]", []),
        ("try: pass\nexcept E as e: raise", ["e"]),
        ("def f():\n    global x\n    del x\nf()", ["x"]),
        ("def f(x):\n    del x\nf(1)", []),
    ],
)
def test_deletes(source: str, expected: list[str]) -> None:
    """A deletion is a name that the cell may unbind."""
    assert expected == cell_names(source).deletes


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("d['k'] = 1", ["d"]),
        ("a.b.c[0].d = 1", ["a"]),
        ("x += 1", ["x"]),
        ("x = []; x[0] = 1", []),
        ("d.setdefault('k', {})['j'] = 1", ["d"]),
        ("df.loc[mask, 'x'] *= 2", ["df"]),
        ("del d['k']", ["d"]),
        ("for d['k'] in x: pass", ["d"]),
        ("x.append(1)", []),
        ("f()[0] = 1", []),
        ("def f(): d['k'] = 1", []),
        ("def f(): d['k'] = 1\nf()", ["d"]),
        ("def f(d): d['k'] = 1\nf(e)", []),
        ("def f():\n    d = {}\n    d['k'] = 1\nf()", []),
    ],
)
def test_mutates(source: str, expected: list[str]) -> None:
    """What is from before may be changed by an assignment to a part of it."""
    assert expected == cell_names(source).mutates_maybe


def test_imports() -> None:
    """Imports are found as they are written, those in functions too."""
    names = cell_names("import a.b as c\nfrom d import e\nfrom . import f\nfrom ..g import *\ndef h(): import i")
    assert [".", "..g", "a.b", "d", "i"] == names.imports
    assert ["..g"] == names.star_imports


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("pd.read_csv('data/a.csv')", "data/a.csv"),
        ("Path('data') / 'x' / 'a.csv'", "data/x/a.csv"),
        ("folder = Path('data')\nopen(folder / 'a.csv')", "data/a.csv"),
        ("folder = 'data'\nopen(f'{folder}/a.csv')", "data/a.csv"),
        ("os.path.join('data', 'a.csv')", "data/a.csv"),
        ("'data/' + 'a.csv'", "data/a.csv"),
        ("duckdb.sql(\"SELECT * FROM 'data/a.parquet'\")", "data/a.parquet"),
        ("!head data/a.csv", "data/a.csv"),
        ("%run -i script.py", "script.py"),
        ("def f(p='a.csv'): pass", "a.csv"),
    ],
)
def test_file_strings(source: str, expected: str) -> None:
    """Texts that may name a file are found, joined where the cell joins texts."""
    assert expected in cell_names(source).file_strings


@pytest.mark.parametrize(
    "source", ["'''A docstring: a.csv'''", "def f():\n    'a.csv'", "f'{x:.3f}'", "x = 'a\\nb'", "''"]
)
def test_no_file_strings(source: str) -> None:
    """Docstrings, formats and texts of several lines name no file."""
    assert [] == cell_names(source).file_strings


@pytest.mark.parametrize(
    "source",
    ["x = ", "x +", "return 1", "break", "def f(:", "yield x", "\0", "(" * 500, "for i in x:\n    def f(): break"],
)
def test_not_python(source: str) -> None:
    """What Python would not compile uses no names."""
    assert EMPTY == cell_names(source)


def test_shadowed_builtin() -> None:
    """A builtin counts as read where the namespace has a variable of that name."""
    assert ([], ["sum"]) == (cell_names("sum(1)").reads, cell_names("sum(1)", {"sum"}).reads)


def test_too_deep() -> None:
    """A cell too deep to be followed has its names all the same."""
    names = cell_names("y = " + "-" * 900 + "x" if sys.version_info < (3, 12) else "y = x" + "[0]" * 900)
    assert (["x"], ["y"]) == (names.reads, names.writes)


def test_results_are_not_shared() -> None:
    """Changing a result does not change the next."""
    cell_names("x").reads.append("y")
    assert ["x"] == cell_names("x").reads


def test_no_warning() -> None:
    """What the compiler warns of is not said twice."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "x" == reads(r"print('\d', '\8', 1if x else 2)")


def magic_cells() -> list[tuple[str, str, str]]:
    """Return cells with magics, their reads and their writes."""
    return [
        ("%time y = f(x)", "f x", "y"),
        ("%timeit -n 10 -r3 y = f(x)", "f x", ""),
        ("%prun -l 5 f(x)", "f x", ""),
        ("rng = %seed base + 1  # comment", "base", "rng"),
        ("%cd {folder}", "folder", ""),
        ("%run $script -o {out[0]}", "out script", ""),
        ("%matplotlib inline", "", ""),
        ("!ls {folder}/x $name", "folder name", ""),
        ("files = !ls {folder}", "folder", "files"),
        ("!!ls {folder}", "folder", ""),
        ("!awk '{print $1}' {path}", "", ""),
        ("!echo {{x}} $$y", "", ""),
        ("if c:\n    %time y = x\n    !ls {y}", "c x", "y"),
        ("%%time\ny = f(x)\n!ls {y}", "f x", "y"),
        ("%%time y = 1\nz = y", "", "y z"),
        ("%%timeit a = b\na + c", "b c", ""),
        ("%%capture out --no-stderr\ny = x", "x", "out y"),
        ("%%prun\ny = x", "x", "y"),
        ("%%bash -s {arg}\necho $x {y}", "arg", ""),
        ("%%writefile {path}\nx = {y}", "path", ""),
        ("%%html\n<b>{x}</b>", "", ""),
        ("x?", "", ""),
        ("?x", "", ""),
        ("%xdel x", "", ""),
    ]


@pytest.mark.parametrize(("source", "read", "written"), magic_cells())
def test_raw_magics(source: str, read: str, written: str) -> None:
    """The names in a raw cell's magics count."""
    assert (read, written) == (reads(source), writes(source))


@pytest.mark.parametrize(("source", "read", "written"), magic_cells())
def test_transformed_magics(source: str, read: str, written: str) -> None:
    """The names in magics count after IPython's transformation too."""
    transformed = TransformerManager().transform_cell(source)
    assert (read, written) == (reads(transformed), writes(transformed))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new in Python 3.12")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f[T: B](x: T) -> U: return T, x", "B U"),
        ("class A[T](L[T]):\n    x: T = y", "L y"),
        ("type X[T] = list[T] | Y", "Y"),
        ("class A[__T]:\n    x: __T", ""),
    ],
)
def test_type_parameters(source: str, expected: str) -> None:
    """Type parameters are names of their own."""
    assert expected == reads(source)
