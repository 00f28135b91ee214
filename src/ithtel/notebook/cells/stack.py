"""`CellStack`: the cells that are running, one inside the other; and what IPython knows about a cell."""

from __future__ import annotations

import hashlib
import re
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

    from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

    from ithtel.notebook.cells.run import CellRun


OFF_MARK = re.compile(r"^\s*#\s*ithtel:\s*off\s*$", re.MULTILINE)

SKIP_TAG = "ithtel-skip"


class CellStack:
    """The runs under way in this thread. A nested one (`shell.run_cell` within a cell) is None."""

    def __init__(self) -> None:
        self._local = threading.local()

    @property
    def _runs(self) -> list[tuple[object, CellRun | None]]:
        try:
            runs: list[tuple[object, CellRun | None]] = self._local.runs
        except AttributeError:
            runs = self._local.runs = []
        return runs

    @property
    def current(self) -> CellRun | None:
        """The outermost run under way in this thread."""
        return self._runs[0][1] if self._runs else None

    def is_nested(self) -> bool:
        """Return whether a cell is already running in this thread."""
        return bool(self._runs)

    def push(self, info: object, run: CellRun | None) -> None:
        """Begin a run; pass None for one within another."""
        self._runs.append((info, run))

    def pop(self, info: ExecutionInfo | None) -> CellRun | None:
        """End the run that `info` belongs to and those within it; return it, or None if it is nested or unknown."""
        runs = self._runs
        for depth in range(len(runs) - 1, -1, -1):
            began_with, run = runs[depth]
            if began_with is info or (run is not None and run.cell.ends_with(info)):
                del runs[depth:]
                return run
        return None

    def clear(self) -> None:
        """Forget the runs of this thread."""
        self._runs.clear()


def running_cell(shell: InteractiveShell) -> ExecutionInfo | None:
    """Return the cell that is calling us, None outside cells.

    IPython has no public way to ask: the history holds only stored cells, and nbval stores none. So this looks for
    the frame of the outermost `run_cell_async`, which has existed since IPython 7.
    """
    found = None
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the documented way to the caller's frames
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async" and frame.f_locals.get("self") is shell:
            found = frame.f_locals.get("info")
        frame = frame.f_back
    return found


def cell_id_of(info: ExecutionInfo | None, source: str, execution_count: int | None) -> str:
    """Return the host's id of a cell, or a digest of its source and number if the host gives no id."""
    given = getattr(info, "cell_id", None)
    if isinstance(given, str) and given:
        return given
    return hashlib.sha256(f"{execution_count}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_switched_off(tags: tuple[str, ...], source: str) -> bool:
    """Return whether a cell asked not to be recorded: `# ithtel: off`, or the tag `ithtel-skip`."""
    return bool(OFF_MARK.search(source)) or SKIP_TAG in tags


def tags_of(shell: InteractiveShell, info: ExecutionInfo | None) -> tuple[str, ...]:
    """Return the tags of a cell; none if the host does not send them."""
    metadata: Any = getattr(info, "cell_meta", None)
    if not isinstance(metadata, dict):
        kernel = getattr(shell, "kernel", None)
        if kernel is None:
            return ()
        metadata = kernel.get_parent().get("metadata", {})
    tags = metadata.get("tags", []) if isinstance(metadata, dict) else []
    return tuple(map(str, tags)) if isinstance(tags, list | tuple) else ()


def execution_count_of(shell: InteractiveShell, info: ExecutionInfo) -> int | None:
    """Return the number that the cell about to run will get.

    Up to IPython 9.8 `shell.execution_count` is the next number, since 9.9 it is this one; the length of the history
    means the same in all versions.
    """
    history = shell.history_manager
    if not getattr(info, "store_history", False) or history is None:
        return None
    return len(history.input_hist_parsed)
