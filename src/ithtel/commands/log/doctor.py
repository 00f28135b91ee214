"""`doctor`: what threatens the reproduction of a session, with a fix for each finding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel import plain_text as plain
from ithtel.commands.log.cells import statuses
from ithtel.commands.log.source import history_of, is_private, log_of
from ithtel.events import FileRead, FileWrite, Hazard, ModuleLoaded
from ithtel.provenance.files import digest_or_none
from ithtel.provenance.git import git_state
from ithtel.provenance.notebook_file import read_page
from ithtel.reading.cells.page import host_id
from ithtel.reading.cells.values import CellStatuses
from ithtel.recording.session import Session

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator

    from ithtel.reading.history.values import Execution, History
    from ithtel.reading.lines.log import Log

UNFINISHED = "unfinished"
"""Not a recorded hazard: the log ends within the cell."""
OTHER_STATUSES = ("stale", "never run", "not reproducible")
OF_THE_PAGE = frozenset({"stale_cell", "out_of_order", "deleted_cell"})
"""Hazards of what a cell used; when the cell has run again, they are over."""
FIXES = {
    "out_of_order": "move the cell that makes it above this one, then restart and run all",
    "stale_cell": "run the stale cell again, and those below",
    "deleted_cell": "restore the cell, or make the value in a cell that exists",
    "mutated_input": "bind a new name instead: b = a + 1, not a += 1; or create the input in the same cell",
    "unseeded_rng": "seed first: rng = %seed 42, and draw from rng",
    "reseeded": "seed once, at the top; for independent generators use ithtel.spawn(n)",
    "changed_file": "keep a copy under another name, or read it again and run the cells below",
    "changed_module": "importlib.reload(module), or restart and run all",
    "uncommitted": "commit, so that the code that ran can be found again",
    "clock": "fix the date as a parameter: END = pd.Timestamp('2026-01-25')",
    "hash_order": "sort it: sorted(set(names)); or set PYTHONHASHSEED",
    "threads": "wait for the thread in the same cell: thread.join()",
    "hidden_state": "make it in a cell that is recorded, then restart and run all",
    "external": "save the answer to a file once, and read that file instead: its digest is recorded",
    "processes": "do it in this process (n_jobs=1), and compare; give each worker its own seed: ithtel.spawn(n)",
    UNFINISHED: "run the notebook again; ithtel replay runs the recorded cells before this one",
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A threat to reproduction; `where` names the cell in which it was found."""

    kind: str
    detail: str
    where: str = ""
    names: tuple[str, ...] = ()

    @property
    def fix(self) -> str:
        """How to fix it."""
        return FIXES.get(self.kind, "")


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """The findings for a session, with their text."""

    findings: tuple[Finding, ...]
    n_cells: int
    asked_git: bool = False
    has_files: bool = True
    """Whether the session's folder exists here, so that its files were checked."""
    cells: CellStatuses = CellStatuses()
    """The status of each cell of the notebook as it stands."""

    def __repr__(self) -> str:
        checked = f"{plain.count(self.n_cells, 'cell')}{' and git' if self.asked_git else ''}"
        checked += "" if self.has_files else " (their files are not here and were not checked)"
        cells = self._cells()
        if not self.findings:
            return "\n".join([f"no threat to reproduction found in {checked}", *cells])
        lines = [f"{plain.count(len(self.findings), 'threat')} to reproduction found in {checked}:"]
        for finding in self.findings:
            where = f" {finding.where}" if finding.where else ""
            lines += [f"  {finding.kind}{where}: {plain.message(finding.detail, 110)}", f"      → {finding.fix}"]
        return "\n".join([*lines, *cells])

    def _cells(self) -> list[str]:
        """Return a line that counts the cells by status, and the reasons that are no findings of their own."""
        by_status: dict[str, list[str]] = {}
        for cell in self.cells.cells:
            by_status.setdefault(cell.status, []).append(cell.label)
        others = [(status, by_status[status]) for status in OTHER_STATUSES if status in by_status]
        if not others:
            return []
        n_current = len(by_status.get("current", ()))
        parts = [
            f"{status}: {len(labels) if status == 'never run' else ', '.join(labels)}" for status, labels in others
        ]
        head = f"{n_current} of {plain.count(len(self.cells.cells), 'cell')} of the page current; {'; '.join(parts)}"
        return [head, *self._reasons()]

    def _reasons(self) -> Iterator[str]:
        told = {(finding.where, finding.detail) for finding in self.findings}
        for cell in self.cells.cells:
            reasons = [each.text for each in cell.reasons if (cell.label, each.text) not in told]
            if reasons and cell.status == "not reproducible":
                yield f"  {cell.label} {plain.message('; '.join(reasons), 110)}"


