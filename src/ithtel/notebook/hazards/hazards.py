"""`Hazards`: warns of what threatens the reproduction of a notebook, as far as a finished cell shows it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ithtel.notebook.cells.run import is_code
from ithtel.notebook.hazards.notebook_file import PageWatch
from ithtel.notebook.hazards.processes import WorkElsewhere
from ithtel.notebook.hazards.staleness import VariableOrigins
from ithtel.notebook.host import notebook_path
from ithtel.provenance.cell_text import nondeterminism as patterns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun


class Hazards:
    """Warns on the basis of what the other observers reported. Each warning is given once."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.origins = VariableOrigins()
        self.page = PageWatch(lambda: notebook_path(shell.user_ns))
        self.elsewhere = WorkElsewhere()
        self._threads: set[int | None] = set()
        self._reported: set[tuple[str, str]] = set()

    def before(self, run: CellRun) -> None:
        """Remember which threads run and which cells the notebook has."""
        if run.cell.is_from_host:
            self.page.look()
        if not run.cell.is_off:
            self._threads = {thread.ident for thread in threading.enumerate()}
            self.elsewhere.look()

    def after(self, run: CellRun) -> None:
        """Add the warnings of this execution."""
        values = self.shell.user_ns
        code = {name for name in (*run.report.reads, *run.report.writes) if is_code(values.get(name))}
        self.origins.follow(run, code, self.page.is_gone)
        if not run.cell.is_off and run.report.status == "ok":
            self._warn_text(run)
            self._warn_shown(run)
            self._warn_threads(run)
            if self.elsewhere.was_done():
                run.warn("processes", "work was done in processes that were not recorded", [])

    def adopt(self, variables: Iterable[str]) -> None:
        """Register the variables of cells that ran before recording began: their text is in the log."""
        self.origins.register(variables)

    def _warn_text(self, run: CellRun) -> None:
        for kind, calls, why in (
            ("clock", patterns.clock_calls(run.cell.source), "another run gives another value"),
            (
                "hash_order",
                patterns.unordered(run.cell.source, self.shell.user_ns),
                "another process gives another order",
            ),
        ):
            new = [call for call in dict.fromkeys(calls) if (kind, call) not in self._reported]
            self._reported |= {(kind, call) for call in new}
            if new:
                what = "a call" if run.cell.settings.private else ", ".join(new)  # the calls are text of the cell
                run.warn(kind, f"{what}: {why}", run.report.writes)

    def _warn_shown(self, run: CellRun) -> None:
        """Warn of a clock that the cell shows; a date alone may be data, unless the cell's text asks a clock."""
        shows = "time of day" in run.report.shown or (
            "date" in run.report.shown and patterns.clock_in(run.cell.source) is not None
        )
        if shows and not any(hazard.kind == "clock" for hazard in run.hazards):
            run.warn("clock", "its output shows the time of day: another run shows another", [])

    def _warn_threads(self, run: CellRun) -> None:
        """Warn of threads that still run code of the notebook after the cell."""
        new = [
            thread for thread in threading.enumerate() if thread.ident not in self._threads and _runs_users_code(thread)
        ]
        if new:
            names = [thread.name for thread in new]
            count = "a thread" if len(new) == 1 else f"{len(new)} threads"
            run.warn("threads", f"{count} of the notebook's own code kept running after the cell", names)


def _runs_users_code(thread: threading.Thread) -> bool:
    target = getattr(thread, "_target", None)
    return "__main__" in (getattr(target, "__module__", None), type(thread).__module__)
