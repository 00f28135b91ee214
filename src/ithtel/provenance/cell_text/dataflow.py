"""What a cell reads and writes, from its text."""

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
    """The names of a cell, each list sorted.

    Attributes:
        reads: Names whose value from before the cell may use: not those that it bound or deleted first on every way.
        writes: Names that it may bind.
        deletes: Names that it may unbind (`del`, and the name of an `except … as`).
        mutates_maybe: Names from before whose value an assignment to an attribute or item, or `+=`, may change in
            place. A method such as `append` is a read.
        imports: Modules, as written.
        star_imports: Modules of which it takes all names; what they bind is not in `writes`.
        file_strings: Texts in it that may be names of files.
    """

    reads: list[str]
    writes: list[str]
    deletes: list[str]
    mutates_maybe: list[str]
    imports: list[str]
    star_imports: list[str]
    file_strings: list[str]


def cell_names(source: str, shadowed: Container[str] = ()) -> CellNames:
    r"""Return the names that a cell uses, without running it; all lists empty where it is not Python.

    Names in functions count as far as they are the namespace's: reads when the cell uses the function, or else at its
    end; writes through `global` only when the cell uses the function. What `exec`, `globals()` and `setattr` do with
    texts made at run time is not seen. `with` is taken to suppress no exception unless it is called so.

    The cell may be raw, or as IPython transforms it. Of magics the names count that are put into their text
    (`{name}`, `$name`: they need not exist), and all code in those that run Python (`%time`, `%%capture` …).

    Args:
        source: The text of the cell.
        shadowed: Names of the namespace; a builtin that is among them counts as read.

    >>> names = cell_names("total = price * quantity\nlog['total'] = total")
    >>> names.reads, names.writes, names.mutates_maybe
    (['log', 'price', 'quantity'], ['total'], ['log'])
    """
    reads, *others = _analyse(source)
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
    )


@functools.lru_cache(maxsize=512)
def _analyse(source: str) -> tuple[tuple[str, ...], ...]:
    tree = celltext.parse(source)
    if tree is None:
        return ((),) * 7
    visitor = CellVisitor()
    try:
        visitor.body(tree.body)
        visitor.finish()
    except NotACellError:
        return ((),) * 7
    except RecursionError:
        return _without_flow(tree)
    sets = (visitor.reads, visitor.writes, visitor.deletes, visitor.mutates, visitor.imports, visitor.star_imports)
    return (*(tuple(sorted(names)) for names in sets), tuple(visitor.literals.paths()))


def _without_flow(tree: ast.Module) -> tuple[tuple[str, ...], ...]:
    """Return the names in a tree that is too deep to be followed: every use counts."""
    found: dict[type[ast.expr_context], set[str]] = {ast.Load: set(), ast.Store: set(), ast.Del: set()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found[type(node.ctx)].add(node.id)
    return (*(tuple(sorted(names)) for names in found.values()), (), (), (), ())
