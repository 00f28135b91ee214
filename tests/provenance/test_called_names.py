"""The variables that code of a notebook uses when it is called."""

from __future__ import annotations

from typing import Any

import pytest

from ithtel.provenance.called_names import called_names

PLAIN = "k = 2\ndef g(x): return x * k\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f = g", {"k"}),
        ("def f(x): return g(x)", {"g", "k"}),
        ("def h(x): return g(x)\ndef f(x): return h(x)", {"g", "h", "k"}),
        ("f = lambda x: x * k", {"k"}),
        ("def f(x):\n    def inner(): return k\n    return inner", {"k"}),
        ("def f(x): return [y * k for y in x]", {"k"}),
        ("from functools import partial\nf = partial(g, 1)", {"k"}),
        ("from functools import lru_cache\n@lru_cache\ndef f(x): return x * k", {"k"}),
        ("def twice(h):\n    def wrapped(x): return h(h(x))\n    return wrapped\nf = twice(g)", {"k"}),
        ("f = [1, g]", {"k"}),
        ("f = {'a': g}", {"k"}),
        ("class C:\n    def m(self): return k\nf = C", {"k"}),
        ("class C:\n    def m(self): return k\nf = C()", {"C", "k"}),
        ("class C:\n    def m(self): return k\nf = C().m", {"C", "k"}),
        ("class C:\n    @property\n    def m(self): return k\nf = C()", {"C", "k"}),
        ("class A:\n    def m(self): return k\nclass C(A): pass\nf = C()", {"C", "k"}),
        ("def f(x): return f(x - 1)", {"f"}),
        ("def f(k): return k", set()),
        ("f = 3", set()),
        ("f = len", set()),
    ],
)
def test_called_names(source: str, expected: set[str]) -> None:
    """Functions are followed through what they call, wrap and hold."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(PLAIN + source, space)  # noqa: S102 - code of the test
    assert expected == called_names(space["f"], space)


def test_nothing_of_the_value_runs() -> None:
    """A value whose attributes fail is passed over."""

    class Odd:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

        @property
        def __dict__(self) -> object:  # type: ignore[override]
            raise RuntimeError

    assert set() == called_names(Odd(), {})
