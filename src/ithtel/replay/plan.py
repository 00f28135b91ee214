"""`plan_of`: what a replay will do, and what prevents it; shown before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.plain_text import count, place, visible
from ithtel.replay.copying.placing import is_absolute, levels_above, n_levels, within_copy
from ithtel.replay.environment import (
    PackageComparison,
    as_recorded_packages,
    compare_packages,
    differences,
    requirements,
)
from ithtel.replay.inputs import InputFile, find_inputs, lost_inputs
from ithtel.replay.outside.surroundings import REDACTED, exchanges_of, questions
from ithtel.replay.workspace import Origin, is_in_commit, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ithtel.reading.history.values import Execution, History
    from ithtel.reading.lines.object_store import Contents

MAX_SHOWN = 12
MAX_LINES = 300
"""Lines of cells that are shown at most unless all are requested."""
MAX_WIDTH = 2_000
MAX_PATHS = 20
MAX_TARGETS = 3
"""Targets of one cell and kind that are named."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The cells, folder, packages and inputs of a replay; each of `obstacles` prevents it and says how to fix that."""

    history: History
    folder: Path
    origin: Origin
    packages: PackageComparison
    inputs: list[InputFile]
    notes: list[str]
    obstacles: list[str]

    @property
    def cells(self) -> list[Execution]:
        """The executions that will be run."""
        return [each for each in self.history.executions if is_run(each)]

    def text(self, *, with_cells: bool = True, is_whole: bool = False) -> str:
        """Return the plan as text that is the same on every machine; `is_whole`: all lines, however many there are."""
        cells = _cells(self, is_whole=is_whole) if with_cells else []
        return "\n".join([*map(visible, _head(self)), *cells, *map(visible, _obstacles(self))])

    def __str__(self) -> str:
        return self.text()


def plan_of(
    history: History,
    folder: Path,
    data: Path | None,
    contents: Contents,
    environ: Mapping[str, str],
    *,
    can_ask: bool = False,
    make_env: bool = False,
) -> Plan:
    """Return what replaying a session would do, without running anything.

    Args:
        history: The session.
        folder: Its folder.
        data: A folder to search for missing inputs.
        contents: The object store of its log.
        environ: The environment variables that the kernel starts from.
        can_ask: Whether a person can be asked for answers that were not kept.
        make_env: Whether the replay runs in an environment that is made from the record.
    """
    packages = as_recorded_packages(history) if make_env else compare_packages(history)
    inputs = find_inputs(history, folder, data, contents)
    origin = origin_of(history, folder, contents)
    return Plan(
        history=history,
        folder=folder,
        origin=origin,
        packages=packages,
        inputs=inputs,
        notes=[
            *_environment(history, packages, make_env=make_env),
            *differences(history, environ, is_made=make_env),
            *_writes_elsewhere(history, origin),
        ],
        obstacles=[
            *_obstacles_of(history, packages, inputs, folder),
            *_unplaced(history, inputs, origin),
            *_unanswered(history, contents, can_ask=can_ask),
        ],
    )


def _obstacles_of(
    history: History, packages: PackageComparison, inputs: list[InputFile], folder: Path
) -> Iterator[str]:
    if not folder.is_dir():
        yield f"the session's folder {place(str(folder))!r} does not exist: pass another with --folder"
    if not history.executions:
        yield "the session has no cells: it was recorded by a script; run that script instead"
    for each in history.executions:
        if each.source is None:
            yield f"cell {each.label} was not recorded (private mode, or `# ithtel: off`): record it, or remove it"
        elif is_hidden(each):
            yield f"cell {each.label} contained a secret, which was not recorded: read the secret from the environment"
    for name in packages.needed:
        version = packages.missing[name]
        yield f"package {name} is not installed: pip install {name}=={version}"
    for file in inputs:
        if file.found is None:
            what = "the module" if file.role == "code" else "the input"
            yield f"{what} {place(file.path)} of cell {file.label} is missing: pass its folder with --data DIR"


def _environment(history: History, packages: PackageComparison, *, make_env: bool) -> Iterator[str]:
    """Yield what is installed for the replay, or that the recorded environment can be made."""
    if make_env:
        yield f"an environment is made with {', '.join(requirements(history)) or 'no packages'}"
    elif packages.differ or packages.missing:
        yield "the environment differs from the recorded one: --env makes that, and replays in it"


def _unanswered(history: History, contents: Contents, *, can_ask: bool) -> Iterator[str]:
    """Yield which answers from outside were recorded and cannot be given."""
    cells = [each for each in history.executions if is_run(each)]
    if not can_ask:
        yield from (each.obstacle() for each in questions(cells))
    yield from exchanges_of(cells, contents)[1]


def _writes_elsewhere(history: History, origin: Origin) -> Iterator[str]:
    """Yield which files a replay would write outside of its copy, going by those that the session wrote."""
    written = {path for each in history.executions for path in each.written}
    paths = sorted(path for path in written if is_absolute(path) or _is_beyond(path, origin))
    if paths:
        more = f" and {len(paths) - MAX_PATHS} more" if len(paths) > MAX_PATHS else ""
        names = ", ".join(paths[:MAX_PATHS])
        yield f"cells write files outside of any copy, and would write them again: {names}{more}"


def _is_beyond(path: str, origin: Origin) -> bool:
    """Return whether a relative path leads above of all folders that the copy has."""
    place = within_copy(path, origin.inner)
    return place is None or levels_above(place) > n_levels(origin.root)


