"""`run_in_copy`: make the copy, run a notebook in it with recording on, and read back what that run recorded."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import InputError
from ithtel.reading.lines.blocks import blocks
from ithtel.reading.lines.files import find_files
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.record import Problems
from ithtel.replay.environment import restored_environment, settings_variables
from ithtel.replay.kernel import runner
from ithtel.replay.random_states import RecordedRandomness
from ithtel.replay.workspace import Origin, workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.object_store import Contents
    from ithtel.replay.inputs import InputFile
    from ithtel.replay.options import RunOptions

LOG_FOLDER = "logs"
REPLAYING = "ITHTEL_REPLAY"
"""The environment variable that is set in the kernel of a replay, where no other replay may start."""


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of running a notebook: its log, and the reason if it did not run to its end."""

    log: Log | None
    failure: str | None


def run_in_copy(
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    origin: Origin,
    history: History,
    contents: Contents,
    options: RunOptions,
    *,
    inputs: Sequence[InputFile] = (),
    randomness: RecordedRandomness | None = None,
    load: bool = False,
) -> RunResult:
    """Run `notebook` in a copy with recording on, and return what it recorded.

    Args:
        notebook: The notebook; outputs are written into it.
        origin: What to copy.
        history: The session that is repeated: its folder, settings and environment.
        contents: The object store of its log.
        options: Time limit, progress and environment.
        inputs: The files that the session read.
        randomness: Random states to restore; None to restore none.
        load: Whether to load the extension before the first cell.
    """
    with workspace(origin, history, inputs, contents) as folder:
        log_dir = _log_dir(history)
        env = restored_environment(history, options.environ, without_hash_seed=options.fresh)
        env |= settings_variables(history)
        env |= {REPLAYING: "1", "ITHTEL_LOG_DIR": log_dir}
        if history.notebook is not None:
            env["JPY_SESSION_NAME"] = str(folder / PurePosixPath(history.notebook.replace("\\", "/")).name)
        known = randomness or RecordedRandomness()
        instructions = runner.Instructions(
            states=known.states, entropies=known.entropies, paths=_mapped_paths(history, inputs, folder), load=load
        )
        failure = None
        try:
            runner.run(notebook, folder, env, instructions=instructions, options=options)
        except runner.CannotRunError as error:
            failure = str(error)
        return RunResult(log=_read(folder / log_dir, history.name), failure=failure)


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


def _mapped_paths(history: History, inputs: Sequence[InputFile], folder: Path) -> dict[str, str]:
    """Return where recorded absolute paths lead now: paths in the session's folder lead into the copy."""
    paths = {str(Path(history.cwd).expanduser()): str(folder)} if history.cwd else {}
    paths |= {history.cwd: str(folder)} if history.cwd else {}
    for each in inputs:
        if each.is_outside and each.found is not None and each.place != "path":
            paths |= {each.path: str(each.found), str(Path(each.path).expanduser()): str(each.found)}
    return paths


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
