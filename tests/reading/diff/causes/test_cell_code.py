"""What the code of a cell uses is found through functions, types and imports."""

from __future__ import annotations

from typing import Any

from ithtel.reading.diff.causes.cell_code import CellCode
from ithtel.reading.history.values import Execution, Value


def cell(source: str, **fields: Any) -> Execution:
    return Execution(place=1, source=source, **fields)


def known(*cells: Execution) -> CellCode:
    code = CellCode()
    for each in cells:
        code.learn(each)
    return code


def test_functions_are_followed_through_functions() -> None:
    """The text of each cell once, that of the cell itself first."""
    inner = cell("def g():\n    return 1", writes=["g"])
    outer = cell("def f():\n    return g()", writes=["f"])
    use = cell("x = f()", reads=["f"])
    assert [use.source, outer.source, inner.source] == list(known(inner, outer).sources(use))


def test_a_cell_that_made_a_value_is_not_code_that_is_used() -> None:
    """It ran before: its clock was read then."""
    made = cell("now = time.time()", writes=["now"])
    use = cell("x = now + 1", reads=["now"])
    assert [use.source] == list(known(made).sources(use))


def test_the_class_of_an_object_is_code_that_is_used() -> None:
    """Its methods may run."""
    kind = cell("class K:\n    def __repr__(self): return 'K'", writes=["K"])
    made = cell("k = K()", writes=["k"], values={"k": Value(kind="object", type="__main__.K")})
    assert kind.source in list(known(kind, made).sources(cell("x = str(k)", reads=["k"])))


def test_packages_are_found_by_name_and_by_type() -> None:
    """A method of an array is NumPy's, though the cell does not name NumPy."""
    imports = cell("import smallpkg as sp", writes=["sp"])
    made = cell("x = sp.f()", writes=["x"], values={"x": Value(kind="array", type="float64")})
    assert {"smallpkg"} == known(imports).packages(cell("y = sp.f()", reads=["sp"]))
    assert {"numpy"} == known(imports, made).packages(cell("y = x.sum()", reads=["x"]))


def test_a_module_behind_a_module_comes_last() -> None:
    """What a used module imports is not known, so that each of the user's modules may be it."""
    imports = cell("import a", writes=["a"], modules={"a": "1", "b": "2"}, unstable={"b": ["clock"]})
    code = known(imports)
    assert {"a": [], "b": ["clock"]} == code.unstable_modules(cell("x = a.f()", reads=["a"]))
    assert {} == code.unstable_modules(cell("x = 1"))
