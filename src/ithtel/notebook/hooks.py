"""`CellHooks`: records each cell as events. Failures of recording are caught, counted, and reported once."""

from __future__ import annotations

import functools
import hashlib
import sys
import time
import traceback
from asyncio import CancelledError
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from ithtel.events import CellEnd, CellError, CellPrior, CellStart
from ithtel.events.values import encode_text
from ithtel.notebook.cells.run import COMPONENT, Cell, CellRun, Observer, Status
from ithtel.notebook.cells.stack import (
    CellStack,
    cell_id_of,
    execution_count_of,
    is_switched_off,
    running_cell,
    tags_of,
)
from ithtel.notebook.hazards.hazards import Hazards
from ithtel.notebook.observers.imports import Imports
from ithtel.notebook.observers.kept_values import KeptValues
from ithtel.notebook.observers.namespace import Namespace
from ithtel.notebook.observers.network import Network
from ithtel.notebook.observers.outputs import Outputs
from ithtel.notebook.observers.outside.contacts import Contacts
from ithtel.notebook.observers.outside.files import Files
from ithtel.notebook.observers.parameters import Parameters
from ithtel.notebook.observers.randomness import Randomness
from ithtel.notebook.observers.values import Values
from ithtel.provenance.volatile.surroundings import Surroundings
from ithtel.recording.import_hook import when_imported
from ithtel.recording.span import enter_span, leave_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

    from ithtel.recording.session import Session

P = ParamSpec("P")
H = TypeVar("H", bound="CellHooks")


