"""`LeftOut`: values and outputs that are equal but for their volatile parts, and what these were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.reading.diff.verdict import NotCompared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.history.values import Output, Value

REASON = "it differs in every run"


class LeftOut:
    """Compares by the digests without volatile parts, and collects which parts of which cells were not compared."""

    def __init__(self) -> None:
        self._cells: dict[str, list[str]] = {}
        self._values: dict[str, dict[str, set[str]]] = {}

    def values_of(self, label: str) -> dict[str, set[str]]:
        """Return the values of a cell that were not compared whole: name → kinds of what was left out."""
        return self._values.get(label, {})

    def is_same_value(self, label: str, name: str, a: Value, b: Value) -> bool:
        """Return whether two values differ in volatile parts only.

        >>> from ithtel.reading.history.values import Value
        >>> one, other = (Value(kind="object", type="str", fingerprint=each, stable="s") for each in "ab")
        >>> LeftOut().is_same_value("[1]", "x", one, other)
        True
        """
        if a.stable is None or a.stable != b.stable or a.kind != b.kind or (a.kind == "object" and a.type != b.type):
            return False  # the dtype of a text array depends on its longest text; others are part of the digest
        if a.fingerprint == b.fingerprint != a.stable:
            return False
        self._note(label, {**a.volatile, **b.volatile})
        self._values.setdefault(label, {})[name] = {*a.volatile, *b.volatile}
        return True

    def same_types(self, label: str, a: Output, b: Output) -> set[str]:
        """Return the MIME types in which two outputs differ in volatile parts only."""
        same = {
            mime
            for mime in a.stable.keys() & b.stable.keys()
            if a.stable[mime] == b.stable[mime] and not a.mime.get(mime) == b.mime.get(mime) != a.stable[mime]
        }
        if same:
            self._note(label, {**a.volatile, **b.volatile})
        return same

    def entries(self) -> list[NotCompared]:
        """Return what was not compared, by kind."""
        return [
            NotCompared(kind="volatile", what=f"the {kind}", cell=cell, reason=REASON)
            for kind, cells in sorted(self._cells.items())
            for cell in cells
        ]

    def _note(self, label: str, kinds: Iterable[str]) -> None:
        for kind in kinds:
            cells = self._cells.setdefault(kind, [])
            if label not in cells:
                cells.append(label)
