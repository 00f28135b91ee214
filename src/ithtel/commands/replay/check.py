"""`check`: run notebooks in copies, and compare them with their committed baselines and with themselves."""

from __future__ import annotations

import dataclasses
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ithtel.errors import DataError, InputError, MissingFileError
from ithtel.events.format.files import safe_name
from ithtel.reading.diff.diff import diff
from ithtel.reading.diff.verdict import Difference  # noqa: TC001 - msgspec reads the annotations
from ithtel.reading.history.baseline import baseline_path, canonical, decode, encode
from ithtel.reading.history.build import history
from ithtel.reading.history.values import Environment, History
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.determinism.fixes import apply_fixes
from ithtel.replay.determinism.flakiness import Flaky, flaky_cells, trials, variation
from ithtel.replay.determinism.sanitizing import rules_of, sanitized
from ithtel.replay.kernel.runner import CannotRunError, require
from ithtel.replay.notebook_file import code_indices, has_ithtel, ignored_places, read_notebook
from ithtel.replay.options import RunOptions
from ithtel.replay.run_in_copy import as_recorded, inputs_above, refuse_nested, run_in_copy
from ithtel.replay.workspace import Origin

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

_SETTINGS = {"fingerprint": "all", "record_outputs": "text", "log_dir": "logs"}
"""The settings that a check records with: nothing is omitted to save time."""