def doctor(
    source: str | os.PathLike[str] | Log | Session,
    *,
    git: bool = False,
    reloads: Callable[[str, str], bool] = lambda _name, _path: False,
) -> Diagnosis:
    """Return what threatens the reproduction of a session.

    Besides the hazards that were recorded while cells ran, these are files and modules that have changed since, if the
    session's folder exists here, and cells that are no longer in the notebook. For a running session new findings are
    recorded; a log is only read.

    Args:
        source: A log file, folder or glob, `LOG@-2` for the session before the latest, a `Log`, or a session.
        git: Also report uncommitted changes: for a session the present ones, for a log those that it recorded.
        reloads: Returns, for the name and file of a module, whether the kernel loads its changes by itself.

    Raises:
        MissingFileError: There is no such file.
        NoSessionError: There is no such session.
        LogError: It is not a log.
    """
    log = log_of(source)
    past = history_of(log)
    is_running = isinstance(source, Session)
    has_files = is_running or _is_here(past.cwd)
    page = statuses(log, past, is_running=is_running)
    superseded = _superseded(past)
    known = [
        Finding(kind=note.kind, detail=note.detail, where=cell.label, names=tuple(note.names))
        for cell in past.cells
        for note in cell.hazards
        if not (note.kind in OF_THE_PAGE and cell.place in superseded)
    ]
    recorded = {(finding.kind, finding.detail) for finding in known}
    state = _uncommitted() if is_running else _uncommitted_then(past)
    files = _files(log, reloads, is_keyed=is_private(source, past)) if has_files else []
    unfinished = [] if is_running else _unfinished(past)
    checks = [*files, *_deleted(past), *unfinished, *(state if git else ())]
    new = [finding for finding in checks if (finding.kind, finding.detail) not in recorded]
    if isinstance(source, Session):
        for finding in new:
            hazard = Hazard(kind=finding.kind, detail=finding.detail, names=list(finding.names), execution_count=None)
            source.emit(hazard, component="doctor", span_id=None)
    findings = (*dict.fromkeys(known), *new, *_stale(page, [*known, *new]))
    return Diagnosis(findings=findings, n_cells=len(past.cells), asked_git=git, has_files=has_files, cells=page)


def _superseded(past: History) -> set[int]:
    """Return the places of the executions whose cell ran again later: what they used is not what the page shows."""
    last = {host_id(each) or f"text {each.source}": each.place for each in past.cells}
    return {each.place for each in past.cells} - set(last.values())


def _stale(page: CellStatuses, known: list[Finding]) -> list[Finding]:
    """Return the cells of the page that are stale, except for what is reported of them already.

    They are not recorded as hazards: running the cell again ends it.
    """
    told = {(finding.where, name) for finding in known for name in finding.names if finding.kind in OF_THE_PAGE}
    told |= {("", name) for finding in known for name in finding.names if finding.kind == "changed_file"}
    found = []
    for cell in page.cells:
        for reason in cell.reasons if cell.status == "stale" else ():
            name = reason.name or ""
            if (cell.label, name) not in told and ("", Path(name).name) not in told:
                names = (reason.name,) if reason.name else ()
                found.append(Finding(kind="stale_cell", detail=reason.text, where=cell.label, names=names))
    return found


