"""`replay`: run a recorded session again, and compare the result with its log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ithtel.commands.log.source import history_of, log_of
from ithtel.commands.log.verify import verify_log
from ithtel.errors import InputError, LogError
from ithtel.provenance.cell_text.celltext import loads_ithtel
from ithtel.reading.diff.diff import diff
from ithtel.reading.diff.verdict import Difference  # noqa: TC001 - msgspec reads the annotation
from ithtel.reading.lines.object_store import Contents, log_dir_of
from ithtel.reading.lines.source import MEMORY
from ithtel.replay.given import given_generators, given_uuids, not_given
from ithtel.replay.kernel.clock import require_clock
from ithtel.replay.kernel.runner import require
from ithtel.replay.options import RunOptions
from ithtel.replay.outside.make_environment import make_environment
from ithtel.replay.outside.surroundings import Question, RecordedSurroundings, answers_of, exchanges_of, starts_of
from ithtel.replay.plan import Plan, plan_of
from ithtel.replay.random_states import RecordedRandomness, recorded_randomness
from ithtel.replay.run_in_copy import as_recorded, refuse_nested, run_in_copy

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.log import Log
    from ithtel.recording.session import Session


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a replay.

    Attributes:
        plan: What was to be run.
        notebook: The rebuilt notebook, with outputs if it was run.
        difference: The replay compared with the log; None if nothing was run.
        failure: Why the replay did not run to its end.
        log: The log of the replay.
    """

    plan: Plan
    notebook: Any
    difference: Difference | None = None
    failure: str | None = None
    log: Log | None = None

    @property
    def outcome(self) -> Literal["identical", "departs", "cannot", "not run"]:
        """The outcome; exit codes 0, 1, 2, and 0 if nothing was asked to run."""
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
    clock: bool = False,
    env: bool = False,
    ask: Callable[[Question], str] | None = None,
    unverified: bool = False,
    options: RunOptions | None = None,
) -> Replay:
    """Rebuild a session from its log, run it in a fresh kernel in a copy, and compare the result with the log.

    Args:
        source: A log (`LOG@-2`: the session before the latest), a `Log`, or a session.
        session: Which session of a log.
        run: Whether to run it; if not, only the notebook and the plan are made.
        confirm: Called with the plan before anything runs; returns whether to go on.
        data: Folder to search, by content, for inputs that are missing or have changed.
        folder: The session's folder, if it has moved.
        rng: Restore every random stream before every cell that uses it, and not only where the record begins to use it.
        clock: Start the clock of each cell at its recorded time.
        env: Run in an environment that is made from the record: its Python, and the exact versions of the packages
            that were imported. It is kept for the next time.
        ask: Called, before anything runs, for each answer of `input()` that was not kept because it is a secret;
            without it such a session cannot be replayed.
        unverified: Also run a log that was changed after it was written.
        options: Time limit per cell, tolerances, progress, environment, and whether to give nothing back (`fresh`).
            Otherwise unseeded generators get the randomness that the record heard.

    Raises:
        CannotMakeEnvironmentError: The recorded environment cannot be made.
        InputError: It is called inside a replay, or `rng` is given together with `fresh`.
        LogError: The log cannot be read, or was changed after it was written.
        MissingPackageError: nbformat, nbclient or ipykernel is not installed; or time-machine for `clock`.

    >>> replay("logs/ndjson/notebook.jsonl", run=False)  # doctest: +SKIP
    """
    require()
    if clock:
        require_clock()
    from ithtel.replay.rebuild import rebuild

    options = options or RunOptions()
    refuse_nested("replay", options.environ)
    if rng and options.fresh:
        raise InputError("--rng restores random states, and --fresh gives nothing back: choose one")
    log = log_of(source, session=session)
    if not unverified:
        _refuse_changed(log)
    history = history_of(log)
    contents = Contents.beside(log)
    place = Path(folder) if folder is not None else folder_of(history, log)
    searched = None if data is None else Path(data)
    plan = plan_of(history, place, searched, contents, options.environ, can_ask=ask is not None, make_env=env)
    notebook = rebuild(history)
    if plan.obstacles or not run or (confirm is not None and not confirm(plan)):
        return Replay(plan=plan, notebook=notebook)
    known = RecordedRandomness() if options.fresh else recorded_randomness(log, plan.cells, every_cell=rng)
    result = run_in_copy(
        notebook, plan.origin, history, contents, options,
        inputs=plan.inputs,
        randomness=known,
        surroundings=_surroundings(log, plan, contents, options, ask, clock=clock, env=env),
        load=not any(loads_ithtel(each.source or "") for each in history.executions),
    )  # fmt: skip
    if result.log is None:
        failure = result.failure or "the replay recorded nothing: its cells did not load ithtel"
        return Replay(plan=plan, notebook=notebook, failure=failure)
    again = as_recorded(history_of(result.log), history.cwd)
    found = diff(_comparable(history), again, options.rtol, options.atol, contents=contents)
    found = _with_randomness(found, again, known, is_fresh=options.fresh)
    if plan.origin.note is not None:
        found = found.with_note(f"the folder's present code was run: {plan.origin.note}")
    return Replay(plan=plan, notebook=notebook, difference=found, failure=result.failure, log=result.log)


