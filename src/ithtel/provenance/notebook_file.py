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


class _File(msgspec.Struct):
    cells: list[_Cell] = []


_decode = msgspec.json.Decoder(_File).decode


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of the cells in a notebook file, and the lines of all of them."""

    ids: frozenset[str]
    lines: frozenset[str]

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
    lines = (_lines(each.source if isinstance(each.source, str) else "".join(each.source)) for each in cells)
    ids = frozenset(each.id for each in cells if each.id)
    return Page(ids=ids, lines=frozenset().union(*lines))


def _lines(source: str) -> frozenset[str]:
    return frozenset(stripped for line in source.splitlines() if (stripped := line.strip()))