def _is_here(folder: str) -> bool:
    try:
        return bool(folder) and Path(folder).expanduser().is_dir()
    except (OSError, RuntimeError):
        return False


def _unfinished(past: History) -> list[Finding]:
    """Return the cells whose end was not recorded: the kernel died, or the log was cut."""
    detail = "the log ends within this cell; its result is unknown"
    return [
        Finding(kind=UNFINISHED, detail=detail, where=cell.label) for cell in past.cells if cell.status == "unfinished"
    ]


def _files(log: Log, reloads: Callable[[str, str], bool], *, is_keyed: bool) -> list[Finding]:
    """Return the files and modules that have changed since they were last read or written.

    If digests are keyed, only missing files can be found. Digests of modules are never keyed.
    """
    last: dict[str, FileRead | FileWrite | ModuleLoaded] = {}
    for event in log.events():
        if isinstance(event, FileRead | FileWrite | ModuleLoaded):
            last[event.path] = event
    found = []
    for path, event in last.items():
        name = Path(path).name
        now = _digest(path)
        if event.sha256 is None or now == event.sha256 or (now is None and isinstance(event, FileWrite)):
            continue  # a missing file that a cell wrote will be written again
        if is_keyed and now is not None and not isinstance(event, ModuleLoaded):
            continue
        if isinstance(event, ModuleLoaded) and reloads(event.name, path):
            continue
        if isinstance(event, ModuleLoaded):
            detail = f"{name} has changed since its import"
            found.append(Finding(kind="changed_module", detail=detail, names=(event.name,)))
        else:
            what = "is missing" if now is None else "has changed since the cells used it"
            found.append(Finding(kind="changed_file", detail=f"{name} {what}", names=(name,)))
    return found


def _digest(path: str) -> str | None:
    try:
        return digest_or_none(Path(path).expanduser())
    except RuntimeError:  # no home folder
        return None


def _deleted(past: History) -> list[Finding]:
    """Return the cells that are no longer in the notebook's file, but made what other cells used."""
    page = None if past.notebook is None else read_page(past.notebook)
    if page is None or not any(cell.cell_id in page.ids for cell in past.cells):
        return []  # the ids are another host's, or the notebook was never saved
    present = {cell.cell_id for cell in past.cells if page.has(cell.cell_id, cell.source)}
    found = []
    for place, cell in enumerate(past.cells):
        if cell.cell_id in present:
            continue
        used = sorted(_used_later(cell, past.cells[place + 1 :], present))
        if used:
            detail = f"{', '.join(used)} of {cell.label}, which is no longer in the notebook"
            found.append(Finding(kind="deleted_cell", detail=detail, where=cell.label, names=tuple(used)))
    return found


def _used_later(cell: Execution, later: Iterable[Execution], present: set[str | None]) -> set[str]:
    """Return the names that a cell made and that present cells used before another cell made them again."""
    open_names, used = {*cell.writes, *cell.mutates}, set()
    for each in later:
        if each.cell_id in present:
            used |= open_names.intersection(each.reads)
        open_names -= {*each.writes, *each.deletes}
    return used


def _uncommitted() -> list[Finding]:
    state = git_state(Path.cwd())
    if state is None:
        return [Finding(kind="uncommitted", detail="the notebook is not in a git repository")]
    if state.is_dirty:
        return [Finding(kind="uncommitted", detail="there are uncommitted changes")]
    return []


def _uncommitted_then(past: History) -> list[Finding]:
    """Return the findings about git as of when the log was written."""
    if past.is_dirty:
        return [Finding(kind="uncommitted", detail="there were uncommitted changes")]
    if past.git_sha is None:
        return [Finding(kind="uncommitted", detail="no commit was recorded")]
    return []
