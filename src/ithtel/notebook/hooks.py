"""Cells become events. Nothing in here may break a cell: one boundary catches, warns once, and counts."""

from __future__ import annotations

import functools
import hashlib
import sys
import time
import traceback
from asyncio import CancelledError
from typing import TYPE_CHECKING, Concatenate, Literal, ParamSpec, TypeVar, cast

from ithtel.events import CellEnd, CellError, CellPrior, CellStart, Event
from ithtel.events.values import encode_text
from ithtel.notebook import outcome
from ithtel.notebook.cells import (
    CellRun,
    CellStack,
    cell_id_of,
    execution_count_of,
    is_switched_off,
    running_cell,
)
from ithtel.provenance.environment import PackageWatch
from ithtel.recording.span import enter_span, leave_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

    from ithtel.recording.session import Session

P = ParamSpec("P")
H = TypeVar("H", bound="CellHooks")
Status = Literal["ok", "error", "interrupted"]
COMPONENT = "notebook"


def harmless(hook: Callable[Concatenate[H, P], None]) -> Callable[Concatenate[H, P], None]:
    """Keep whatever goes wrong in `hook` out of the user's cell; say so once, count it always."""

    @functools.wraps(hook)
    def guarded(self: H, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            hook(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the one boundary (ARCHITECTURE, decision 10)
            self.report_failure(error)

    return cast("Callable[Concatenate[H, P], None]", guarded)


class CellHooks:
    """What runs before and after each cell while the extension is loaded."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.cells = CellStack()
        self.session: Session | None = None
        self.packages = PackageWatch()
        self.is_armed = False
        self._has_warned = False

    def register(self) -> None:
        """Begin to watch cells."""
        self.is_armed = True
        self.shell.events.register("pre_run_cell", self.before_cell)
        self.shell.events.register("post_run_cell", self.after_cell)

    def unregister(self) -> None:
        """Stop watching cells; a hook that the shell still holds does nothing."""
        self.is_armed = False
        self.shell.events.unregister("pre_run_cell", self.before_cell)
        self.shell.events.unregister("post_run_cell", self.after_cell)

    @harmless
    def before_cell(self, info: ExecutionInfo) -> None:
        """Write `cell.start`, so that it is on record whatever the cell does."""
        began = time.perf_counter()
        if self._session() is None:
            return
        if self.cells.is_nested():
            self.cells.push(info, None)
            return
        self._begin(info, info.raw_cell or "", execution_count_of(self.shell, info), began)

    @harmless
    def after_cell(self, result: ExecutionResult | None) -> None:
        """Write `cell.end`; a result without a beginning (an empty cell, a failed nested one) is none of ours."""
        began = time.perf_counter()
        run = self.cells.pop(getattr(result, "info", None))
        session = self._session()
        if run is None or session is None:
            return
        error = None if result is None else result.error_before_exec or result.error_in_exec
        self._end(session, run, _status(result, error), error, began)

    @harmless
    def end_cell_here(self) -> None:
        """Write the end of the cell under way: what it does from here on is not recorded."""
        session, run = self._session(), self.cells.current
        if run is None or session is None:
            return
        self.cells.clear()
        self._end(session, run, "ok", None, time.perf_counter())

    @harmless
    def adopt(self) -> None:
        """Record what ran before the extension was loaded, and the cell that is loading it."""
        history = self.shell.history_manager
        session = self._session()
        if session is None or history is None:
            return
        info = running_cell(self.shell)
        count = len(history.input_hist_raw) - 1 if info is not None and info.store_history else None
        for number, source in enumerate(list(history.input_hist_raw)[1:count], start=1):
            session.emit(CellPrior(execution_count=number, source=encode_text(source)), component=COMPONENT)
        if info is not None and not self.cells.is_nested():
            self._begin(info, info.raw_cell or "", count, time.perf_counter())

    def report_failure(self, error: Exception) -> None:
        """Count what could not be recorded, and say so the first time."""
        if self.session is not None:
            self.session.count_loss(f"{type(error).__name__}: {error}")
        if not self._has_warned:
            self._has_warned = True
            where = traceback.extract_tb(error.__traceback__)[-1]
            sys.stderr.write(
                f"ithtel: could not record this cell ({type(error).__name__}: {error}, in {where.name});"
                " the cell itself is not affected\n"
            )

    def _session(self) -> Session | None:
        session = self.session
        if not self.is_armed or session is None or session.is_closed or session.is_paused:
            return None
        return session

    def _begin(self, info: ExecutionInfo, source: str, count: int | None, began: float) -> None:
        is_private = is_switched_off(self.shell, info, source)
        text = encode_text(source)
        run = CellRun(
            info=info,
            source=source,
            execution_count=count,
            cell_id=cell_id_of(info, source, count),
            is_private=is_private,
            names_before=frozenset(self.shell.user_ns),
        )
        self.cells.push(info, run)
        enter_span(run.span_id)
        self._emit(
            CellStart(
                cell_id=run.cell_id,
                execution_count=count,
                source=None if is_private else text,
                source_sha256=None if is_private else hashlib.sha256(text.encode()).hexdigest(),
            ),
            run,
        )
        run.started, run.cpu_started = time.perf_counter(), time.process_time()
        run.overhead = run.started - began

    def _end(self, session: Session, run: CellRun, status: Status, error: BaseException | None, began: float) -> None:
        cpu_ms = (time.process_time() - run.cpu_started) * 1e3
        try:
            names = outcome.names(self.shell, run)
            self._emit_outcome(run, names.writes, has_failed=status != "ok")
            end = CellEnd(
                cell_id=run.cell_id,
                execution_count=run.execution_count,
                status=status,
                duration_ms=(began - run.started) * 1e3,
                cpu_ms=cpu_ms,
                overhead_ms=(time.perf_counter() - began + run.overhead) * 1e3,
                reads=names.reads,
                writes=names.writes,
                deletes=names.deletes,
                mutates=[],
                rng_used=[],
                skipped={},
                error=None if error is None or run.is_private else _describe(error),
            )
            session.emit(end, component=COMPONENT, span_id=run.span_id)
        finally:
            leave_span(run.span_id)

    def _emit_outcome(self, run: CellRun, written: list[str], *, has_failed: bool) -> None:
        """Write the fingerprints that `%%provenance` asked for, and what the cell imported."""
        if run.provenance is not None:
            for event in outcome.provenance(self.shell, run.provenance, written, has_failed=has_failed):
                self._emit(event, run)
        changes = self.packages.changes()
        if changes is not None:
            self._emit(changes, run)

    def _emit(self, event: Event, run: CellRun) -> None:
        session = self._session()
        if session is not None:
            session.emit(event, component=COMPONENT, span_id=run.span_id)


def _status(result: ExecutionResult | None, error: BaseException | None) -> Status:
    if isinstance(error, KeyboardInterrupt | CancelledError) or result is None:
        return "interrupted"
    return "ok" if error is None else "error"


def _describe(error: BaseException) -> CellError:
    try:
        value = str(error)
    except Exception:  # noqa: BLE001 - a user's exception may fail to say itself
        value = "<no message: str() of the exception failed>"
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return CellError(
        ename=type(error).__name__, evalue=encode_text(value), traceback=[encode_text(line) for line in lines]
    )