def harmless(hook: Callable[Concatenate[H, P], None]) -> Callable[Concatenate[H, P], None]:
    """Keep failures of `hook` out of the user's cell: report the first, count all."""

    @functools.wraps(hook)
    def guarded(self: H, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            hook(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the one boundary (docs/architecture.md)
            self.report_failure(error)

    return cast("Callable[Concatenate[H, P], None]", guarded)


class CellHooks:
    """The hooks that run before and after each cell while the extension is loaded."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.cells = CellStack()
        self.session: Session | None = None
        self.is_armed = False
        self.files = Files(shell, self.safely, lambda: self.session)
        self.contacts = Contacts(shell, self.safely, lambda: self.session)
        self.network = Network(lambda: self.session)
        kept_values = KeptValues(shell, lambda: self.session)
        self.namespace = Namespace(shell)
        self.randomness = Randomness(shell, self.namespace.bound)
        surroundings = Surroundings(lambda: shell.user_ns, self.randomness.entropy.made)
        self.outputs = Outputs(shell, self.report_failure, kept_values.pictures, surroundings)
        self.hazards = Hazards(shell)
        self.imports = Imports(shell)
        # Before the cell: `namespace` first, since the others look at the names that the cell uses. `values` before
        # `randomness` and `files`, so that what a fingerprint draws or opens does not count as the cell's. `outputs`
        # last, so that nothing shown before the cell can be taken for its output.
        self._before: list[Observer] = [
            self.namespace, values := Values(shell), self.randomness, self.hazards, self.network, self.files,
            self.contacts, self.outputs,
        ]  # fmt: skip
        # After the cell: `randomness` and `files` before `values`, so that what a fingerprint draws or opens does not
        # count as the cell's. `network` before `contacts`, which warns of what was not kept. `kept_values` needs the
        # fingerprints. `outputs` after `values`, which prints the line of `%%provenance`: it belongs to what the cell
        # shows. `hazards` needs the whole report.
        self._after: list[Observer] = [
            self.namespace, self.randomness, self.files, self.network, self.contacts, values, kept_values, self.outputs,
            Parameters(shell), self.imports, self.hazards,
        ]  # fmt: skip
        self._numbered: Session | None = None
        self._n_runs = 0
        self._has_warned = False

    def register(self) -> None:
        """Start watching cells."""
        self.is_armed = True
        self.randomness.entropy.install(when_imported)
        self.contacts.register()
        self.shell.events.register("pre_run_cell", self.before_cell)
        self.shell.events.register("post_run_cell", self.after_cell)

    def unregister(self) -> None:
        """Stop watching cells; a hook that the shell still holds does nothing."""
        self.is_armed = False
        self.shell.events.unregister("pre_run_cell", self.before_cell)
        self.shell.events.unregister("post_run_cell", self.after_cell)
        self.outputs.close()
        self.files.close()
        self.contacts.close()
        self.network.close()
        self.randomness.entropy.remove()

    @harmless
    def before_cell(self, info: ExecutionInfo) -> None:
        """Write `cell.start` at once, so that it is recorded whatever happens in the cell."""
        began = time.perf_counter()
        session = self._session()
        if session is None:
            return
        if self.cells.is_nested():
            self.cells.push(info, None)
            return
        self._begin(session, info, execution_count_of(self.shell, info), began)

    @harmless
    def after_cell(self, result: ExecutionResult | None) -> None:
        """Write `cell.end`. A result without a beginning (an empty cell, a failed nested one) is ignored."""
        began = time.perf_counter()
        run = self.cells.pop(getattr(result, "info", None))
        if run is None:
            return
        error = None if result is None else result.error_before_exec or result.error_in_exec
        self._end(run, _status(result, error), error, began)

    @harmless
    def end_cell_here(self) -> None:
        """End the recording of the running cell: what it does from here on is not recorded."""
        run = self.cells.current
        if run is None:
            return
        self.cells.clear()
        self._end(run, "ok", None, time.perf_counter())

    @harmless
    def adopt(self) -> None:
        """Record what ran before the extension was loaded, and the cell that is loading it."""
        history = self.shell.history_manager
        session = self._session()
        if session is None or history is None:
            return
        info = running_cell(self.shell)
        count = len(history.input_hist_raw) - 1 if info is not None and info.store_history else None
        sources = list(history.input_hist_raw)[1:count]
        if sources:
            self.hazards.adopt(self.namespace.variables())
        for number, source in enumerate(sources, start=1):
            session.emit(CellPrior(execution_count=number, source=encode_text(source)), component=COMPONENT)
        if info is not None and not self.cells.is_nested():
            self._begin(session, info, count, time.perf_counter())

    def report_failure(self, error: Exception) -> None:
        """Count what could not be recorded, and report it the first time."""
        if self.session is not None:
            self.session.count_loss(f"{type(error).__name__}: {error}")
        if not self._has_warned:
            self._has_warned = True
            where = traceback.extract_tb(error.__traceback__)[-1]
            sys.stderr.write(
                f"ithtel: could not record this cell ({type(error).__name__}: {error}, in {where.name});"
                " the cell itself is not affected\n"
            )

    def safely(self, action: Callable[..., None], /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Call an observer from within the user's code, and keep its failures out of that code."""
        try:
            action(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the same boundary
            self.report_failure(error)

    def _session(self) -> Session | None:
        session = self.session
        if not self.is_armed or session is None or session.is_closed or session.is_paused:
            return None
        return session

    def _begin(self, session: Session, info: ExecutionInfo, count: int | None, began: float) -> None:
        source = info.raw_cell or ""
        tags = tags_of(self.shell, info)
        cell = Cell(
            info=info,
            source=source,
            execution_count=count,
            cell_id=cell_id_of(info, source, count),
            is_from_host=bool(getattr(info, "cell_id", None)),
            ordinal=self._next_ordinal(session),
            settings=session.settings,
            is_off=is_switched_off(tags, source),
            tags=tags,
        )
        run = CellRun(cell)
        self.cells.push(info, run)
        enter_span(run.cell.span_id)
        session.redactor.refresh()
        session.emit(_start_of(run), component=COMPONENT, span_id=run.cell.span_id)
        for observer in self._before:
            self.safely(observer.before, run)
        run.started, run.cpu_started = time.perf_counter(), time.process_time()
        run.overhead = run.started - began

    def _end(self, run: CellRun, status: Status, error: BaseException | None, began: float) -> None:
        """Let every observer finish, even if one fails, and write what they found."""
        cpu_ms = (time.process_time() - run.cpu_started) * 1e3
        run.extend(status=status, duration_ms=(began - run.started) * 1e3)
        try:
            for observer in self._after:
                self.safely(observer.after, run)
            self.safely(self._write, run, error, cpu_ms, began)
        finally:
            leave_span(run.cell.span_id)

    def _write(self, run: CellRun, error: BaseException | None, cpu_ms: float, began: float) -> None:
        session = self._session()
        if session is None:
            return
        for event, component in run.events:
            session.emit(event, component=component, span_id=run.cell.span_id)
        for hazard in run.hazards:
            session.emit(hazard, component=COMPONENT, span_id=run.cell.span_id)
        overhead_ms = (time.perf_counter() - began + run.overhead) * 1e3
        session.emit(_end_of(run, error, cpu_ms, overhead_ms), component=COMPONENT, span_id=run.cell.span_id)
        session.seal()

    def _next_ordinal(self, session: Session) -> int:
        """Return the position of the execution in its session; a new session starts over."""
        if session is not self._numbered:
            self._numbered, self._n_runs = session, 0
            self.randomness.forget()
        self._n_runs += 1
        return self._n_runs


def _start_of(run: CellRun) -> CellStart:
    text = None if run.cell.is_off else encode_text(run.cell.source)
    return CellStart(
        cell_id=run.cell.cell_id,
        execution_count=run.cell.execution_count,
        source=text,
        source_sha256=None if text is None else hashlib.sha256(text.encode()).hexdigest(),
    )


def _end_of(run: CellRun, error: BaseException | None, cpu_ms: float, overhead_ms: float) -> CellEnd:
    return CellEnd(
        cell_id=run.cell.cell_id,
        execution_count=run.cell.execution_count,
        status=run.report.status,
        duration_ms=run.report.duration_ms,
        cpu_ms=cpu_ms,
        overhead_ms=overhead_ms,
        reads=run.report.reads,
        writes=run.report.writes,
        deletes=run.report.deletes,
        mutates=run.report.mutates,
        rng_used=run.report.rng_used,
        skipped=run.report.skipped,
        error=None if error is None or run.cell.is_off else _describe(error),
    )


def _status(result: ExecutionResult | None, error: BaseException | None) -> Status:
    if isinstance(error, KeyboardInterrupt | CancelledError) or result is None:
        return "interrupted"
    return "ok" if error is None else "error"


def _describe(error: BaseException) -> CellError:
    try:
        value = str(error)
    except Exception:  # noqa: BLE001 - str() of a user's exception may fail
        value = "<no message: str() of the exception failed>"
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return CellError(
        ename=type(error).__name__, evalue=encode_text(value), traceback=[encode_text(line) for line in lines]
    )