RAISES = "raises-exception"
"""Jupyter's tag of cells that are meant to raise."""
_MISSING = frozenset({"FileNotFoundError", "MissingFileError", "NotADirectoryError"})


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The result of checking one notebook.

    Attributes:
        path: The notebook.
        outcome: `same` as its baseline, `departs`, `updated` (a baseline was written), `cannot`.
        difference: The run compared with the baseline.
        flaky: The cells whose results differ between runs.
        fixed: The files that fixes were written to.
        failure: Why it could not be checked.
        failing: The cells that raise, with the exception; a baseline records them so.
    """

    path: Path
    outcome: Literal["same", "departs", "updated", "cannot"]
    difference: Difference | None = None
    flaky: list[Flaky] = []
    fixed: list[Path] = []
    failure: str | None = None
    failing: list[str] = []

    @property
    def is_good(self) -> bool:
        """Whether nothing departs."""
        return self.outcome in {"same", "updated"} and not self.flaky

    def text(self) -> str:
        """Return the result as text."""
        lines = [f"{self.path}: {self.failure or self._summary()}"]
        if self.difference is not None:
            lines += [f"  {line}" for line in self.difference.text().splitlines()[1:]]
        if self.flaky:
            lines.append("  not the same in every run:")
            lines += [f"  {line}" for each in self.flaky for line in each.text().splitlines()]
        if self.fixed:
            lines.append(f"  fixes written to {', '.join(path.name for path in self.fixed)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _summary(self) -> str:
        if self.outcome == "updated":
            return "; ".join(["baseline written", *(f"cell {each}" for each in self.failing)])
        return self.difference.text().splitlines()[0] if self.difference is not None else "ran"


def check(
    targets: Iterable[str | os.PathLike[str]],
    *,
    update: bool = False,
    runs: int = 1,
    write: bool = False,
    options: RunOptions | None = None,
) -> Iterator[Checked]:
    """Run each notebook in a copy of its folder, and compare the results with its committed baseline.

    Args:
        targets: Notebooks, or folders of notebooks.
        update: Write the baselines instead.
        runs: How often to run each notebook. With 2 or more, runs differ in hash seed, time zone and number of
            threads; cells whose results differ are reported with their fixes. Where one of these circumstances may be
            the cause, the notebook runs again: in those of the first run, and in each suspected one alone.
        write: Apply fixes that are a tag or a cell to the notebooks, and append rules of nbval's sanitizer to the file
            that pytest is configured to read, else to `nbval.cfg` beside the notebook.
        options: Time limit per cell, tolerances, progress, environment.

    Raises:
        InputError: `runs` is less than 1, or it is called inside a replay.
        MissingFileError: There is no such notebook.
    """
    require()
    options = options or RunOptions()
    if runs < 1:
        raise InputError(f"runs must be at least 1, got {runs}")
    refuse_nested("check", options.environ)
    for path in notebooks_in(targets):
        yield check_notebook(path, update=update, runs=runs, write=write, options=options)


def notebooks_in(targets: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Return the notebooks among `targets` and those in the folders among them.

    Raises:
        MissingFileError: There is no such file, or no notebook in a folder.
    """
    found: list[Path] = []
    for target in map(Path, targets):
        if target.is_dir():
            inside = sorted(path for path in target.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
            if not inside:
                raise MissingFileError(f"no notebook in {str(target)!r}")
            found += inside
        elif target.is_file():
            found.append(target)
        else:
            raise MissingFileError(f"no notebook or folder {str(target)!r}")
    return list(dict.fromkeys(found))


def check_notebook(
    path: Path, *, update: bool = False, runs: int = 1, write: bool = False, options: RunOptions | None = None
) -> Checked:
    """Check one notebook as `check` does; problems are part of the result, not raised."""
    options = options or RunOptions()
    try:
        notebook = read_notebook(path)
        baseline = _baseline(path) if not update else None
        histories = list(_histories(path, notebook, _varied(runs), options))
        others = _compared(histories[0], histories[1:], options)
        settling = list(_histories(path, notebook, trials(histories[0], others), options))
    except (CannotRunError, DataError, MissingFileError, ValueError) as error:
        return Checked(path=path, outcome="cannot", failure=str(error))
    others = _compared(histories[0], settling, options) + others
    flaky = flaky_cells(histories[0], others, has_ithtel=has_ithtel(notebook))
    fixed = apply_fixes(path, code_indices(notebook), flaky) if write else []
    now = canonical(histories[0], ignored=ignored_places(notebook))
    if update:
        unexpected = _link_at(baseline_path(path)) or _unexpected(notebook, now)
        if unexpected is not None:
            return Checked(path=path, outcome="cannot", flaky=flaky, fixed=fixed, failure=unexpected)
        baseline_path(path).write_bytes(encode(now))
        failing = [f"{each.label} raises {each.error[0]}" for each in now.executions if each.error is not None]
        return Checked(path=path, outcome="updated", flaky=flaky, fixed=fixed, failing=failing)
    if baseline is None:
        if runs > 1:
            return Checked(path=path, outcome="same", flaky=flaky, fixed=fixed)
        return Checked(path=path, outcome="cannot", failure="no baseline: run ithtel check --update to write it")
    difference = diff(baseline, now, options.rtol, options.atol)
    outcome: Literal["same", "departs"] = "same" if difference.is_identical else "departs"
    return Checked(path=path, outcome=outcome, difference=difference, flaky=flaky, fixed=fixed)


def run_notebook(
    path: Path,
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    options: RunOptions,
    variables: Mapping[str, str] | None = None,
) -> History:
    """Run a notebook in a copy of its folder with recording on, and return its history.

    Args:
        path: The notebook.
        notebook: Its content.
        options: Time limit, progress, environment.
        variables: Environment variables of its kernel beyond those; also such as affect numerical results.

    Raises:
        CannotRunError: It did not run to its end, or was not recorded.
    """
    surroundings = Environment(variables=dict(variables or {}))
    known = History(name=safe_name(path.stem), notebook=path.name, config=_SETTINGS, environment=surroundings)
    options = dataclasses.replace(options, environ={**options.environ, **surroundings.variables})
    origin = Origin(root=path.resolve().parent, inner=".", commit=None)  # the notebook may read files beside it
    inputs = inputs_above((notebook.cells[index].source for index in code_indices(notebook)), origin.root)
    result = run_in_copy(
        deepcopy(notebook), origin, known, Contents([]), options, inputs=inputs, load=not has_ithtel(notebook)
    )
    if result.failure is not None:
        raise CannotRunError(result.failure)
    if result.log is None:
        raise CannotRunError("nothing was recorded: does a cell stop the recording?")
    found = as_recorded(history(result.log), str(origin.root))
    if code_indices(notebook) and not found.executions:
        raise CannotRunError("no cell was recorded: does the first cell stop the recording?")
    if found.is_private:
        raise CannotRunError("it records in private mode, whose digests differ in every run: check it without private")
    return found


def _varied(runs: int) -> list[dict[str, str]]:
    return [variation(n) for n in range(runs)] if runs > 1 else [{}]


def _histories(
    path: Path,
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    environments: Iterable[dict[str, str]],
    options: RunOptions,
) -> Iterator[History]:
    rules = rules_of(path)
    for variables in environments:
        yield sanitized(run_notebook(path, notebook, options, variables), rules)


def _compared(first: History, others: Iterable[History], options: RunOptions) -> list[tuple[History, Difference]]:
    return [(each, diff(first, each, options.rtol, options.atol)) for each in others]


def _link_at(path: Path) -> str | None:
    """Return why a baseline cannot be written here: a checkout may hold a link to any file of the user's."""
    return f"{path.name} is a link, and the file that it leads to is not overwritten" if path.is_symlink() else None


def _unexpected(notebook: Any, run: History) -> str | None:  # noqa: ANN401 - nbformat has no types
    """Return why no baseline is written: a cell raises, and neither its tags nor its saved output show that."""
    indices = code_indices(notebook)
    for cell in run.executions:
        if cell.error is None or cell.place > len(indices):
            continue
        saved = notebook.cells[indices[cell.place - 1]]
        names = {output.get("ename") for output in saved.outputs if output.output_type == "error"}
        if RAISES in saved.metadata.get("tags", []) or cell.error[0] in names:
            continue
        raised = f"{cell.error[0]}: {cell.error[1]}".removesuffix(": ")
        fix = f"if the cell is meant to raise, tag it {RAISES}"
        if cell.error[0] in _MISSING:
            fix = f"is the file in the notebook's folder, which is copied, and not too large? Otherwise, {fix}"
        return f"no baseline was written, because cell {cell.label} raises {raised} ({fix})"
    return None


def _baseline(path: Path) -> History | None:
    file = baseline_path(path)
    return decode(file.read_bytes(), file.name) if file.exists() else None
