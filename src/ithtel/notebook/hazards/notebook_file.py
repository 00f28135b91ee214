"""`PageWatch`: which cells were in the notebook's file and no longer are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.provenance.notebook_file import read_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.provenance.notebook_file import Page


class PageWatch:
    """Reads the notebook's file, again each time it was saved.

    A cell that has never been in the file may be new and not yet saved: it is not reported.

    Args:
        path: Returns where the file is, None if the host does not provide it.
    """

    def __init__(self, path: Callable[[], str | None]) -> None:
        self._path = path
        self._page: Page | None = None
        self._seen: set[str] = set()
        self._mark: tuple[int, int] | None = None

    def look(self) -> None:
        """Read the file if it has changed since the last call."""
        path = self._path()
        mark = None if path is None else _mark(path)
        if path is None or mark == self._mark:
            return
        self._mark, self._page = mark, read_page(path)
        if self._page is not None:
            self._seen |= self._page.ids

    def is_gone(self, cell_id: str, source: str | None) -> bool:
        """Return whether a cell was in the file and is no longer."""
        return self._page is not None and cell_id in self._seen and not self._page.has(cell_id, source)


def _mark(path: str) -> tuple[int, int] | None:
    try:
        status = Path(path).expanduser().stat()
    except (OSError, RuntimeError):
        return None
    return status.st_mtime_ns, status.st_size
