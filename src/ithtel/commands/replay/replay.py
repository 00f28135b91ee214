"""A record run again, and compared with itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ithtel.commands.log.diff import history_of, opened
from ithtel.errors import InputError, LogError
from ithtel.reading.diff.diff import diff
from ithtel.reading.diff.verdict import Difference  # noqa: TC001 - msgspec reads the annotation
from ithtel.reading.lines.object_store import Contents, log_dir_of
from ithtel.reading.lines.read import read
from ithtel.reading.lines.source import MEMORY
from ithtel.replay.execution import Randomness, carry_out
from ithtel.replay.plan import Plan, plan_of
from ithtel.replay.runner import TIMEOUT_S, require
from ithtel.replay.states import entropies_in, states_before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.log import Log
    from ithtel.recording.session import Session
    from ithtel.replay.runner import Progress

REPLAYING = "ITHTEL_REPLAY"
"""Set in the kernel of a replay, where nothing is replayed again."""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a replay.

    Attributes:
        plan: What was to be run.
        notebook: The rebuilt notebook, with outputs where it was run.
        difference: The replay against the record; None where nothing was run.
        failure: Why the replay did not come to its end.
        log: The record of the replay.
    """

    plan: Plan
    notebook: Any
    difference: Difference | None = None
    failure: str | None = None
    log: Log | None = None

    @property
    def outcome(self) -> Literal["identical", "departs", "cannot", "not run"]:
        """What it comes to; as an exit code 0, 1, 2, and 0 where nothing was asked to run."""
        if self.plan.obstacles or self.failure is not None:
            return "cannot"
        if self.difference is None:
            return "not run"
        return "identical" if self.difference.is_identical else "departs"

    def text(self) -> str:
        """Return the verdict as text."""
        parts = [f"cannot: {self.failure}"] if self.failure is not None else []
        parts += [self.difference.text()] if self.difference is not None else []
        return "\n".join(parts) or self.plan.text()

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str | None:
        if self.difference is None or self.failure is not None:
            return None
        from ithtel.viewer.diff import fragment

        return fragment(self.difference)


def replay(
    source: str | os.PathLike[str] | Log | Session,
    *,
    session: str | int | None = None,
    run: bool = True,
    confirm: Callable[[Plan], bool] | None = None,
    data: str | os.PathLike[str] | None = None,
    folder: str | os.PathLike[str] | None = None,
    rng: bool = False,
    unverified: bool = False,
    rtol: float | None = None,
    atol: float | None = None,
    timeout_s: float = TIMEOUT_S,
    progress: Progress | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Replay:
    """Rebuild a session from its record, run it in a fresh kernel in a copy, and compare what comes of it.

    Args:
        source: A log (`LOG@-2`: the session before the latest), a `Log`, a session.
        session: Which session of a log.
        run: Whether to run it; else it is only rebuilt, and the plan made.
        confirm: Asked with the plan before anything runs.
        data: Folder in which inputs that are not where they were are looked for, by content.
        folder: The session's folder, where it is not where it was.
        rng: Put every random stream where the record says it was, before every cell; NumPy's generators that a cell
            makes without a seed get the entropy that they had.
        unverified: Also run a record that does not prove to be as it was written.
        rtol: Relative tolerance of the comparison.
        atol: Absolute tolerance.
        timeout_s: How long a cell may take; at least five times of what it took.
        progress: Called before each cell with its number, their number, its text.
        environ: The environment that the kernel starts from.

    Raises:
        InputError: It is called within a replay, or the record was changed after it was written.
        LogError: The record cannot be read.
        MissingPackageError: nbformat, nbclient or ipykernel is not installed.

    >>> replay("logs/ndjson/notebook.jsonl", run=False)  # doctest: +SKIP
    """
    require()
    from ithtel.replay.rebuild import rebuild

    if environ.get(REPLAYING):
        raise InputError("this is a replay, in which nothing is replayed again")
    log = read(source, session=session) if isinstance(source, str | os.PathLike) else opened(source)
    if not unverified:
        _verify(log)
    history = history_of(log)
    contents = Contents.beside(log)
    place = Path(folder) if folder is not None else folder_of(history, log)
    plan = plan_of(history, place, None if data is None else Path(data), contents, environ)
    notebook = rebuild(history)
    if plan.obstacles or not run or (confirm is not None and not confirm(plan)):
        return Replay(plan=plan, notebook=notebook)
    randomness = Randomness(states=states_before(log, plan.cells), entropies=entropies_in(plan.cells)) if rng else None
    ran = carry_out(
        notebook, plan.origin, plan.inputs, history, contents, environ, randomness=randomness, load=not _loads(history),
        timeout_s=timeout_s, progress=progress,
    )  # fmt: skip
    if ran.log is None:
        failure = ran.failure or "the replay left no record: its cells did not load ithtel"
        return Replay(plan=plan, notebook=notebook, failure=failure)
    found = diff(_comparable(history), history_of(ran.log), rtol, atol, contents=contents)
    if plan.origin.note is not None:
        found = found.with_note(f"the folder's own code ran: {plan.origin.note}")
    return Replay(plan=plan, notebook=notebook, difference=found, failure=ran.failure, log=ran.log)


def write_notebook(notebook: Any, path: str | os.PathLike[str]) -> Path:  # noqa: ANN401 - nbformat has no types
    """Write a rebuilt notebook to a file.

    Raises:
        InputError: It cannot be written there.
    """
    import nbformat

    try:
        Path(path).write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")  # type: ignore[no-untyped-call]
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror}") from None
    return Path(path)


def folder_of(history: History, log: Log) -> Path:
    """Return the folder that a session ran in: as recorded where that still is, else the one that its logs lie in."""
    recorded = Path(history.cwd).expanduser() if history.cwd else None
    if recorded is not None and recorded.is_dir():
        return recorded
    return Path.cwd() if log.name == MEMORY else log_dir_of(Path(log.name)).resolve().parent


def _comparable(history: History) -> History:
    """Return what of a record a replay can be compared with: not the cells that it does not run."""
    cells = [each for each in history.executions if each.status != "unfinished"]
    return msgspec.structs.replace(history, executions=cells)


def _loads(history: History) -> bool:
    """Say whether a cell of the session loads the extension; else its host did."""
    return any("load_ext ithtel" in (each.source or "") for each in history.executions)


def _verify(log: Log) -> None:
    """Refuse a record that is not as it was written.

    Raises:
        LogError: It was changed.
    """
    if log.name == MEMORY:
        return
    from ithtel.reading.lines.files import find_files
    from ithtel.reading.verify.verify import verify_files

    found = verify_files([group.paths for group in find_files(Path(log.name))], log.session_id)
    if found.status == "changed":
        raise LogError(f"{log.name!r} is not as it was written: {found.finding}; --unverified replays it nevertheless")
