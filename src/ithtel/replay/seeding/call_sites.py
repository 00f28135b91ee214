"""`CallSite`, `unseeded_calls`: the calls in a cell's text that make a generator without a seed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCES: dict[str, Literal["numpy", "python"]] = {
    **dict.fromkeys(
        ("default_rng", "RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"), "numpy"
    ),
    "Random": "python",
}
_REPEATING = (
    ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda,
)  # fmt: skip
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class CallSite(msgspec.Struct, frozen=True, kw_only=True):
    """One call without a seed.

    Attributes:
        source: Whose generator it makes.
        function: The last name of what is called: `default_rng`, `Random`, `seed`.
        prefix: What stands before that name: `np.random.`, or nothing.
        scope: The function or class at the top of the cell that it stands in; an empty string for the cell itself.
        is_repeated: Whether it may run more than once: in a loop, a comprehension, a function.
        start: Where the call begins in the text, in characters.
        end: Where it ends.
        statement: Where the line begins of the statement that it belongs to, at the top of the cell.
    """

    source: Literal["numpy", "python"]
    function: str
    prefix: str
    scope: str
    is_repeated: bool
    start: int
    end: int
    statement: int


def unseeded_calls(source: str) -> list[CallSite]:
    """Return the calls of a cell that make a generator without a seed, in the order of its text.

    >>> [site.function for site in unseeded_calls("a, b = np.random.default_rng(), random.Random(3)")]
    ['default_rng']
    """
    tree = _parsed(source)
    if tree is None:
        return []
    lines = _starts_of_lines(source)
    found = [site for statement in tree.body for site in _in_statement(statement, source, lines)]
    # Python 3.11 gives wrong places within f-strings
    right = [site for site in found if source[site.start :].startswith(f"{site.prefix}{site.function}")]
    return sorted(right, key=lambda site: site.start)


def _parsed(source: str) -> ast.Module | None:
    """Return the tree of a cell. A line with a magic becomes a comment of its length, so that places stay."""
    lines = ["#" + line[1:] if line.lstrip()[:1] in {"%", "!"} else line for line in source.splitlines(keepends=True)]
    try:
        return ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _in_statement(statement: ast.stmt, source: str, lines: list[int]) -> Iterator[CallSite]:
    first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))])
    scope = statement.name if isinstance(statement, _SCOPES) else ""

    def visit(node: ast.AST, *, is_repeated: bool) -> Iterator[CallSite]:
        inside = is_repeated or isinstance(node, (*_REPEATING, *_SCOPES))
        for child in ast.iter_child_nodes(node):
            yield from visit(child, is_repeated=inside)
        if isinstance(node, ast.Call) and _has_no_seed(node):
            prefix, _, function = ast.unparse(node.func).rpartition(".")
            kind = _source_of(prefix, function)
            if kind is not None:
                yield CallSite(
                    source=kind, function=function, prefix=f"{prefix}." if prefix else "", scope=scope,
                    is_repeated=is_repeated, start=_place(source, lines, node.lineno, node.col_offset),
                    end=_place(source, lines, node.end_lineno or 0, node.end_col_offset or 0),
                    statement=lines[first - 1],
                )  # fmt: skip

    yield from visit(statement, is_repeated=False)


def _source_of(prefix: str, function: str) -> Literal["numpy", "python"] | None:
    if function == "seed":
        return "python" if prefix == "random" else "numpy" if prefix in {"np.random", "numpy.random"} else None
    return _SOURCES.get(function)


def _has_no_seed(call: ast.Call) -> bool:
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return all(isinstance(each, ast.Constant) and each.value is None for each in arguments)


def _starts_of_lines(source: str) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _place(source: str, lines: list[int], line: int, column: int) -> int:
    """Return the place of a character; Python counts columns in bytes of UTF-8."""
    text = source[lines[line - 1] : lines[line]]
    return lines[line - 1] + len(text.encode()[:column].decode(errors="ignore"))
