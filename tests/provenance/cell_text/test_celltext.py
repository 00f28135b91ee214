"""IPython's language: parsed with magics as calls, or without them."""

from __future__ import annotations

import ast

import pytest

from ithtel.provenance.cell_text.celltext import (
    as_python,
    code_of_line,
    expansions,
    loads_ithtel,
    parse,
    parse_without_magics,
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%time x = 1", "get_ipython().run_line_magic('time', 'x = 1')\n"),
        ("%%bash\nls", "get_ipython().run_cell_magic('bash', '', 'ls')\n"),
        ("!ls {folder}", "get_ipython().system('ls {folder}')\n"),
        ("files = !ls", "files = get_ipython().getoutput('ls')\n"),
        ("!ls \\\n  -l", "get_ipython().system('ls    -l')\n"),
        ("x?", "pass\n"),
        ("x = 7 % 3", "x = 7 % 3\n"),
    ],
)
def test_magics_become_calls(source: str, expected: str) -> None:
    """As IPython transforms them."""
    assert expected == as_python(source)


def test_what_is_not_python_has_no_tree() -> None:
    """A magic does not make it so."""
    assert [None, None] == [parse("def broken(:"), parse_without_magics("def broken(:")]
    assert parse("%time x = 1") is not None


def test_without_magics_the_body_of_a_cell_magic_is_python() -> None:
    """`parse` sees it as a string."""
    body = parse_without_magics("%%time\nx = {1, 2}")
    assert body is not None
    assert "x = {1, 2}" == ast.unparse(body)


@pytest.mark.parametrize(
    ("magic", "text", "expected"),
    [
        ("timeit", "-n 10 -r3 f(x)", "f(x)"), ("timeit", "-f(x)", "-f(x)"), ("time", "-- -x", "-x"),
        ("prun", "-s cumulative f(x)", "f(x)"),
    ],
)  # fmt: skip
def test_the_options_of_a_magic_are_removed(magic: str, text: str, expected: str) -> None:
    """A negative name is not an option."""
    assert expected == code_of_line(magic, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ls {folder} $name", ["name", "folder"]), ("echo $$HOME", []), ("awk '{print $1}' $file", []),
        ("{x:{width}}", ["x", "width"]), ("ls {", []),
    ],
)  # fmt: skip
def test_expressions_in_commands_are_found(text: str, expected: list[str]) -> None:
    """None of them if IPython would expand none."""
    assert sorted(expected) == sorted(ast.unparse(each) for each in expansions(text))


def test_loading_the_extension_is_recognized() -> None:
    """Alone or with other lines."""
    assert [True, True, False] == [*map(loads_ithtel, ("%load_ext ithtel", "a = 1\n%load_ext ithtel", "import ithtel"))]
