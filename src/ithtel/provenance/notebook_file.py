"""`read_page`: the cells in a notebook file, to see which of those that ran still exist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import os

MAX_BYTES = 64_000_000
"""A larger file is mostly pictures, and too slow to read between two cells."""


class _Cell(msgspec.Struct):
    id: str | None = None
    source: str | list[str] = ""
    cell_type: str = "code"

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)


class CodeCell(msgspec.Struct, frozen=True, kw_only=True):
    """A code cell in a notebook file."""

    id: str | None
    source: str


class _File(msgspec.Struct):
    cells: list[_Cell] = []


_decode = msgspec.json.Decoder(_File).decode


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of the cells in a notebook file, the lines of all of them, and its code cells in order."""

    ids: frozenset[str]
    lines: frozenset[str]
    cells: tuple[CodeCell, ...] = ()

    def has(self, cell_id: str | None, source: str | None) -> bool:
        r"""Return whether a cell still exists, by its id or by its text: a cell that is cut and pasted gets a new id.

        >>> page = Page(ids=frozenset({"a"}), lines=frozenset({"x = 1", "y = 2"}))
        >>> page.has("a", None), page.has("b", "x = 1\n\ny = 2"), page.has("b", "z = 3")
        (True, True, False)
        """
        return cell_id in self.ids or (source is not None and _lines(source) <= self.lines)


def read_page(path: str | os.PathLike[str]) -> Page | None:
    """Return the cells of a notebook file, None if it is missing or cannot be read."""
    try:
        file = Path(path).expanduser()
        if file.stat().st_size > MAX_BYTES:
            return None
        cells = _decode(file.read_bytes()).cells
    except (OSError, ValueError, RuntimeError, msgspec.MsgspecError):
        return None
    ids = frozenset(each.id for each in cells if each.id)
    code = tuple(CodeCell(id=each.id, source=each.text) for each in cells if each.cell_type == "code")
    return Page(ids=ids, lines=frozenset().union(*(_lines(each.text) for each in cells)), cells=code)


def _lines(source: str) -> frozenset[str]:
    return frozenset(stripped for line in source.splitlines() if (stripped := line.strip()))
