"""`run_in_copy`: make the copy, run a notebook in it with recording on, and read back what that run recorded."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import InputError
from ithtel.reading.history.build import history as history_of
from ithtel.reading.history.execution_builder import relative_path
from ithtel.reading.history.values import History
from ithtel.reading.lines.blocks import blocks
from ithtel.reading.lines.files import find_files
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.record import Problems
from ithtel.replay.copying.above import files_above, missing_file
from ithtel.replay.environment import restored_environment, settings_variables
from ithtel.replay.inputs import InputFile, session_made
from ithtel.replay.kernel import runner
from ithtel.replay.outside.surroundings import RecordedSurroundings
from ithtel.replay.random_states import RecordedRandomness
from ithtel.replay.workspace import Origin, place_elsewhere, workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ithtel.reading.history.values import Execution
    from ithtel.reading.lines.object_store import Contents
    from ithtel.replay.options import RunOptions

LOG_FOLDER = "logs"
MAX_RUNS = 4
"""A run that misses files of the session's folder is repeated with them, at most so often."""
REPLAYING = "ITHTEL_REPLAY"
"""The environment variable that is set in the kernel of a replay, where no other replay may start."""


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of running a notebook: its log, and the reason if it did not run to its end."""

    log: Log | None
    failure: str | None
    missing: dict[str, str] = {}
    """Files that cells could not open, though the session's folder has them: path → cell."""


def run_in_copy(
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    origin: Origin,
    history: History,
    contents: Contents,
    options: RunOptions,
    *,
    inputs: Sequence[InputFile] = (),
    randomness: RecordedRandomness | None = None,
    surroundings: RecordedSurroundings | None = None,
    load: bool = False,
) -> RunResult:
    """Run `notebook` in a copy with recording on, and return what it recorded.

    A run in which a cell cannot open a file that exists in the session's folder is repeated with that file.

    Args:
        notebook: The notebook; outputs are written into it.
        origin: What to copy.
        history: The session that is repeated: its folder, settings and environment.
        contents: The object store of its log.
        options: Time limit, progress and environment.
        inputs: The files that the session read.
        randomness: Random states to restore; None to restore none.
        surroundings: What to give to the cells from outside: times, answers; None to give nothing.
        load: Whether to load the extension before the first cell.
    """
    given = list(inputs)
    own = _Own(origin, history)
    for _ in range(MAX_RUNS):
        recorded = (randomness, surroundings)
        result = _run_once(notebook, origin, history, contents, options, given, recorded, own, load=load)
        missing = result.missing
        added = [path for path in missing if path not in {each.path for each in given}]
        if not added:
            break
        given += [own.input(path, missing[path]) for path in added]
    if missing and result.failure is None:
        path, label = next(iter(missing.items()))
        failure = f"cell {label} reads {path}, which exists but could not be laid into the copy"
        return RunResult(log=result.log, failure=failure)
    return result


class _Own:
    """The session's own folder, in which files are found that a run missed in its copy."""

    def __init__(self, origin: Origin, history: History) -> None:
        self.folder = Path(os.path.normpath(origin.root / origin.inner))
        self._history = history
        self._made = session_made(history)

    def missing(self, log: Log | None, copy: Path) -> Iterator[tuple[str, str]]:
        """Yield the files, with their cells, that failed cells could not open, though the session could."""
        ran = None if log is None else history_of(log)
        recorded = {each.place: each for each in self._history.executions}
        for each in ran.executions if ran is not None else ():
            known = recorded.get(each.place)
            if ran is None or each.error is None or (known is not None and known.error is not None):
                continue
            path = missing_file(each.error[1], copy, self.folder)
            if path is not None and path not in self._made:
                yield path, each.label

    def input(self, path: str, label: str) -> InputFile:
        """Return an input that the record does not have."""
        return InputFile(
            path=path, sha256="", role="input", label=label, found=self.folder / path, place="path", is_verified=False
        )


def inputs_above(sources: Iterable[str], folder: Path) -> list[InputFile]:
    """Return the files above of a folder that the texts of cells name, as inputs of a run in a copy."""
    own = _Own(Origin(root=folder, inner=".", commit=None), History(name=""))
    return [own.input(path, "") for path in files_above(sources, folder)]


