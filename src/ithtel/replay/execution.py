"""A plan carried out: the copy is made, the notebook run in it, its own record read back."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.reading.lines.blocks import blocks
from ithtel.reading.lines.files import find_files
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.record import Problems
from ithtel.replay import runner
from ithtel.replay.surroundings import restored_environment, settings_variables
from ithtel.replay.workspace import Origin, workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.object_store import Contents
    from ithtel.replay.inputs import InputFile
    from ithtel.replay.runner import Progress

LOG_FOLDER = "logs"


class Randomness(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be restored before and within each cell: see `ithtel.replay.states`."""

    states: list[list[dict[str, Any]]] = []
    entropies: list[list[tuple[str, str]]] = []


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What came of running a notebook: its record, and why it did not come to its end, where it did not."""

    log: Log | None
    failure: str | None


def carry_out(  # noqa: PLR0917 - what a replay needs, each once
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    origin: Origin,
    inputs: Sequence[InputFile],
    history: History,
    contents: Contents,
    environ: Mapping[str, str],
    *,
    randomness: Randomness | None = None,
    load: bool = False,
    timeout_s: float = runner.TIMEOUT_S,
    progress: Progress | None = None,
) -> Ran:
    """Run `notebook` in a copy with recording on, and return its record."""
    with workspace(origin, history, inputs, contents) as folder:
        log_dir = _log_dir(history)
        env = restored_environment(history, environ) | settings_variables(history)
        env |= {"ITHTEL_REPLAY": "1", "ITHTEL_LOG_DIR": log_dir}
        if history.notebook is not None:
            env["JPY_SESSION_NAME"] = str(folder / PurePosixPath(history.notebook.replace("\\", "/")).name)
        paths = _mapped(history, inputs, folder)
        known = randomness or Randomness()
        instructions = runner.Instructions(states=known.states, entropies=known.entropies, paths=paths, load=load)
        failure = None
        try:
            runner.run(
                notebook, folder, env, instructions=instructions, timeout_s=timeout_s, progress=progress
            )  # fmt: skip
        except runner.CannotRunError as error:
            failure = str(error)
        return Ran(log=_read(folder / log_dir, history.name), failure=failure)


def _log_dir(history: History) -> str:
    """Return the folder that the replay records to: as the session had it, where that lies in the copy."""
    recorded = str(history.config.get("log_dir") or LOG_FOLDER)
    return LOG_FOLDER if Path(recorded).expanduser().is_absolute() or ".." in Path(recorded).parts else recorded


def _mapped(history: History, inputs: Sequence[InputFile], folder: Path) -> dict[str, str]:
    """Return where absolute paths of the record lead: what lay in the session's folder into the copy."""
    paths = {str(Path(history.cwd).expanduser()): str(folder)} if history.cwd else {}
    paths |= {history.cwd: str(folder)} if history.cwd else {}
    for each in inputs:
        if each.is_outside and each.found is not None and each.place != "path":
            paths |= {each.path: str(each.found), str(Path(each.path).expanduser()): str(each.found)}
    return paths


def _read(log_dir: Path, name: str) -> Log | None:
    """Return the record that a run left, read into memory: its folder is about to go."""
    ndjson = log_dir / "ndjson"
    if not ndjson.is_dir() or not any(ndjson.iterdir()):
        return None
    groups = find_files(log_dir)
    group = next((group for group in groups if group.name == name), groups[0])
    lines = [line for path in group.paths for _, block in blocks(path, Problems()) for line in block]
    log = Log.from_lines(lines)
    sessions = log.sessions
    return log.of_session(sessions[0].session_id) if sessions else None
