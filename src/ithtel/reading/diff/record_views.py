"""`RecordViews`: which cells display the record itself, so that what they show follows from all that ran before."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ithtel.provenance.cell_text.celltext import parse_without_magics
from ithtel.provenance.cell_text.seeds_and_imports import imported
from ithtel.reading.diff.compared.values import VIEWS

if TYPE_CHECKING:
    from ithtel.reading.history.values import Execution

_MAGIC = re.compile(r"^\s*(?:\w+\s*=\s*)?%(?:ithtel|timeline|lineage|note)\b", re.MULTILINE)
_READERS = frozenset(
    {
        "Log",
        "attribute",
        "current",
        "diff",
        "ledger",
        "read",
        "stamp",
        "start",
        "stop",
        "timeline",
        "waterfall",
        "whence",
    }
)
"""Public names whose results come from the record."""


class RecordViews:
    """Learns which names stand for ithtel and for what was read from the record."""

    def __init__(self) -> None:
        self._packages: set[str] = set()
        self._views: set[str] = set()

    def draws(self, cell: Execution) -> bool:
        """Return whether a cell shows or reads the record."""
        source = cell.source or ""
        if _MAGIC.search(source) or not self._views.isdisjoint(cell.reads):
            return True
        if any(value.type.startswith(VIEWS) for value in cell.values.values()):
            return True
        return self._calls(source)

    def learn(self, cell: Execution) -> None:
        """Take in a cell that has run."""
        names = imported(cell.source or "")
        self._packages |= {name for name, package in names.items() if package == "ithtel"}
        self._views -= set(cell.writes)
        if self.draws(cell):
            self._views |= set(cell.writes) - set(names)

    def _calls(self, source: str) -> bool:
        packages = self._packages
        if "ithtel" in source:
            packages = packages | {name for name, package in imported(source).items() if package == "ithtel"}
        tree = parse_without_magics(source) if packages and any(name in source for name in packages) else None
        return tree is not None and any(_reads(node, packages) for node in ast.walk(tree))


def _reads(node: ast.AST, packages: set[str]) -> bool:
    """Return whether a node calls a function of ithtel that reads the record."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in packages and name in _READERS
        case ast.Call(func=ast.Attribute()):
            names = ast.unparse(node.func).split(".")
            return names[0] in packages and not _READERS.isdisjoint(names)
        case _:
            return False
