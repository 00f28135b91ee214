"""`ExecutionBuilder`: the events of one run of a cell, collected into an `Execution`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel import events as ev
from ithtel.reading.history.values import (
    Algorithm,
    Answer,
    Contact,
    Exchange,
    Execution,
    Note,
    Output,
    StreamState,
    Value,
    WrittenFile,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.reading.history.cell_tracker import CellRun
    from ithtel.reading.history.runs import Run

SCRIPT = "(outside cells)"
"""The source of an execution that stands for everything that ran outside cells."""
_ABSOLUTE = re.compile(r"/|~|[A-Za-z]:/")
_NAME = re.compile(r"[\w.+\-]{2,}:")
_SHARED = frozenset(
    {"", "/", "//", "/tmp", "/private", "/private/tmp", "/var", "/var/tmp", "/private/var", "/home", "/Users", "/mnt",  # noqa: S108
     "/media", "/Volumes", "/opt", "/usr", "/usr/local", "/dev", "/dev/shm", "C:", "C:/Users"}  # noqa: S108
)  # fmt: skip
"""Folders that all users or programs share: what lies in two of their folders does not belong together."""
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

    def add(self, event: ev.Event | ev.UnknownEvent) -> None:  # noqa: C901, PLR0912 - one line per event type
        """Collect what an event reports about this execution."""
        match event:
            case ev.EnvironmentChanged(packages=packages, threads=threads):
                self.packages |= packages
                self.threads |= threads
            case ev.ModuleLoaded(name=name, path=path, sha256=sha256):
                self._map("modules")[name] = sha256
                self._map("unstable")[name] = event.unstable or []
                self._map("code")[path] = sha256
            case ev.FileRead(path=path, sha256=digest):
                self._map("files")[path] = digest
                self._map("sizes")[path] = event.size_bytes
            case ev.FileWrite(path=path):
                self._map("written")[path] = WrittenFile(
                    sha256=event.sha256, content=event.content, reason=event.reason, existed=event.existed,
                    made_folder=event.made_folder,
                )  # fmt: skip
            case ev.DataLoad() as load:
                self._map("data")[load.source_path] = load.sha256_hash or load.input_hash
                if load.size_bytes is not None:
                    self._map("sizes").setdefault(load.source_path, load.size_bytes)
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
            case ev.CellOutput():
                self._list("outputs").append(_output(event))
            case ev.Hazard(kind=kind, detail=detail, names=names):
                self._list("hazards").append(Note(kind=kind, detail=detail, names=names))
            case ev.ExternalContact(kind=kind, target=target, owner=owner):
                self._list("contacts").append(Contact(kind=kind, target=target, owner=owner))
            case ev.InputAnswer(prompt=prompt, answer=answer):
                self._list("answers").append(Answer(prompt=prompt, text=answer))
            case ev.HttpAnswer(method=method, url=url, sha256=sha256):
                self._list("exchanges").append(Exchange(method=method, url=url, sha256=sha256))

    def execution(self, place: int, runs: Sequence[Run[ExecutionBuilder]], cwd: str) -> Execution:
        """Return the execution as far as it is known, with the algorithms that began in it."""
        fields = dict(self._fields)
        for name in ("files", "written", "data", "code", "sizes"):
            if name in fields:
                fields[name] = {relative_path(path, cwd): found for path, found in fields[name].items()}
        for path, file in fields.get("written", {}).items():
            if file.made_folder is not None:
                folder = relative_path(file.made_folder, cwd)
                fields["written"][path] = msgspec.structs.replace(file, made_folder=folder)
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

    A path that has no folder in common with the session's stays absolute; folders that all users or programs share,
    such as `/home` and `/tmp`, do not count. Names such as `synthetic:walk` stay as they are.

    >>> relative_path("/work/data/nav.csv", "/work"), relative_path("data\\nav.csv", "")
    ('data/nav.csv', 'data/nav.csv')
    >>> relative_path("/work/data/nav.csv", "/work/notebooks"), relative_path("/tmp/a", "/tmp/work")
    ('../data/nav.csv', '/tmp/a')
    """
    plain, folder = path.replace("\\", "/"), cwd.replace("\\", "/").rstrip("/")
    if not _ABSOLUTE.match(plain):
        return plain if _NAME.match(plain) else posixpath.normpath(plain) if plain else plain
    plain = posixpath.normpath(plain)
    if not _ABSOLUTE.match(folder):
        return plain
    try:
        common = posixpath.commonpath([plain, folder])
    except ValueError:
        return plain
    if common == folder:
        return posixpath.relpath(plain, folder)
    return plain if common in _SHARED else posixpath.relpath(plain, folder)


def value_of(event: ev.ArrayFingerprint | ev.FrameFingerprint | ev.ObjectFingerprint) -> Value:
    """Return a fingerprint in the form that is compared."""
    value = _value_of(event)
    if event.stable is None:
        return value
    return msgspec.structs.replace(value, stable=event.stable, volatile=event.volatile or {})


def _value_of(event: ev.ArrayFingerprint | ev.FrameFingerprint | ev.ObjectFingerprint) -> Value:
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


def _output(event: ev.CellOutput) -> Output:
    contents = sorted(event.mime.items())
    return Output(
        kind=event.kind,
        mime={name: content.sha256 for name, content in contents},
        text=event.text,
        stable={name: content.stable_sha256 for name, content in contents if content.stable_sha256 is not None},
        volatile=event.volatile or {},
    )


def _columns(event: ev.FrameFingerprint) -> Iterator[tuple[str, Value]]:
    for level, index in enumerate(event.index):
        yield "index" if len(event.index) == 1 else f"index level {level}", value_of(index)
    for name, column in event.columns.items():
        yield name, value_of(column)


def _repeatable_fields(event: ev.Event) -> ev.Json:
    """Return the fields of an event without those that differ between runs, and the name of the event."""
    fields = msgspec.to_builtins(event)
    return {"event": ev.event_type(event)} | {name: fields[name] for name in fields if name not in _VOLATILE}