def write_notebook(notebook: Any, path: str | os.PathLike[str]) -> Path:  # noqa: ANN401 - nbformat has no types
    """Write a rebuilt notebook to a file.

    Raises:
        InputError: The file cannot be written.
    """
    import nbformat

    try:
        Path(path).write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")  # type: ignore[no-untyped-call]
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror}") from None
    return Path(path)


def folder_of(history: History, log: Log) -> Path:
    """Return the folder that a session ran in: the recorded one if it exists, else the one that holds its logs."""
    recorded = Path(history.cwd).expanduser() if history.cwd else None
    if recorded is not None and recorded.is_dir():
        return recorded
    return Path.cwd() if log.name == MEMORY else log_dir_of(Path(log.name)).resolve().parent


def _with_randomness(found: Difference, replayed: History, known: RecordedRandomness, *, is_fresh: bool) -> Difference:
    """Add to a verdict which randomness was given back, and which could not be."""
    if is_fresh:
        return found.with_note("fresh: no recorded randomness was given back; ithtel seed-plan shows what to seed")
    new = not_given(replayed)
    if new:
        found = found.with_note(f"new random numbers, because the record holds none: {', '.join(new)}")
    uuids = given_uuids(replayed)
    if uuids:
        found = found.with_note(f"as in the record: {', '.join(uuids)}")
    return found.with_recorded_randomness(given_generators(replayed, known.restored))


def _surroundings(
    log: Log,
    plan: Plan,
    contents: Contents,
    options: RunOptions,
    ask: Callable[[Question], str] | None,
    *,
    clock: bool,
    env: bool,
) -> RecordedSurroundings:
    """Return what the record can give to the cells from outside; a fresh replay leaves the network as it is."""
    exchanges, _ = exchanges_of(plan.cells, contents)
    keeps_network = "network" in str(plan.history.config.get("keep", ""))
    return RecordedSurroundings(
        starts=starts_of(log, plan.cells) if clock else [],
        answers=answers_of(plan.cells, ask),
        python=str(make_environment(plan.history, options.environ)) if env else None,
        exchanges=exchanges if (exchanges or keeps_network) and not options.fresh else None,
    )


def _comparable(history: History) -> History:
    """Return the part of a history that a replay can be compared with: without the cells that are not run."""
    cells = [each for each in history.executions if each.status != "unfinished"]
    return msgspec.structs.replace(history, executions=cells)


def _refuse_changed(log: Log) -> None:
    """Raise if a log was changed after it was written.

    Raises:
        LogError: It was changed.
    """
    if log.name == MEMORY:
        return
    found = verify_log(log)
    if found.status == "changed":
        raise LogError(
            f"{log.name!r} was changed after it was written: {found.finding}; pass --unverified to replay it anyway"
        )
