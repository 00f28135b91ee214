"""`read_notebook`, `code_indices`, `ignored_places`: read a notebook file, and find which of its cells count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ithtel.errors import DataError
from ithtel.provenance.cell_text.celltext import loads_ithtel

if TYPE_CHECKING:
    from pathlib import Path

SKIP = frozenset({"skip-execution", "nbval-skip", "ithtel-skip-check"})
"""Tags of cells that a check does not run."""
IGNORE_OUTPUT = "nbval-ignore-output"
UNFINISHED = "ithtel-unfinished"
"""The tag of cells that are not run."""


def read_notebook(path: Path) -> Any:  # noqa: ANN401 - nbformat has no types
    """Return a notebook, with the cells marked that are not to be run.

    Raises:
        DataError: It is not a valid notebook, or not one of Python.
    """
    import nbformat

    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # noqa: BLE001 - nbformat raises many kinds
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"not a notebook: {reason}") from None
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if language.lower() != "python":
        raise DataError(f"the notebook's kernel is {language!r}; only Python notebooks can be recorded")
    for cell in notebook.cells:
        if SKIP & {*cell.metadata.get("tags", [])}:
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), UNFINISHED]
    return notebook


def code_indices(notebook: Any) -> list[int]:  # noqa: ANN401
    """Return the indices of the cells that run, in order: the k-th one is the k-th execution."""
    return [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.source.strip() and UNFINISHED not in cell.metadata.get("tags", [])
    ]


def ignored_places(notebook: Any) -> frozenset[int]:  # noqa: ANN401
    """Return the places of the cells whose outputs nbval does not compare, counted from 1."""
    marked = {IGNORE_OUTPUT, "nbval-skip"}
    return frozenset(
        place
        for place, index in enumerate(code_indices(notebook), start=1)
        if marked & {*notebook.cells[index].metadata.get("tags", [])}
        or "# NBVAL_IGNORE_OUTPUT" in notebook.cells[index].source
    )


def has_ithtel(notebook: Any) -> bool:  # noqa: ANN401
    """Return whether a cell loads the extension."""
    return any(loads_ithtel(cell.source) for cell in notebook.cells if cell.cell_type == "code")
