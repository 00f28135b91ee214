"""`seed_plan`: what to seed in a recorded session, so that a fresh run is the same each time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ithtel.commands.log.source import history_of, log_of
from ithtel.errors import InputError
from ithtel.replay.kernel.runner import require
from ithtel.replay.seeding.seed_plan import SeedPlan, plan_seeds

if TYPE_CHECKING:
    import os

    from ithtel.reading.lines.log import Log
    from ithtel.recording.session import Session


def seed_plan(source: str | os.PathLike[str] | Log | Session, *, session: str | int | None = None) -> SeedPlan:
    """Return the smallest edits after which a fresh run of a recorded session is the same each time.

    A call that ran once gets the number that it got when it was recorded, and so gives the recorded results.

    Args:
        source: A log (`LOG@-2`: the session before the latest), a `Log`, or a session.
        session: Which session of a log.

    Raises:
        LogError: The log cannot be read.

    >>> print(seed_plan("logs/ndjson/notebook.jsonl").diff())  # doctest: +SKIP
    """
    return plan_seeds(history_of(log_of(source, session=session)))


def write_seeded(plan: SeedPlan, notebook: str | os.PathLike[str], out: str | os.PathLike[str]) -> list[str]:
    """Write a copy of a notebook with the edits of a plan, and return a note for each cell that is not in it.

    Args:
        plan: The edits.
        notebook: The notebook of the session.
        out: The new file.

    Raises:
        DataError: It is not a notebook of Python.
        InputError: The new file is the notebook itself, or cannot be written.
        MissingPackageError: nbformat is not installed.
    """
    require()
    import nbformat

    from ithtel.replay.notebook_file import UNFINISHED, read_notebook

    if Path(out).resolve() == Path(notebook).resolve():
        raise InputError("the seeded notebook must be another file than the notebook: pass -o")
    found = read_notebook(Path(notebook))
    missing: list[str] = []
    for place, (label, source) in enumerate(zip(plan.labels, plan.cells, strict=True), start=1):
        after = plan.source_of(place, source or "")
        inserted = [each.after for each in plan.edits if each.place == place and each.kind == "cell"]
        if after == source and not inserted:
            continue
        index = next(
            (i for i, cell in enumerate(found.cells) if cell.source.strip() in {(source or "").strip(), after.strip()}),
            None,
        )
        if index is None:
            missing.append(f"cell {label} is not in the notebook as it was recorded")
            continue
        found.cells[index].source = after
        found.cells[index:index] = [_cell(text, f"ithtel-seed-{place}") for text in inserted]
    for cell in found.cells:
        if "tags" in cell.metadata:
            cell.metadata["tags"] = [tag for tag in cell.metadata["tags"] if tag != UNFINISHED]
    try:
        Path(out).write_text(nbformat.writes(found) + "\n", encoding="utf-8")  # type: ignore[no-untyped-call]
    except OSError as error:
        raise InputError(f"cannot write {str(out)!r}: {error.strerror}") from None
    return missing


def _cell(source: str, cell_id: str) -> Any:  # noqa: ANN401 - nbformat has no types
    from nbformat import v4

    return v4.new_code_cell(source, id=cell_id)  # type: ignore[no-untyped-call]
