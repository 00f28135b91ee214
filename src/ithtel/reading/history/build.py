"""`history`, `HistoryBuilder`: the records of a session, collected into a `History`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ithtel import events as ev
from ithtel.reading.history.cell_tracker import CellTracker
from ithtel.reading.history.execution_builder import ExecutionBuilder
from ithtel.reading.history.runs import Runs
from ithtel.reading.history.values import Environment, Execution, History
from ithtel.reading.lines.run_keys import RunKeys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ithtel.reading.history.cell_tracker import CellRun
    from ithtel.reading.history.runs import Run
    from ithtel.reading.lines.record import Record

REPLAY_MARK = "# ithtel: replay"
"""Marks the cells that replay itself adds; they are not part of the history."""
_PACKAGE = "ithtel"


class HistoryBuilder:
    """Collects records, one by one."""

    def __init__(self) -> None:
        self._start: ev.SessionStart | None = None
        self._name: str | None = None
        self._session_id: str | None = None
        self._is_private = False
        self._git: ev.GitState | None = None
        self._is_complete = False
        self._cells = CellTracker()
        self._builders: dict[CellRun, ExecutionBuilder] = {}
        self._script: ExecutionBuilder | None = None
        self._between_cells = ExecutionBuilder(None)
        self._runs: Runs[ExecutionBuilder] = Runs()
        self._run_keys = RunKeys()

    def add(self, record: Record) -> None:
        """Take in the next record."""
        self._name = self._name or record.envelope.component
        self._session_id = self._session_id or record.envelope.provenance.session_id
        cell = self._cells.see(record)
        match record.event:
            case ev.SessionStart() as start:
                self._start = self._start or start
                self._is_private = self._is_private or start.config.get("private") is True
            case ev.SessionEnd():
                self._is_complete = True
            case ev.GitState() as state:
                self._git = state
            case ev.CellStart(source=None, source_sha256=str()):  # a cell that is switched off has neither
                self._is_private = True
            case ev.CellStart() | ev.CellPrior() | ev.CellEnd() | None:
                return
            case ev.AlgorithmInit() | ev.AlgorithmResult() | ev.EpochDetected() as event:
                key = self._run_keys.of(record, event) if event.run_id else (cell and cell.place)
                self._runs.add(event, key, lambda: self._builder(cell))
            case ev.EnvironmentChanged() as event if cell is None:
                self._between_cells.add(event)
            case event:
                self._builder(cell).add(event)

    def history(self) -> History:
        """Return the history as far as it has been read."""
        start, git = self._start, self._git
        cwd = start.cwd if start else ""
        runs: dict[ExecutionBuilder, list[Run[ExecutionBuilder]]] = {}
        for run in self._runs.runs:
            runs.setdefault(run.origin, []).append(run)
        cells = [self._builder(cell) for cell in self._cells.runs if REPLAY_MARK not in (cell.source or "")]
        executions = [cell.execution(place, runs.get(cell, ()), cwd) for place, cell in enumerate(cells, start=1)]
        script = self._script
        return History(
            name=start.name if start else self._name or "empty",
            session_id=self._session_id,
            is_private=self._is_private,
            cwd=cwd,
            notebook=start.notebook if start else None,
            schema_version=start.schema_version if start else None,
            is_complete=self._is_complete,
            config=start.config if start else {},
            git_sha=git.sha if git else None,
            git_diff=git.diff_sha256 if git else None,
            is_dirty=git.is_dirty if git else None,
            environment=_environment(start, [self._between_cells, *executions]),
            executions=executions,
            script=None if script is None else script.execution(1, runs.get(script, ()), cwd),
        )

    def _builder(self, cell: CellRun | None) -> ExecutionBuilder:
        """Return where the events of a cell are collected; those between cells belong to a script."""
        if cell is None:
            self._script = self._script or ExecutionBuilder(None)
            return self._script
        if cell not in self._builders:
            self._builders[cell] = ExecutionBuilder(cell)
        return self._builders[cell]


def _environment(start: ev.SessionStart | None, parts: Sequence[ExecutionBuilder | Execution]) -> Environment:
    packages: dict[str, str] = {}
    threads: dict[str, int] = {}
    for part in parts:
        packages |= part.packages
        threads |= part.threads
    packages.pop(_PACKAGE, None)
    facts: dict[str, Any] = {}
    if start is not None:
        names = ("python", "platform", "cpu", "timezone", "locale", "hash_seed")
        facts = {name: getattr(start, name) for name in names} | {"variables": _numeric(start.environment)}
    return Environment(packages=dict(sorted(packages.items())), threads=dict(sorted(threads.items())), **facts)


def _numeric(variables: dict[str, str]) -> dict[str, str]:
    """Return the environment variables that can change numbers, without the locations of modules and caches."""
    kept = ("OMP_", "MKL_", "OPENBLAS_", "NUMBA_", "PYTHONHASHSEED", "PYTHONOPTIMIZE")
    return {
        name: value
        for name, value in sorted(variables.items())
        if name.startswith(kept) and not name.endswith(("_DIR", "_PATH"))
    }


def history(log: Iterable[Record]) -> History:
    """Return what ran, from one pass over a log or any other records.

    >>> from ithtel.reading.lines.log import Log
    >>> history(Log.from_lines([])).executions
    []
    """
    builder = HistoryBuilder()
    for record in log:
        builder.add(record)
    return builder.history()
