"""`inputs_of`: the earlier names that one of a cell's names may depend on, statement by statement."""

from __future__ import annotations

import ast
import functools

from ithtel.provenance.cell_text import celltext, dataflow


@functools.lru_cache(maxsize=4096)
def inputs_of(source: str, name: str) -> frozenset[str] | None:
    r"""Return the names from before the cell that the value of `name` after it may depend on; None if unknown.

    A statement that uses a name may change it in place, so it counts as one that makes it.

    >>> sorted(inputs_of("import numpy as np\nk = 5\ny = x + k", "y"))
    ['x']
    >>> sorted(inputs_of("import numpy as np\nk = 5\ny = x + k", "np"))
    []
    """
    tree = celltext.parse(source)
    if tree is None:
        return None
    needed = {name}
    for statement in reversed(tree.body):
        text = ast.unparse(statement)
        names = dataflow.cell_names(text, shadowed=needed)
        touched = {*names.writes, *names.mutates_maybe, *(names.reads if isinstance(statement, ast.Expr) else ())}
        if names.star_imports or touched & needed:
            if not names.mutates_maybe and isinstance(statement, ast.Assign | ast.Import | ast.ImportFrom):
                needed -= {*names.writes}
            needed |= {*names.reads, *names.calls}
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                needed.discard(statement.name)
    return frozenset(needed)
