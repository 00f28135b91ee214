"""`rebuild`: the notebook of a session, with one cell per execution in the order in which they ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import v4

from ithtel.reading.diff.alignment import key_of
from ithtel.replay.plan import is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.history.values import Execution, History

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
_TAGS = {
    "prior": "ithtel-prior",
    "error": "ithtel-failed",
    "interrupted": "ithtel-interrupted",
    "unfinished": "ithtel-unfinished",
}
_REMARKS = {
    "prior": "ran before recording started",
    "error": "failed",
    "interrupted": "was interrupted",
    "unfinished": "had not finished when the log ended; it is not run again",
}


def rebuild(history: History) -> Any:  # noqa: ANN401 - nbformat has no types
    """Return the notebook of a session. Tags, and a line above a cell, show what happened to it.

    Each code cell has `metadata.ithtel` with its place, number and status. A cell whose text was not recorded is
    included as a comment, tagged `ithtel-private`.
    """
    cells = [v4.new_markdown_cell(_head(history), id="ithtel-head")]
    seen: set[str] = set()
    for execution in history.executions:
        is_rerun = key_of(execution) in seen
        seen.add(key_of(execution))
        remark = _remark(execution, is_rerun=is_rerun)
        if remark:
            cells.append(v4.new_markdown_cell(remark, id=f"ithtel-note-{execution.place}"))
        cells.append(_code_cell(execution, is_rerun=is_rerun))
    metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}, "ithtel": {"session": history.name}}
    notebook = v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(notebook)
    return notebook


def _head(history: History) -> str:
    n = len(history.executions)
    commit = f", commit {history.git_sha[:8]}" if history.git_sha else ""
    return f"Rebuilt by ithtel from the log of session `{history.name}`: {n} executions in order{commit}."


def _remark(execution: Execution, *, is_rerun: bool) -> str:
    parts = [*(["ran again"] if is_rerun else []), *_remarks(execution)]
    return f"*{execution.label} {', '.join(parts)}.*" if parts else ""


def _remarks(execution: Execution) -> Iterator[str]:
    if execution.status in _REMARKS:
        error = f" with {execution.error[0]}" if execution.status == "error" and execution.error else ""
        yield _REMARKS[execution.status] + error
    if is_hidden(execution):
        yield "was not recorded in full"


def _code_cell(execution: Execution, *, is_rerun: bool) -> Any:  # noqa: ANN401
    tags = [_TAGS[execution.status]] if execution.status in _TAGS else []
    tags += ["raises-exception"] * (execution.status in {"error", "interrupted"})
    tags += ["ithtel-rerun"] * is_rerun + ["ithtel-private"] * is_hidden(execution)
    about: dict[str, Any] = {"place": execution.place, "execution_count": execution.count, "status": execution.status}
    about |= {"duration_ms": execution.duration_ms} if execution.duration_ms is not None else {}
    source = "# the text of this cell was not recorded" if execution.source is None else execution.source
    metadata: dict[str, Any] = {"ithtel": about} | ({"tags": tags} if tags else {})
    return v4.new_code_cell(source, id=f"ithtel-{execution.place}", metadata=metadata)
