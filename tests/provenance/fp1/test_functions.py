"""Functions and classes inside of a value count by name and version, or by their code."""

from __future__ import annotations

import functools
import statistics
from typing import Any

import pytest

from ithtel.provenance.fingerprint import fingerprint
from ithtel.provenance.fp1.functions import is_released


def digest(value: object) -> str | None:
    return fingerprint([value]).fingerprint


def made_by(text: str) -> Any:
    """Return what a cell of the notebook binds to `it`."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "<cell>", "exec"), space)  # noqa: S102 - the text of a test
    return space["it"]


DIFFERENT = {
    "code": ("def it(x): return x + 1", "def it(x): return x - 1"),
    "constant in an inner function": ("def it(): return lambda: 1", "def it(): return lambda: 2"),
    "default": ("def it(x=1): return x", "def it(x=2): return x"),
    "default by keyword": ("def it(*, x=1): return x", "def it(*, x=2): return x"),
    "closure": ("def f(k): return lambda: k\nit = f(1)", "def f(k): return lambda: k\nit = f(2)"),
    "type of a constant": ("it = lambda: 1", "it = lambda: 1.0"),
    "name it looks up": ("def it(): return a", "def it(): return b"),
    "method of a class": ("class it:\n def f(self): return 1", "class it:\n def f(self): return 2"),
    "cached property": (
        "import functools\nclass it:\n @functools.cached_property\n def f(self): return 1",
        "import functools\nclass it:\n @functools.cached_property\n def f(self): return 2",
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_code_that_differs_differs(name: str) -> None:
    """In what it does, in its defaults, in what it closes over."""
    one, other = (digest(made_by(text)) for text in DIFFERENT[name])
    assert None not in (one, other)
    assert one != other


def test_where_code_stands_does_not_count() -> None:
    """Neither lines above it nor comments change a function."""
    assert digest(made_by("def it(x): return x")) == digest(made_by("# of x\n\n\ndef it(x):\n    return x"))


def test_a_class_with_a_member_of_unknown_form_has_a_token() -> None:
    """Of such a member only the type counts."""
    assert digest(made_by("import re\nclass it:\n m = re.match('a', 'ab')")) is not None


def test_a_class_that_lists_its_instances_has_a_token() -> None:
    """A registry in the class refers to itself."""
    text = "class A:\n all = []\n def __init__(self): self.all.append(self)\nit = [A(), A()]"
    assert digest(made_by(text)) == digest(made_by(text)) is not None


@pytest.mark.parametrize(("module", "expected"), [("numpy.linalg", True), ("json", True), ("__main__", False)])
def test_a_released_package_has_a_version(module: str, expected: bool) -> None:
    """Or belongs to Python."""
    assert expected is is_released(module)


def test_a_function_of_python_is_its_name() -> None:
    """Two of them differ; wrapped, it counts by its code."""
    assert digest(statistics.mean) != digest(statistics.fmean)
    wrapped = functools.wraps(statistics.mean)(lambda _: 0)
    assert digest(wrapped) != digest(statistics.mean)
