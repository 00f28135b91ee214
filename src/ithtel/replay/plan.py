"""What a replay is going to do, and why it cannot: shown before anything runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from ithtel.plain_text import count, place
from ithtel.plain_text import source as shown_source
from ithtel.replay.inputs import InputFile, find_inputs
from ithtel.replay.surroundings import Packages, around, compare_packages
from ithtel.replay.workspace import Origin, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ithtel.reading.history.values import Execution, History
    from ithtel.reading.lines.object_store import Contents

MAX_SHOWN = 12


REDACTED = re.compile(r"\[redacted:[\w.\-]+:[0-9a-f]+\]")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The cells, the folder, the packages and inputs of a replay; `obstacles` say why it cannot be, and the mend."""

    history: History
    folder: Path
    origin: Origin
    packages: Packages
    inputs: list[InputFile]
    notes: list[str]
    obstacles: list[str]

    @property
    def cells(self) -> list[Execution]:
        """The executions that will be run."""
        return [each for each in self.history.executions if is_run(each)]

    def text(self, *, with_cells: bool = True) -> str:
        """Return the plan as text, without what differs between machines."""
        return "\n".join([*_head(self), *(_cells(self) if with_cells else []), *_obstacles(self)])

    def __str__(self) -> str:
        return self.text()


def plan_of(history: History, folder: Path, data: Path | None, contents: Contents, environ: Mapping[str, str]) -> Plan:
    """Return what replaying a session would do; nothing is run."""
    packages = compare_packages(history)
    inputs = find_inputs(history, folder, data, contents)
    return Plan(
        history=history,
        folder=folder,
        origin=origin_of(history, folder, contents),
        packages=packages,
        inputs=inputs,
        notes=list(around(history, environ)),
        obstacles=list(_hindrances(history, packages, inputs, folder)),
    )


def _hindrances(history: History, packages: Packages, inputs: list[InputFile], folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        yield f"the session's folder {place(str(folder))!r} is not there: name another with --folder"
    if not history.executions:
        yield "the session has no cells: it was recorded by a script, which can be run by itself"
    for each in history.executions:
        if each.source is None:
            yield f"cell {each.label} is not on record (private, or `# ithtel: off`): record it, or take it out"
        elif is_hidden(each):
            yield f"cell {each.label} held a secret, which is not on record: read it from the environment"
    for name in packages.needed:
        version = packages.missing[name]
        yield f"package {name} is not installed: pip install {name}=={version}"
    for file in inputs:
        if file.found is None:
            what = "the module" if file.role == "code" else "the input"
            yield f"{what} {place(file.path)} of cell {file.label} is not there: --data DIR names where it is"


def _head(plan: Plan) -> Iterator[str]:
    history = plan.history
    statuses = [each.status for each in history.executions]
    odd = [
        f"{statuses.count(status)} {said}"
        for status, said in (
            ("prior", "from before recording"), ("error", "failed"), ("interrupted", "interrupted"),
            ("unfinished", "unfinished, not run"),
        )
        if status in statuses
    ]  # fmt: skip
    yield f"replay of {history.name}: {count(len(statuses), 'cell')}" + (f" ({', '.join(odd)})" if odd else "")
    yield f"in: {plan.origin.sentence()}"
    yield f"packages: {', '.join(_packages(plan.packages)) or 'none on record'}"
    yield f"inputs: {', '.join(_inputs(plan.inputs)) or 'none on record'}"
    yield from (f"note: {note}" for note in plan.notes)


def _packages(packages: Packages) -> Iterator[str]:
    if packages.same:
        yield "as recorded" if not (packages.differ or packages.missing) else "the others as recorded"
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
            yield f"{place(each.path)} is not what it was"
        elif each.place != "path":
            yield f"{place(each.path)} found in {'--data' if each.place == 'data' else 'the object store'}"


def _cells(plan: Plan) -> Iterator[str]:
    cells = plan.history.executions
    for each in cells[:MAX_SHOWN]:
        yield f"  {each.label} {shown_source(each.source or '(not on record)', 80)}"
    if len(cells) > MAX_SHOWN:
        yield f"  … {len(cells) - MAX_SHOWN} more"


def _obstacles(plan: Plan) -> Iterator[str]:
    if plan.obstacles:
        yield "this cannot be replayed:"
        yield from (f"  - {each}" for each in plan.obstacles)


def is_hidden(execution: Execution) -> bool:
    """Say whether a cell's text is not on record, or not as it was."""
    return execution.source is None or bool(REDACTED.search(execution.source))


def is_run(execution: Execution) -> bool:
    """Say whether a replay runs this cell."""
    return execution.status != "unfinished" and not is_hidden(execution)
