"""`definitions`, `reads_of_code`: the functions and classes that a cell defines, each with its own text."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from ithtel.provenance.cell_text import celltext, dataflow

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.lru_cache(maxsize=1024)
def definitions(source: str) -> Mapping[str, str]:
    r"""Return the text of each function and class that a cell defines outside of functions, and of its imports.

    The text leaves out comments and layout. A name that is defined twice has both texts.

    >>> definitions("k = 1\ndef g(x): return x * k  # scaled")
    {'g': 'def g(x):\n    return x * k'}
    """
    found: dict[str, str] = {}
    tree = celltext.parse(source)
    waiting: list[ast.AST] = [] if tree is None else [*tree.body]
    while waiting:
        node = waiting.pop(0)
        names = _names(node)
        for name in names:
            found[name] = f"{found[name]}\n{ast.unparse(node)}" if name in found else ast.unparse(node)
        if not names:
            waiting[:0] = [
                part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt | ast.ExceptHandler)
            ]
    return found


def reads_of_code(text: str) -> set[str]:
    r"""Return the names that a definition uses when it is made: defaults, decorators, bases, the body of a class.

    >>> sorted(reads_of_code("@wraps(f)\ndef g(x, y=k): return x * z"))
    ['f', 'k', 'wraps']
    """
    return set(dataflow.cell_names(text).reads)


def _names(node: ast.AST) -> list[str]:
    """Return the names that a statement gives to code."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name.partition(".")[0] for alias in node.names if alias.name != "*"]
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda()):
            return [name]
        case _:
            return []
