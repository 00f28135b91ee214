"""From records in order to a History."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel import events as ev
from ithtel.reading.history.values import (
    Algorithm,
    Execution,
    ExecutionStatus,
    History,
    Note,
    Output,
    StreamState,
    Surroundings,
    Value,
)
from ithtel.reading.lines.record import CellRun
from ithtel.reading.lines.run_keys import RunKey, RunKeys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ithtel.reading.lines.record import Record

REPLAY_MARK = "# ithtel: replay"
"""Stands in cells that replay itself runs; they are no part of the history."""
SCRIPT = "(outside cells)"
"""Stands where a cell's source would."""
_VOLATILE = frozenset({"event_type", "run_id", "decision_id", "timestamp_ns", "trace_id"})
_ITSELF = "ithtel"


class Gathering:
    """Takes records in, one by one."""

    def __init__(self) -> None:
        self._start: ev.SessionStart | None = None
        self._name: str | None = None
        self._session_id: str | None = None
        self._is_private = False
        self._git: ev.GitState | None = None
        self._is_complete = False
        self._open: list[_Draft] = []
        self._drafts: list[_Draft] = []
        self._outside: dict[str, Any] = {"packages": {}, "threads": {}, "modules": {}}
        self._keys = RunKeys()
        self._runs: dict[RunKey | str, _Run] = {}
        self._script: _Draft | None = None

    def add(self, record: Record) -> None:
        """Take one record in."""
        self._name = self._name or record.envelope.component
        self._session_id = self._session_id or record.envelope.provenance.session_id
        match record.event:
            case ev.SessionStart() as start:
                self._start = self._start or start
                self._is_private = self._is_private or start.config.get("private") is True
            case ev.SessionEnd():
                self._is_complete = True
            case ev.GitState() as state:
                self._git = state
            case ev.CellPrior(execution_count=count, source=source):
                self._drafts.append(_Draft(record, count, source, status="prior"))
            case ev.CellStart() as start:
                self._begin(record, start)
            case ev.CellEnd() as end:
                self._end(record, end)
            case None:
                return
            case event:
                self._put(self._of(record) or self._outside_cells(record, event), record, event)

    def history(self) -> History:
        """Return what has been taken in so far."""
        start, git = self._start, self._git
        drafts = [draft for draft in self._drafts if REPLAY_MARK not in (draft.source or "")]
        paths = _Paths(start.cwd if start else "")
        executions = [draft.execution(place, paths) for place, draft in enumerate(drafts, start=1)]
        return History(
            name=start.name if start else self._name or "empty",
            session_id=self._session_id,
            is_private=self._is_private,
            cwd=start.cwd if start else "",
            notebook=start.notebook if start else None,
            schema_version=start.schema_version if start else None,
            is_complete=self._is_complete,
            config=start.config if start else {},
            git_sha=git.sha if git else None,
            git_diff=git.diff_sha256 if git else None,
            is_dirty=git.is_dirty if git else None,
            surroundings=_surroundings(start, self._outside, executions),
            executions=executions,
            script=self._script.execution(1, paths) if self._script else None,
        )

    def _begin(self, record: Record, start: ev.CellStart) -> None:
        draft = _Draft(record, start.execution_count, start.source, status="unfinished")
        draft.fields |= {"source_sha256": start.source_sha256, "cell_id": start.cell_id}
        is_keyed = start.source is None and start.source_sha256 is not None  # of a cell that is off neither is there
        self._is_private = self._is_private or is_keyed
        self._drafts.append(draft)
        self._open.append(draft)

    def _end(self, record: Record, end: ev.CellEnd) -> None:
        draft = next((draft for draft in reversed(self._open) if draft.is_ended_by(record, end)), None)
        if draft is None:
            return
        self._open.remove(draft)
        draft.status = end.status
        names = ("reads", "writes", "deletes", "mutates", "rng_used")
        draft.fields |= {name: sorted(getattr(end, name)) for name in names} | {"duration_ms": end.duration_ms}
        draft.fields["skipped"] = end.skipped
        if end.error is not None:
            draft.fields["error"] = (end.error.ename, end.error.evalue)

    def _of(self, record: Record) -> _Draft | None:
        """Return the cell that a record was written in, None between cells."""
        span, pid = record.envelope.span_id, record.envelope.pid
        if span is not None:
            return next((draft for draft in reversed(self._drafts) if draft.span_id == span), None)
        return next((draft for draft in reversed(self._open) if draft.pid == pid), None)

    def _outside_cells(self, record: Record, event: ev.Event | ev.UnknownEvent) -> _Draft | None:
        """Return what stands for a script, for an event that belongs to no cell; its surroundings are no part of it."""
        if isinstance(event, ev.EnvironmentChanged):
            return None
        self._script = self._script or _Draft(record, None, SCRIPT, status="ok")
        return self._script

    def _put(self, draft: _Draft | None, record: Record, event: ev.Event | ev.UnknownEvent) -> None:
        match event:
            case ev.EnvironmentChanged(packages=packages, threads=threads):
                fields = self._outside if draft is None else draft.fields
                fields.setdefault("packages", {}).update(packages)
                fields.setdefault("threads", {}).update(threads)
            case ev.AlgorithmInit() | ev.AlgorithmResult() | ev.EpochDetected():
                self._algorithm(draft, record, event)
            case _ if draft is not None:
                draft.put(event)

    def _algorithm(
        self, draft: _Draft | None, record: Record, event: ev.AlgorithmInit | ev.AlgorithmResult | ev.EpochDetected
    ) -> None:
        """Add to the run of that id; what a worker or a feed adds later belongs where the run began."""
        if draft is None:
            return
        key = self._keys.of(record, event) if event.run_id else draft.span_id or ""
        run = self._runs.get(key)
        if run is None or isinstance(event, ev.AlgorithmInit):
            run = self._runs[key] = _Run()
            draft.runs.append(run)
        run.put(event)


