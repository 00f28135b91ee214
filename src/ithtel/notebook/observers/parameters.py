"""`Parameters`: the values that the parameters cell of a notebook sets, as papermill marks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from ithtel.events import Note
from ithtel.events.values import to_json_value
from ithtel.notebook.cells.run import is_code

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun

TAGS = frozenset({"parameters", "injected-parameters"})
_COMMENT = re.compile(r"\s*#\s*Parameters\s*$", re.MULTILINE)
_encode = msgspec.json.Encoder(enc_hook=to_json_value, order="deterministic").encode


class Parameters:
    """Observes cells that set parameters: those with the tag, or that begin with papermill's `# Parameters`."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def before(self, run: CellRun) -> None:
        """Do nothing: the cell has not run yet."""

    def after(self, run: CellRun) -> None:
        """Record the values as a note."""
        if run.cell.is_off or run.cell.settings.private or not is_parameters(run):
            return
        values = {name: self.shell.user_ns[name] for name in run.report.writes if name in self.shell.user_ns}
        values = {name: value for name, value in values.items() if not is_code(value)}
        if values:
            run.record(Note(text=f"parameters: {_encode(values).decode()}"))


def is_parameters(run: CellRun) -> bool:
    """Return whether a cell sets the parameters."""
    return bool(TAGS.intersection(run.cell.tags)) or _COMMENT.match(run.cell.source) is not None