def _run_once(  # noqa: PLR0917
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    origin: Origin,
    history: History,
    contents: Contents,
    options: RunOptions,
    inputs: Sequence[InputFile],
    recorded: tuple[RecordedRandomness | None, RecordedSurroundings | None],
    own: _Own,
    *,
    load: bool,
) -> RunResult:
    with workspace(origin, history, inputs, contents) as folder:
        log_dir = _log_dir(history)
        env = restored_environment(history, options.environ, without_hash_seed=options.fresh)
        env |= settings_variables(history)
        env |= {REPLAYING: "1", "ITHTEL_LOG_DIR": log_dir}
        if history.notebook is not None:
            env["JPY_SESSION_NAME"] = str(folder / PurePosixPath(history.notebook.replace("\\", "/")).name)
        known, around = recorded[0] or RecordedRandomness(), recorded[1] or RecordedSurroundings()
        instructions = runner.Instructions(
            states=known.states,
            entropies=known.entropies,
            starts=around.starts,
            answers=around.answers,
            exchanges=around.exchanges,
            paths=_mapped_paths(history, inputs, folder, origin),
            load=load,
        )
        failure = None
        try:
            runner.run(notebook, folder, env, instructions=instructions, options=options, python=around.python)
        except runner.CannotRunError as error:
            failure = str(error)
        log = _read(folder / log_dir, history.name)
        return RunResult(log=log, failure=failure, missing=dict(own.missing(log, folder)))


def refuse_nested(verb: str, environ: Mapping[str, str]) -> None:
    """Raise if this process is the kernel of a replay.

    Raises:
        InputError: It is.

    >>> refuse_nested("replay", {REPLAYING: "1"})
    Traceback (most recent call last):
    ithtel.errors.InputError: cannot replay inside a replay
    """
    if environ.get(REPLAYING):
        raise InputError(f"cannot {verb} inside a replay")


def _log_dir(history: History) -> str:
    """Return the folder that the replay records to: the session's own if that lies inside of the copy."""
    recorded = str(history.config.get("log_dir") or LOG_FOLDER)
    return LOG_FOLDER if Path(recorded).expanduser().is_absolute() or ".." in Path(recorded).parts else recorded


def _mapped_paths(history: History, inputs: Sequence[InputFile], folder: Path, origin: Origin) -> dict[str, str]:
    """Return where recorded absolute paths lead now: paths in the session's folder lead into the copy."""
    paths = {str(Path(history.cwd).expanduser()): str(folder)} if history.cwd else {}
    paths |= {history.cwd: str(folder)} if history.cwd else {}
    copy = Path(os.path.normpath(folder / os.path.relpath(".", origin.inner)))
    for n, each in enumerate(inputs):
        if each.is_outside and each.found is not None and each.place != "path":
            here = str(copy / place_elsewhere(n, each))
            paths |= {each.path: here, str(Path(each.path).expanduser()): here}
        elif each.path.startswith("../") and history.cwd and each.found is not None:
            recorded = os.path.normpath(Path(history.cwd).expanduser() / each.path)
            paths[recorded] = os.path.normpath(folder / each.path)
    return paths


def as_recorded(found: History, cwd: str) -> History:
    """Return the history of a run in a copy with the paths outside of the copy named as the session names them.

    Args:
        found: What ran in the copy.
        cwd: The folder of the session.
    """
    return msgspec.structs.replace(found, executions=[_as_recorded(each, cwd) for each in found.executions])


def _as_recorded(execution: Execution, cwd: str) -> Execution:
    fields = ("files", "written", "data", "code", "sizes")
    named = {
        name: {relative_path(path, cwd): value for path, value in getattr(execution, name).items()} for name in fields
    }
    return msgspec.structs.replace(execution, **named)


def _read(log_dir: Path, name: str) -> Log | None:
    """Return the log of a run, read into memory, since its folder is about to be deleted."""
    ndjson = log_dir / "ndjson"
    if not ndjson.is_dir() or not any(ndjson.iterdir()):
        return None
    groups = find_files(log_dir)
    group = next((group for group in groups if group.name == name), groups[0])
    lines = [line for path in group.paths for _, block in blocks(path, Problems()) for line in block]
    log = Log.from_lines(lines)
    sessions = log.sessions
    return log.of_session(sessions[0].session_id) if sessions else None