def _unplaced(history: History, inputs: list[InputFile], origin: Origin) -> Iterator[str]:
    """Yield why inputs that were found cannot be given to a replay as the session found them."""
    for file in inputs:
        what = f"the {'module' if file.role == 'code' else 'input'} {place(file.path)} of cell {file.label}"
        if file.is_outside or file.found is None:
            continue
        path = within_copy(file.path, origin.inner)
        if path is None or levels_above(path) > n_levels(origin.root):
            yield f"{what} lies where no copy of the folder can hold it"
        elif file.is_verified or file.overwritten_by is None or is_in_commit(origin, path, file.sha256):
            continue
        else:
            yield (
                f"{what} was changed by cell {file.overwritten_by}, and what it held before was not kept: pass a"
                " folder that has it with --data DIR, or record with keep=inputs"
            )
    for lost, label in lost_inputs(history):
        yield f"cell {label} changed {place(lost)} after it had read it, and what it held before was not recorded"


def _head(plan: Plan) -> Iterator[str]:
    history = plan.history
    statuses = [each.status for each in history.executions]
    odd = [
        f"{statuses.count(status)} {text}"
        for status, text in (
            ("prior", "from before recording"), ("error", "failed"), ("interrupted", "interrupted"),
            ("unfinished", "unfinished, not run"),
        )
        if status in statuses
    ]  # fmt: skip
    yield f"replay of {history.name}: {count(len(statuses), 'cell')}" + (f" ({', '.join(odd)})" if odd else "")
    yield f"in: {plan.origin.text()}"
    yield f"packages: {', '.join(_packages(plan.packages)) or 'none recorded'}"
    yield f"inputs: {', '.join(_inputs(plan.inputs)) or 'none recorded'}"
    yield from (f"contact: {contact}" for contact in _contacts(plan))
    yield from (f"note: {note}" for note in plan.notes)


def _packages(packages: PackageComparison) -> Iterator[str]:
    if packages.same:
        yield "as recorded" if not (packages.differ or packages.missing) else "others as recorded"
    for name, (recorded, now) in packages.differ.items():
        yield f"{name} {recorded} → {now}"
    for name, version in packages.missing.items():
        yield f"{name} {version} missing"


def _inputs(inputs: list[InputFile]) -> Iterator[str]:
    n = sum(each.is_verified and each.place == "path" for each in inputs)
    if n:
        yield f"{n} as recorded"
    for each in inputs:
        if each.found is None:
            yield f"{place(each.path)} missing"
        elif not each.is_verified:
            yield f"{place(each.path)} has changed"
        elif each.place != "path":
            yield f"{place(each.path)} found in {'--data' if each.place == 'data' else 'the object store'}"


def _contacts(plan: Plan) -> Iterator[str]:
    """Yield what the cells will ask outside, as they did when they were recorded: one line per cell and kind."""
    lines = [line for each in plan.cells for line in _contacts_of(each)]
    yield from lines[:MAX_SHOWN]
    if len(lines) > MAX_SHOWN:
        yield f"{len(lines) - MAX_SHOWN} more"


def _contacts_of(cell: Execution) -> Iterator[str]:
    verbs = {"host": "contact", "program": "run", "database": "query", "input": "ask"}
    for kind, verb in verbs.items():
        targets = list(dict.fromkeys(each.target for each in cell.contacts if each.kind == kind))
        shown = [repr(target) if kind == "input" and target else target or "something outside" for target in targets]
        more = f" and {len(targets) - MAX_TARGETS} more" if len(targets) > MAX_TARGETS else ""
        if targets:
            yield f"cell {cell.label} will {verb} {', '.join(shown[:MAX_TARGETS])}{more}{_given(cell, kind)}"


def _given(cell: Execution, kind: str) -> str:
    """Return a note if what a cell asks is answered from the record."""
    if kind == "input" and cell.answers:
        is_all = not questions([cell])
        return ", answered from the record" if is_all else ", answered from the record and by you"
    return ", answered from the record" if kind == "host" and cell.exchanges else ""


def _cells(plan: Plan, *, is_whole: bool) -> Iterator[str]:
    """Yield every line of the cells; unless `is_whole`, what is left out of very much is counted."""
    lines = [line for each in plan.history.executions for line in _lines_of(each)]
    shown = lines if is_whole else lines[:MAX_LINES]
    for line in shown:
        if is_whole or len(line) <= MAX_WIDTH:
            yield line
        else:
            yield f"{line[:MAX_WIDTH]}… {count(len(line) - MAX_WIDTH, 'more character')}, --show"
    if len(lines) > len(shown):
        yield f"… {count(len(lines) - len(shown), 'more line')}, --show"


def _lines_of(cell: Execution) -> Iterator[str]:
    """Yield the lines of a cell, as they will run: an editor's lines, with characters that cannot be seen escaped."""
    before = f"  {visible(cell.label)} "
    for line in (cell.source or "(not recorded)").rstrip("\n").split("\n"):
        yield before + visible(line)
        before = " " * len(before)


def _obstacles(plan: Plan) -> Iterator[str]:
    if plan.obstacles:
        yield "cannot replay:"
        yield from (f"  - {each}" for each in plan.obstacles)


def is_hidden(execution: Execution) -> bool:
    """Return whether a cell's text was not recorded, or only with secrets replaced."""
    return execution.source is None or bool(REDACTED.search(execution.source))


def is_run(execution: Execution) -> bool:
    """Return whether a replay runs this cell."""
    return execution.status != "unfinished" and not is_hidden(execution)
