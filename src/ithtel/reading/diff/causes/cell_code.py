"""`CellCode`: which functions, packages and modules of the user the code of a cell uses, from the cells before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ithtel.provenance.cell_text.seeds_and_imports import imported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.history.values import Execution

_WORD = re.compile(r"[^\W\d]\w*")
_MAX_FUNCTIONS = 100
_OWN = "__main__."
"""What the types of the notebook's own classes begin with."""
_PACKAGES = {"array": "numpy", "frame": "pandas"}
"""Kind of a fingerprint → the package that most likely calculated the value."""


class CellCode:
    """Learns cell by cell what names stand for, and returns what a later cell uses through them."""

    def __init__(self) -> None:
        self._makers: dict[str, list[str]] = {}
        self._imports: dict[str, str] = {}
        self._types: dict[str, str] = {}
        self._unstable: dict[str, list[str]] = {}
        self.has_unknown_names = False

    def learn(self, execution: Execution) -> None:
        """Take in a cell that has run: the names that it bound, and the modules that it loaded."""
        source = execution.source or ""
        for name in execution.changes:
            self._makers.setdefault(name, []).append(source)
        self._imports |= imported(source)
        for name, value in execution.values.items():
            self._types[name] = _PACKAGES.get(value.kind) or value.type
        self._unstable |= {name: execution.unstable.get(name, []) for name in execution.modules}
        if re.search(r"import \*|^%(?:run|pylab)\b", source, re.MULTILINE):
            self.has_unknown_names = True

    def is_made(self, name: str) -> bool:
        """Return whether a cell bound or changed this name."""
        return name in self._makers

    def sources(self, execution: Execution) -> Iterator[str]:
        """Yield the text of a cell, then that of the cells that defined the functions and classes it uses."""
        own = execution.source or ""
        yield own
        waiting, seen = [*execution.reads, *_WORD.findall(own)], {own}
        done: set[str] = set()
        while waiting and len(done) < _MAX_FUNCTIONS:
            name = waiting.pop(0)
            if self._types.get(name, "").startswith(_OWN):  # its methods may run
                waiting.append(self._types[name].rpartition(".")[2])
            if name in done or name not in self._makers:
                continue
            done.add(name)
            source = self._makers[name][-1]
            if re.search(rf"\b(?:def|class) {name}\b|\b{name} *= *lambda\b", source):
                if source not in seen:
                    yield source
                seen.add(source)
                waiting += _WORD.findall(source)

    def packages(self, execution: Execution) -> set[str]:
        """Return the packages and modules that a cell uses: by name, through functions, as the types of its values."""
        found = set(imported(execution.source or "").values())
        for source in self.sources(execution):
            found |= {self._imports[word] for word in _WORD.findall(source) if word in self._imports}
        found |= {self._imports[name] for name in execution.reads if name in self._imports}
        return found | {self._types[name].partition(".")[0] for name in execution.reads if name in self._types}

    def objects(self, execution: Execution) -> dict[str, str]:
        """Return the names of objects of classes, not plain values, that a cell uses, each with its type."""
        names = [*execution.reads, *_WORD.findall(execution.source or "")]
        return {name: self._types[name] for name in names if "." in self._types.get(name, "")}

    def unstable_modules(self, execution: Execution) -> dict[str, list[str]]:
        """Return the user's own modules that a cell may use, each with what its code uses that can differ.

        A module that a used module imports cannot be told from the others, so that these come last.
        """
        known = self._unstable | execution.unstable
        used = self.packages(execution)
        direct = {name: uses for name, uses in known.items() if name.partition(".")[0] in used}
        return direct | known if direct else {}
