"""`cells`: the status of each cell of a notebook as it stands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.commands.log.source import history_of, log_of
from ithtel.errors import MissingFileError
from ithtel.events import CellStart
from ithtel.provenance.files import digest_or_none
from ithtel.provenance.notebook_file import read_page
from ithtel.reading.cells.cells import cells as cells_of
from ithtel.reading.cells.page import SavedPage
from ithtel.reading.history.build import REPLAY_MARK
from ithtel.reading.history.cell_tracker import CellTracker
from ithtel.recording.session import Session

if TYPE_CHECKING:
    import os

    from ithtel.reading.cells.values import CellStatuses
    from ithtel.reading.history.values import History
    from ithtel.reading.lines.log import Log

CLOCK_TICK_S = 0.02
"""File systems take times from a clock that may be a tick behind."""


def cells(
    source: str | os.PathLike[str] | Log | Session, *, notebook: str | os.PathLike[str] | None = None
) -> CellStatuses:
    """Return the cells of a notebook, each with its status: what it shows is current, or not, and why.

    - `current`: a run of the notebook from the top would show the same, as far as the record can tell.
    - `stale`: what it used has been made anew with another value, edited or deleted; or it was itself edited.
    - `never run`: it is in the notebook's file, and no execution of it was recorded.
    - `not reproducible`: another run would give something else, even if all cells ran in order.
    - `unknown`: what it used was not recorded.

    Args:
        source: A log file, folder or glob, `LOG@-2` for the session before the latest, a `Log`, or a session.
        notebook: The notebook's file; as a rule the log names it, but nbclient, nbconvert and nbval do not tell it.

    Raises:
        MissingFileError: There is no such file.
        NoSessionError: There is no such session.
        LogError: It is not a log.

    >>> from ithtel.reading.lines.log import Log
    >>> cells(Log.from_lines([])).cells
    ()
    """
    log = log_of(source)
    past = history_of(log)
    if notebook is not None:
        if read_page(notebook) is None:
            raise MissingFileError(f"no notebook {str(notebook)!r} that can be read")
        past = msgspec.structs.replace(past, notebook=str(notebook))
    return statuses(log, past, is_running=isinstance(source, Session))


def statuses(log: Log, past: History, *, is_running: bool) -> CellStatuses:
    """Return the cells of a log that has been read."""
    changed = {} if past.is_private else _changed(past)
    return cells_of(past, _saved(log, past), changed, is_running=is_running)


def _saved(log: Log, past: History) -> SavedPage | None:
    """Return the notebook's file, with the executions that began before it was saved."""
    page = None if past.notebook is None else read_page(past.notebook)
    if page is None or past.notebook is None:
        return None
    try:
        saved = Path(past.notebook).expanduser().stat().st_mtime
    except (OSError, RuntimeError):
        return None
    return SavedPage(page=page, saved_after=frozenset(_began_by(log, saved + CLOCK_TICK_S)))


def _began_by(log: Log, time: float) -> list[int]:
    """Return the places of the executions that began by a time."""
    tracker, began = CellTracker(), dict[int, float]()
    for record in log:
        run = tracker.see(record)
        if run is not None and isinstance(record.event, CellStart):
            began[run.place] = datetime.fromisoformat(record.envelope.ts).timestamp()
    runs = [run for run in tracker.runs if REPLAY_MARK not in (run.source or "")]
    return [place for place, run in enumerate(runs, start=1) if began.get(run.place, 0.0) <= time]


def _changed(past: History) -> dict[str, str]:
    """Return the files of the session's folder that have changed since the cells last read or wrote them."""
    folder = _folder(past.cwd)
    if folder is None:
        return {}
    last: dict[str, str | None] = {}
    for each in past.executions:
        last |= {**each.files, **{path: file.sha256 for path, file in each.written.items()}}
    found = {}
    for path, digest in last.items():
        if digest is None:
            continue
        now = digest_or_none(folder / path)
        if now != digest:
            found[path] = "which is missing now" if now is None else "which has changed since"
    return found


def _folder(cwd: str) -> Path | None:
    try:
        folder = Path(cwd).expanduser()
        return folder if cwd and folder.is_dir() else None
    except (OSError, RuntimeError):
        return None
