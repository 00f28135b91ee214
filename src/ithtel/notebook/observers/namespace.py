"""`Namespace`: the variables that a cell used, made and removed, by its text and by the namespace afterwards."""

from __future__ import annotations

import contextlib
import functools
import itertools
import re
import sys
from typing import TYPE_CHECKING

from ithtel.notebook.cells.identities import Identities
from ithtel.notebook.cells.run import NO_NAMES
from ithtel.provenance.called_names import called_names
from ithtel.provenance.cell_text import dataflow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun

_OWN_OF_IPYTHON = re.compile(r"_+|_i+|_i?\d+|_[od]h|_ih|_dh|__\w+__|_exit_code")


@functools.lru_cache(maxsize=65_536)
def _is_own_of_ipython(name: str) -> bool:
    return _OWN_OF_IPYTHON.fullmatch(name) is not None


class Namespace:
    """Observes the variables of a shell.

    Only the `id` of a value is kept while a cell runs: a reference would keep alive what the cell frees.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._hidden: tuple[int, str | None] = (0, None)
        self._identities = Identities(shell.user_ns, self._is_shown)
        self.bound = self._identities.bound
        """Returns the names that were bound between two states of the variables."""

    def variables(self) -> dict[str, int]:
        """Return the user's variables: name → `id` of the value."""
        if self._has_hidden_others():
            self._identities.forget()
        return self._identities.look()

    def _has_hidden_others(self) -> bool:
        """Return whether the shell has hidden or shown other names of the user since the last call.

        With each cell it hides another name of its own, at the end: only those need be looked at.
        """
        hidden = self.shell.user_ns_hidden
        n_known, latest = self._hidden
        new = list(itertools.takewhile(lambda name: name != latest, reversed(hidden)))
        self._hidden = len(hidden), next(reversed(hidden), None)
        return len(hidden) != n_known + len(new) or not all(map(_is_own_of_ipython, new))

    def _is_shown(self, name: str) -> bool:
        return not (name[:1] == "_" and _is_own_of_ipython(name)) and name not in self.shell.user_ns_hidden

    def before(self, run: CellRun) -> None:
        """Record which variables exist, and what the text of the cell does with them."""
        before = self.variables()
        if run.cell.is_off:
            run.extend(before=before)
            return
        flow = self.flow(run, before)
        reads = {*flow.reads, *self._used_by_calls(flow.calls)}
        run.extend(before=before, flow=flow, reads=sorted(name for name in reads if name in before))

    def after(self, run: CellRun) -> None:
        """Record what the cell bound and removed; for a failed cell, only what the namespace shows."""
        now, report = self.variables(), run.report
        if run.cell.is_off:
            run.extend(now=now)
            return
        rebound = self._identities.bound(report.before, now)
        n_new = sum(name not in report.before for name in rebound)
        if report.flow.star_imports:
            starred = self._of_modules(report.flow.star_imports)
            rebound = [name for name in rebound if name not in starred]
        assigned = [name for name in report.flow.writes if name in now] if report.status == "ok" else []
        is_grown = len(now) == len(report.before) + n_new  # then no name is gone, and none need be looked up
        deletes = [] if is_grown else sorted(report.before.keys() - now.keys())
        run.extend(now=now, writes=sorted({*rebound, *assigned}), deletes=deletes)

    def flow(self, run: CellRun, before: Mapping[str, int]) -> dataflow.CellNames:
        """Return what the text of a cell does with names."""
        try:
            source = getattr(run.cell.info, "transformed_cell", None) or self.shell.transform_cell(run.cell.source)
        except SyntaxError:
            return NO_NAMES
        return dataflow.cell_names(source, shadowed=before)

    def _used_by_calls(self, calls: Mapping[str, Iterable[str]]) -> set[str]:
        """Return the variables that functions from earlier cells use when this cell calls them."""
        values = self.shell.user_ns
        found: set[str] = set()
        for name, fresh in calls.items():
            if name not in fresh and name in values:
                with contextlib.suppress(Exception):  # a user's metaclass may fail in any way
                    found |= called_names(values[name], values).difference(fresh)
        return found

    @staticmethod
    def _of_modules(names: Iterable[str]) -> set[str]:
        return {name for module in names if module in sys.modules for name in vars(sys.modules[module])}
