"""`ExecutionBuilder`: the events of one run of a cell, collected into an `Execution`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ithtel import events as ev
from ithtel.reading.history.values import Algorithm, Execution, Note, Output, StreamState, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.reading.history.cell_tracker import CellRun
    from ithtel.reading.history.runs import Run

SCRIPT = "(outside cells)"
"""The source of an execution that stands for everything that ran outside cells."""
_VOLATILE = frozenset({"event_type", "run_id", "decision_id", "timestamp_ns", "trace_id"})
_NAMES = ("reads", "writes", "deletes", "mutates", "rng_used")


class ExecutionBuilder:
    """Collects the events of one run of a cell, or (`cell` is None) those outside cells."""

    def __init__(self, cell: CellRun | None) -> None:
        self.cell = cell
        self.packages: dict[str, str] = {}
        self.threads: dict[str, int] = {}
        self._fields: dict[str, Any] = {}
        self._states: dict[str, list[StreamState]] = {}

    def add(self, event: ev.Event | ev.UnknownEvent) -> None:  # noqa: C901 - a table, one line per event type
        """Collect what an event reports about this execution."""
        match event:
            case ev.EnvironmentChanged(packages=packages, threads=threads):
                self.packages |= packages
                self.threads |= threads
            case ev.ModuleLoaded(name=name, path=path, sha256=sha256):
                self._map("modules")[name] = sha256
                self._map("code")[path] = sha256
            case ev.FileRead(path=path, sha256=digest):
                self._map("files")[path] = digest
            case ev.FileWrite(path=path, sha256=digest):
                self._map("written")[path] = digest
            case ev.DataLoad() as load:
                self._map("data")[load.source_path] = load.sha256_hash or load.input_hash
            case ev.RngState(stream=stream):
                state = StreamState(sha256=event.state_sha256, entropy=event.entropy)
                self._states.setdefault(stream, []).append(state)
            case ev.SeedSet(seed=seed):
                self._list("seeds").append(seed)
            case ev.EntropyRequest():
                self._list("entropy").append(event)
            case ev.ArrayFingerprint() | ev.FrameFingerprint() | ev.ObjectFingerprint() if event.name:
                self._map("values")[event.name] = value_of(event)
            case ev.StatisticalResult() | ev.DecisionSnapshot():
                name = "decisions" if isinstance(event, ev.DecisionSnapshot) else "results"
                self._list(name).append(_repeatable_fields(event))
            case ev.CellOutput(kind=kind, mime=mime, text=text):
                digests = {name: content.sha256 for name, content in sorted(mime.items())}
                self._list("outputs").append(Output(kind=kind, mime=digests, text=text))
            case ev.Hazard(kind=kind, detail=detail, names=names):
                self._list("hazards").append(Note(kind=kind, detail=detail, names=names))

    def execution(self, place: int, runs: Sequence[Run[ExecutionBuilder]], cwd: str) -> Execution:
        """Return the execution as far as it is known, with the algorithms that began in it."""
        fields = dict(self._fields)
        for name in ("files", "written", "data", "code"):
            if name in fields:
                fields[name] = {relative_path(path, cwd): digest for path, digest in fields[name].items()}
        return Execution(
            place=place,
            rng_before={name: states[0] for name, states in self._states.items() if len(states) > 1},
            rng_after={name: states[-1] for name, states in self._states.items()},
            packages=self.packages,
            threads=self.threads,
            algorithms=[_algorithm(run) for run in runs],
            **fields,
            **({"source": SCRIPT} if self.cell is None else _fields_of(self.cell)),
        )

    def _map(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._fields.setdefault(name, {})
        return found

    def _list(self, name: str) -> list[Any]:
        found: list[Any] = self._fields.setdefault(name, [])
        return found


def _fields_of(cell: CellRun) -> dict[str, Any]:
    """Return the fields that the beginning and the end of a run give."""
    fields: dict[str, Any] = {"count": cell.count, "source": cell.source, "status": cell.status}
    if isinstance(cell.start, ev.CellStart):
        fields |= {"source_sha256": cell.start.source_sha256, "cell_id": cell.start.cell_id}
    end = cell.end
    if end is not None:
        fields |= {name: sorted(getattr(end, name)) for name in _NAMES}
        fields |= {"duration_ms": end.duration_ms, "skipped": end.skipped}
        fields["error"] = None if end.error is None else (end.error.ename, end.error.evalue)
    return fields


def _algorithm(run: Run[ExecutionBuilder]) -> Algorithm:
    init, result = run.init, run.result
    named = init or result
    return Algorithm(
        name=named.algorithm_name if named else "epochs",
        version=init.version if init else None,
        config=run.config,
        input_hash=init.input_hash if init else None,
        metrics=result.final_metrics if result else None,
        output_hash=result.output_hash if result else None,
        n_epochs=len(run.epochs),
        epochs=[msgspec.structs.replace(epoch, run_id=None) for epoch in run.epochs],
    )


def relative_path(path: str, cwd: str) -> str:
    r"""Return a path relative to the working directory of its session, so that it is the same on every machine.

    >>> relative_path("/work/data/nav.csv", "/work"), relative_path("data\\nav.csv", "")
    ('data/nav.csv', 'data/nav.csv')
    """
    plain = path.replace("\\", "/")
    folder = cwd.replace("\\", "/").rstrip("/") + "/" if cwd else ""
    return plain.removeprefix(folder) if folder and plain.startswith(folder) else plain.removeprefix("./")


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


def _repeatable_fields(event: ev.Event) -> ev.Json:
    """Return the fields of an event without those that differ between runs, and the name of the event."""
    fields = msgspec.to_builtins(event)
    return {"event": ev.event_type(event)} | {name: fields[name] for name in fields if name not in _VOLATILE}
