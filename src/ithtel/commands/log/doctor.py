"""What threatens the reproduction of a session, and the mend for each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel import plain_text as plain
from ithtel.commands.log.source import is_private, log_of
from ithtel.errors import IthtelError
from ithtel.events import FileRead, FileWrite, Hazard, ModuleLoaded
from ithtel.provenance.files import fingerprint_file
from ithtel.provenance.git import git_state
from ithtel.provenance.notebook_file import read_page
from ithtel.reading.history.build import history
from ithtel.recording.session import Session

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from ithtel.reading.history.values import Execution, History
    from ithtel.reading.lines.log import Log

UNFINISHED = "unfinished"
"""No hazard of a cell's: the record ends within it."""
MENDS = {
    "out_of_order": "move the cell that makes it above this one, then restart and run all",
    "stale_cell": "run the cell that made it again, and those below",
    "deleted_cell": "put the cell back, or make the value in one that is there",
    "mutated_input": "bind a new name instead: b = a + 1, not a += 1; or make the input anew in the same cell",
    "unseeded_rng": "seed first: rng = %seed 42, and draw from rng",
    "reseeded": "seed once, at the top; for independent numbers use ithtel.spawn(n)",
    "changed_file": "keep a copy under a name of its own, or read it again and run the cells below",
    "changed_module": "importlib.reload(module), or restart and run all",
    "uncommitted": "commit, so that the code that ran can be found again",
    "clock": "write the date down as a parameter: END = pd.Timestamp('2026-01-25')",
    "hash_order": "put it in order: sorted(set(names)); or set PYTHONHASHSEED",
    "threads": "wait for it in the same cell: thread.join()",
    "hidden_state": "make it in a cell that is recorded, then restart and run all",
    UNFINISHED: "run the notebook again; ithtel replay runs what is on record, up to this cell",
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that threatens reproduction; `where` names the cell in which it was seen."""

    kind: str
    detail: str
    where: str = ""
    names: tuple[str, ...] = ()

    @property
    def mend(self) -> str:
        """What to do about it."""
        return MENDS.get(self.kind, "")


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a session; shows itself as text."""

    findings: tuple[Finding, ...]
    n_cells: int
    asked_git: bool = False
    has_files: bool = True
    """Whether the session's folder is here, so that its files could be looked at."""

    def __repr__(self) -> str:
        looked = f"{plain.count(self.n_cells, 'cell')}{' and git' if self.asked_git else ''}"
        looked += "" if self.has_files else " (without their files, which are not here)"
        if not self.findings:
            return f"nothing in {looked} threatens reproduction"
        lines = [f"{plain.count(len(self.findings), 'thing')} in {looked} may keep others from your results:"]
        for finding in self.findings:
            where = f" {finding.where}" if finding.where else ""
            lines += [f"  {finding.kind}{where}: {plain.message(finding.detail, 110)}", f"      → {finding.mend}"]
        return "\n".join(lines)


def doctor(source: str | os.PathLike[str] | Log | Session, *, git: bool = False) -> Diagnosis:
    """Return what threatens the reproduction of a session.

    Beside the hazards that were recorded as cells ran: files and modules that have changed since, where the session's
    folder is here; cells that are no longer in the notebook. In a session that is running, what nobody had noticed
    before is recorded; a log is only read.

    Args:
        source: A log file, folder or glob, `LOG@-2` for the session before the latest, a `Log`, or a session.
        git: Ask for what is not committed, too: of a session the repository now, of a log what it says of it then.

    Raises:
        MissingFileError: There is no such file.
        NoSessionError: There is no such session.
        LogError: It is not a log.
    """
    log = log_of(source)
    past = history(log)
    is_running = isinstance(source, Session)
    has_files = is_running or _is_here(past.cwd)
    known = [
        Finding(kind=note.kind, detail=note.detail, where=cell.label, names=tuple(note.names))
        for cell in past.cells
        for note in cell.hazards
    ]
    said = {(finding.kind, finding.detail) for finding in known}
    state = _uncommitted() if is_running else _uncommitted_then(past)
    files = _files(log, is_keyed=is_private(source, past)) if has_files else []
    broken_off = [] if is_running else _unfinished(past)
    checks = [*files, *_deleted(past), *broken_off, *(state if git else ())]
    new = [finding for finding in checks if (finding.kind, finding.detail) not in said]
    if isinstance(source, Session):
        for finding in new:
            hazard = Hazard(kind=finding.kind, detail=finding.detail, names=list(finding.names), execution_count=None)
            source.emit(hazard, component="doctor", span_id=None)
    findings = (*dict.fromkeys(known), *new)
    return Diagnosis(findings=findings, n_cells=len(past.cells), asked_git=git, has_files=has_files)


def _is_here(folder: str) -> bool:
    try:
        return bool(folder) and Path(folder).expanduser().is_dir()
    except (OSError, RuntimeError):
        return False


def _unfinished(past: History) -> list[Finding]:
    """Return the cells that no record of their end follows: the kernel died, or the log was cut."""
    detail = "the record ends within this cell: what it came to is not known"
    return [
        Finding(kind=UNFINISHED, detail=detail, where=cell.label) for cell in past.cells if cell.status == "unfinished"
    ]


def _files(log: Log, *, is_keyed: bool) -> list[Finding]:
    """Return the files and modules that are no longer what they were when they were last read or written.

    Where digests are keyed, that a file is there is all that can be told of it; those of modules never are.
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
            continue  # what a cell wrote, and is gone, it will write again
        if is_keyed and now is not None and not isinstance(event, ModuleLoaded):
            continue
        if isinstance(event, ModuleLoaded):
            detail = f"{name} has changed since its import"
            found.append(Finding(kind="changed_module", detail=detail, names=(event.name,)))
        else:
            what = "is gone" if now is None else "is no longer what the cells used"
            found.append(Finding(kind="changed_file", detail=f"{name} {what}", names=(name,)))
    return found


def _digest(path: str) -> str | None:
    try:
        return fingerprint_file(Path(path).expanduser()).sha256
    except (IthtelError, OSError, RuntimeError):
        return None


def _deleted(past: History) -> list[Finding]:
    """Return the cells that ran, are no longer in the notebook's file, and made what others used."""
    page = None if past.notebook is None else read_page(past.notebook)
    if page is None or not any(cell.cell_id in page.ids for cell in past.cells):
        return []  # another host's ids, or the notebook was never saved
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
    """Return the names that a cell made and cells that are there have used, before something else made them."""
    open_names, used = {*cell.writes, *cell.mutates}, set()
    for each in later:
        if each.cell_id in present:
            used |= open_names.intersection(each.reads)
        open_names -= {*each.writes, *each.deletes}
    return used


def _uncommitted() -> list[Finding]:
    state = git_state(Path.cwd())
    if state is None:
        return [Finding(kind="uncommitted", detail="the notebook is in no git repository")]
    if state.is_dirty:
        return [Finding(kind="uncommitted", detail="there are changes that are not committed")]
    return []


def _uncommitted_then(past: History) -> list[Finding]:
    """Say of a log what git said when it was written."""
    if past.is_dirty:
        return [Finding(kind="uncommitted", detail="there were changes that were not committed")]
    if past.git_sha is None:
        return [Finding(kind="uncommitted", detail="no commit is on record")]
    return []