@dataclass
class _Run:
    """An algorithm of which the end may not be known yet."""

    init: ev.AlgorithmInit | None = None
    result: ev.AlgorithmResult | None = None
    epochs: list[ev.EpochDetected] = field(default_factory=list)

    def put(self, event: ev.AlgorithmInit | ev.AlgorithmResult | ev.EpochDetected) -> None:
        match event:
            case ev.AlgorithmInit():
                self.init = event
            case ev.AlgorithmResult():
                self.result = event
            case ev.EpochDetected():
                self.epochs.append(msgspec.structs.replace(event, run_id=None))

    def value(self) -> Algorithm:
        init, result = self.init, self.result
        named = init or result
        return Algorithm(
            name=named.algorithm_name if named else "epochs",
            version=init.version if init else None,
            config=init.config if init else {},
            input_hash=init.input_hash if init else None,
            metrics=result.final_metrics if result else None,
            output_hash=result.output_hash if result else None,
            n_epochs=len(self.epochs),
            epochs=self.epochs,
        )


class _Draft(CellRun):
    """An execution of which the end may not be known yet."""

    def __init__(self, record: Record, count: int | None, source: str | None, *, status: ExecutionStatus) -> None:
        super().__init__(record, count)
        self.source = source
        self.status: ExecutionStatus = status
        self.fields: dict[str, Any] = {}
        self.runs: list[_Run] = []
        self._states: dict[str, list[StreamState]] = {}

    def put(self, event: ev.Event | ev.UnknownEvent) -> None:  # noqa: C901 - a table, one line a kind
        """Keep what an event says of this execution."""
        match event:
            case ev.ModuleLoaded(name=name, path=path, sha256=sha256):
                self._in("modules")[name] = sha256
                self._in("code")[path] = sha256
            case ev.FileRead(path=path, sha256=digest):
                self._in("files")[path] = digest
            case ev.FileWrite(path=path, sha256=digest):
                self._in("written")[path] = digest
            case ev.DataLoad() as load:
                self._in("data")[load.source_path] = load.sha256_hash or load.input_hash
            case ev.RngState(stream=stream):
                self._states.setdefault(stream, []).append(
                    StreamState(sha256=event.state_sha256, entropy=event.entropy)
                )
            case ev.SeedSet(seed=seed):
                self._list("seeds").append(seed)
            case ev.ArrayFingerprint() | ev.FrameFingerprint() | ev.ObjectFingerprint() if event.name:
                self._in("values")[event.name] = value_of(event)
            case ev.StatisticalResult() | ev.DecisionSnapshot():
                where = "decisions" if isinstance(event, ev.DecisionSnapshot) else "results"
                self._list(where).append(_stable(event))
            case ev.CellOutput(kind=kind, mime=mime, text=text):
                digests = {name: content.sha256 for name, content in sorted(mime.items())}
                self._list("outputs").append(Output(kind=kind, mime=digests, text=text))
            case ev.Hazard(kind=kind, detail=detail, names=names):
                self._list("hazards").append(Note(kind=kind, detail=detail, names=names))

    def execution(self, place: int, paths: _Paths) -> Execution:
        """Return what is known."""
        fields = dict(self.fields)
        for name in ("files", "written", "data", "code"):
            if name in fields:
                fields[name] = {paths.shown(path): digest for path, digest in fields[name].items()}
        before = {name: states[0] for name, states in self._states.items() if len(states) > 1}
        after = {name: states[-1] for name, states in self._states.items()}
        return Execution(
            place=place, count=self.count, source=self.source, status=self.status, rng_before=before, rng_after=after,
            algorithms=[run.value() for run in self.runs], **fields,
        )  # fmt: skip

    def _in(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.fields.setdefault(name, {})
        return found

    def _list(self, name: str) -> list[Any]:
        found: list[Any] = self.fields.setdefault(name, [])
        return found


class _Paths:
    """Paths as they are the same wherever a session runs: relative to its working directory."""

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd.replace("\\", "/").rstrip("/") + "/" if cwd else ""

    def shown(self, path: str) -> str:
        plain = re.sub(r"\\", "/", path)
        if self._cwd and plain.startswith(self._cwd):
            return plain.removeprefix(self._cwd)
        return plain.removeprefix("./")


def value_of(event: ev.ArrayFingerprint | ev.FrameFingerprint | ev.ObjectFingerprint) -> Value:
    """Return a fingerprint in the form that is compared."""
    match event:
        case ev.ArrayFingerprint():
            return Value(
                kind="array", type=event.dtype, fingerprint=event.fingerprint, sha256=event.sha256, shape=event.shape,
                first_ten=event.checksum_first_10, sketch=event.sketch, prefixes=event.prefix_sha256,
            )  # fmt: skip
        case ev.FrameFingerprint():
            return Value(
                kind="frame", type="frame", fingerprint=event.fingerprint, sha256=event.sha256, shape=event.shape,
                columns=dict(_columns(event)),
            )  # fmt: skip
        case _:
            return Value(kind="object", type=event.type, fingerprint=event.fingerprint, reason=event.reason)


def _columns(event: ev.FrameFingerprint) -> Iterator[tuple[str, Value]]:
    for level, index in enumerate(event.index):
        yield "index" if len(event.index) == 1 else f"index level {level}", value_of(index)
    for name, column in event.columns.items():
        yield name, value_of(column)


def _stable(event: ev.Event) -> ev.Json:
    """Return the fields of an event but for those that differ from run to run; the name of the event is kept."""
    fields = msgspec.to_builtins(event)
    return {"event": ev.event_type(event)} | {name: fields[name] for name in fields if name not in _VOLATILE}


def _surroundings(start: ev.SessionStart | None, outside: dict[str, Any], executions: list[Execution]) -> Surroundings:
    packages, threads = dict(outside["packages"]), dict(outside["threads"])
    for execution in executions:
        packages |= execution.packages
        threads |= execution.threads
    packages.pop(_ITSELF, None)
    facts: dict[str, Any] = {}
    if start is not None:
        names = ("python", "platform", "cpu", "timezone", "locale", "hash_seed")
        facts = {name: getattr(start, name) for name in names} | {"environment": _numeric(start.environment)}
    return Surroundings(packages=dict(sorted(packages.items())), threads=dict(sorted(threads.items())), **facts)


def _numeric(environment: dict[str, str]) -> dict[str, str]:
    """Return the variables that change numbers: not where modules and caches lie."""
    kept = ("OMP_", "MKL_", "OPENBLAS_", "NUMBA_", "PYTHONHASHSEED", "PYTHONOPTIMIZE")
    return {
        name: value
        for name, value in sorted(environment.items())
        if name.startswith(kept) and not name.endswith(("_DIR", "_PATH"))
    }


def history(log: Iterable[Record]) -> History:
    """Read a log (or any records) once and return what ran.

    >>> from ithtel.reading.lines.log import Log
    >>> history(Log.from_lines([])).executions
    []
    """
    gathering = Gathering()
    for record in log:
        gathering.add(record)
    return gathering.history()
