"""`cell_names`, `names_called_on`: the names that a cell reads and writes, or calls methods of, from its text."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

import msgspec

from ithtel.provenance.cell_text import celltext
from ithtel.provenance.cell_text.branches import NotACellError
from ithtel.provenance.cell_text.nameflow import BUILTINS
from ithtel.provenance.cell_text.visitor import CellVisitor

if TYPE_CHECKING:
    from collections.abc import Container


class CellNames(msgspec.Struct, frozen=True, kw_only=True):
    """The names of a cell; each list is sorted.

    Attributes:
        reads: Names whose earlier value the cell may use: those that it does not bind or delete first on every path.
        writes: Names that it may bind.
        deletes: Names that it may unbind (`del`, and the name of an `except … as`).
        mutates_maybe: Names whose earlier value an assignment to an attribute or item, or `+=`, may change in place. A
            method call such as `append` counts as a read.
        imports: Modules, as written.
        star_imports: Modules whose names are all imported; these names are not in `writes`.
        file_strings: Strings in it that may be names of files.
        calls: Names that it may call, each with the names that are certainly bound by the cell at every such call.
    """

    reads: list[str]
    writes: list[str]
    deletes: list[str]
    mutates_maybe: list[str]
    imports: list[str]
    star_imports: list[str]
    file_strings: list[str]
    calls: dict[str, tuple[str, ...]] = {}


def cell_names(source: str, shadowed: Container[str] = ()) -> CellNames:
    r"""Return the names that a cell uses, without running it; all lists are empty if it is not Python.

    Global names in functions count only when the cell may call the function: Python looks names up when they are used.
    What `exec`, `globals()` and `setattr` do with strings made at run time is not seen. `with` is assumed to suppress
    no exception unless its name says so.

    The cell may be raw, or as IPython transforms it. In magics, names that are expanded in their text (`{name}`,
    `$name`, which need not exist) count, and so does all code in magics that run Python (`%time`, `%%capture` …).

    Args:
        source: The text of the cell.
        shadowed: Names of the namespace; a builtin among them counts as read.

    >>> names = cell_names("total = price * quantity\nlog['total'] = total")
    >>> names.reads, names.writes, names.mutates_maybe
    (['log', 'price', 'quantity'], ['total'], ['log'])
    """
    (reads, *others), calls = _analyse(source)
    kept = [name for name in reads if name not in BUILTINS or name in shadowed]
    writes, deletes, mutates, imports, stars, files = (list(names) for names in others)
    mutates = [name for name in mutates if name in kept]
    return CellNames(
        reads=kept,
        writes=writes,
        deletes=deletes,
        mutates_maybe=mutates,
        imports=imports,
        star_imports=stars,
        file_strings=files,
        calls=calls,
    )


def names_called_on(source: str) -> set[str]:
    """Return the names of which a cell calls a method, or which it passes to a function.

    >>> sorted(names_called_on("model.fit(x, y)"))
    ['model', 'x', 'y']
    """
    tree = celltext.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree is not None else []
    found = set()
    for call in calls:
        for node in (call.func, *call.args, *(keyword.value for keyword in call.keywords)):
            owner: ast.expr = node
            while isinstance(owner, ast.Attribute | ast.Subscript | ast.Starred):
                owner = owner.value
            if isinstance(owner, ast.Name) and (owner is not call.func):
                found.add(owner.id)
    return found


@functools.lru_cache(maxsize=512)
def _analyse(source: str) -> tuple[tuple[tuple[str, ...], ...], dict[str, tuple[str, ...]]]:
    tree = celltext.parse(source)
    if tree is None:
        return ((),) * 7, {}
    visitor = CellVisitor()
    try:
        visitor.body(tree.body)
    except NotACellError:
        return ((),) * 7, {}
    except RecursionError:
        lists = _without_flow(tree)
        return lists, dict.fromkeys(lists[0], ())
    sets = (visitor.reads, visitor.writes, visitor.deletes, visitor.mutates, visitor.imports, visitor.star_imports)
    calls = {name: tuple(fresh) for name, fresh in visitor.calls.items()}
    return (*(tuple(sorted(names)) for names in sets), tuple(visitor.literals.paths())), calls


def _without_flow(tree: ast.Module) -> tuple[tuple[str, ...], ...]:
    """Return the names in a tree that is too deep to follow; every use counts."""
    found: dict[type[ast.expr_context], set[str]] = {ast.Load: set(), ast.Store: set(), ast.Del: set()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found[type(node.ctx)].add(node.id)
    return (*(tuple(sorted(names)) for names in found.values()), (), (), (), ())
