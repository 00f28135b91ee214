"""Python's scopes: which names a body binds, and what a name inside of a class is called."""

from __future__ import annotations

import ast

import pytest

from ithtel.provenance.cell_text.scopes import bound_names, function_scope, mangled, root_of


@pytest.mark.parametrize(
    ("body", "local", "declared_global"),
    [
        ("x = 1\ny += 2", {"x", "y"}, set()),
        ("global x\nx = 1", set(), {"x"}),
        ("nonlocal x\nx = 1", set(), set()),
        ("import a.b, c as d\nfrom e import f", {"a", "d", "f"}, set()),
        ("def f():\n    inner = 1\nclass C: attribute = 1", {"f", "C"}, set()),
        ("[(y := x) for x in z]", {"y"}, set()),
        ("try: pass\nexcept E as error: pass", {"error"}, set()),
        ("match v:\n    case {'a': a, **rest}: pass\n    case [*items]: pass", {"a", "rest", "items"}, set()),
        ("(name): int", set(), set()),
    ],
)
def test_a_body_binds_what_python_makes_local(body: str, local: set[str], declared_global: set[str]) -> None:
    """Not what inner scopes bind."""
    assert (local, declared_global) == bound_names(ast.parse(body).body)


def test_the_parameters_of_a_function_are_local() -> None:
    """Of every kind; names with two underscores are mangled inside of a class."""
    (node,) = ast.parse("def f(a, /, b, *args, c, **options): __d = 1").body
    assert isinstance(node, ast.FunctionDef)
    assert {"a", "b", "args", "c", "options", "_Model__d"} == function_scope(node, None, "Model").local


def test_only_private_names_are_mangled() -> None:
    """As Python's compiler does."""
    assert ["_M__x", "__x__", "_x", "__x"] == [
        mangled("__x", "M"), mangled("__x__", "M"), mangled("_x", "M"), mangled("__x", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("a.b[c].d", "a"), ("a.method(1)[k]", "a"), ("f(x).y", None), ("(a + b).c", None)],
)
def test_the_root_of_an_expression(expression: str, expected: str | None) -> None:
    """The name whose value may change in place."""
    assert expected == root_of(ast.parse(expression, mode="eval").body)
