"""Notebooks against their committed baselines, and against themselves."""

from __future__ import annotations

import os
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ithtel.commands.replay.replay import REPLAYING
from ithtel.errors import DataError, InputError, MissingFileError
from ithtel.events.format.files import safe_name
from ithtel.reading.diff.diff import diff
from ithtel.reading.diff.verdict import Difference  # noqa: TC001 - msgspec reads the annotations
from ithtel.reading.history.baseline import SUFFIX, baseline_path, canonical, decode, encode
from ithtel.reading.history.build import history
from ithtel.reading.history.values import History
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.execution import carry_out
from ithtel.replay.flakiness import IGNORE, Flaky, flaky_cells, variation
from ithtel.replay.runner import TIMEOUT_S, CannotRunError, require
from ithtel.replay.sanitizing import rules_file, rules_in, rules_of, sanitized, with_rules
from ithtel.replay.surgery import add_tag, insert_cell
from ithtel.replay.workspace import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ithtel.replay.runner import Progress

SKIP = frozenset({"skip-execution", "nbval-skip", "ithtel-skip-check"})
_SETTINGS = {"fingerprint": "all", "record_outputs": "text", "log_dir": "logs"}
"""What a check records with: nothing is left out for lack of time."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of checking one notebook.

    Attributes:
        path: The notebook.
        outcome: `same` as its baseline, `departs`, `updated` (a baseline was written), `cannot`.
        difference: The run against the baseline.
        flaky: The cells in which runs differ of themselves.
        mended: The files that mends were written to.
        failure: Why it could not be checked.
        failing: The cells that raise, with what: a baseline keeps them so.
    """

    path: Path
    outcome: Literal["same", "departs", "updated", "cannot"]
    difference: Difference | None = None
    flaky: list[Flaky] = []
    mended: list[Path] = []
    failure: str | None = None
    failing: list[str] = []

    @property
    def is_good(self) -> bool:
        """Whether nothing departs."""
        return self.outcome in {"same", "updated"} and not self.flaky

    def text(self) -> str:
        """Return it as text."""
        lines = [f"{self.path}: {self.failure or self._said()}"]
        if self.difference is not None and self.outcome == "departs":
            lines += [f"  {line}" for line in self.difference.text().splitlines()[1:]]
        if self.flaky:
            lines.append("  not the same in every run:")
            lines += [f"  {line}" for each in self.flaky for line in each.text().splitlines()]
        if self.mended:
            lines.append(f"  mends written to {', '.join(path.name for path in self.mended)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _said(self) -> str:
        if self.outcome == "updated":
            return "; ".join(["baseline written", *(f"cell {each}" for each in self.failing)])
        return self.difference.text().splitlines()[0] if self.difference is not None else "ran"


def check(
    targets: Iterable[str | os.PathLike[str]],
    *,
    update: bool = False,
    runs: int = 1,
    write: bool = False,
    rtol: float | None = None,
    atol: float | None = None,
    timeout_s: float = TIMEOUT_S,
    progress: Progress | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[Checked]:
    """Run each notebook in a copy of its folder, and compare what it comes to with its committed baseline.

    Args:
        targets: Notebooks, or folders of notebooks.
        update: Write the baselines instead.
        runs: How often to run each; from 2 on with other hash seeds, time zones and numbers of threads, and what
            differs between the runs is reported with its mend.
        write: Apply those mends that are a tag or a cell to the notebooks, and write those that are rules of nbval's
            sanitizer to the file that pytest is configured to read, else to `nbval.cfg` beside the notebook.
        rtol: Relative tolerance of numbers.
        atol: Absolute tolerance.
        timeout_s: How long a cell may take.
        progress: Called before each cell.
        environ: The environment that the kernels start from.

    Raises:
        InputError: `runs` is less than 1, or it is called within a replay.
        MissingFileError: There is no such notebook.
    """
    require()
    if runs < 1:
        raise InputError(f"runs={runs}: 1 or more are possible")
    if environ.get(REPLAYING):
        raise InputError("this is a replay, in which nothing is checked")
    for path in notebooks_in(targets):
        yield check_notebook(
            path, update=update, runs=runs, write=write, rtol=rtol, atol=atol, timeout_s=timeout_s, progress=progress,
            environ=environ,
        )  # fmt: skip


def notebooks_in(targets: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Return the notebooks that are named, or lie in the folders that are.

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
    path: Path,
    *,
    update: bool = False,
    runs: int = 1,
    write: bool = False,
    rtol: float | None = None,
    atol: float | None = None,
    timeout_s: float = TIMEOUT_S,
    progress: Progress | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Checked:
    """Check one notebook; what is wrong with it is in the result. See `check`."""
    try:
        notebook = _read(path)
        baseline = _baseline(path) if not update else None
        variations = [variation(n) for n in range(runs)] if runs > 1 else [{}]
        rules = rules_of(path)
        ran = [
            sanitized(run_notebook(path, notebook, {**environ, **each}, timeout_s=timeout_s, progress=progress), rules)
            for each in variations
        ]
    except (CannotRunError, DataError, MissingFileError, ValueError) as error:
        return Checked(path=path, outcome="cannot", failure=str(error))
    others = [(each, diff(ran[0], each, rtol, atol)) for each in ran[1:]]
    flaky = flaky_cells(ran[0], others, has_ithtel=_loads(notebook))
    mended = mend(path, notebook, flaky) if write else []
    now = canonical(ran[0], ignored=_ignored(notebook))
    if update:
        baseline_path(path).write_bytes(encode(now))
        failing = [f"{each.label} raises {each.error[0]}" for each in now.executions if each.error is not None]
        return Checked(path=path, outcome="updated", flaky=flaky, mended=mended, failing=failing)
    if baseline is None:
        if runs > 1:
            return Checked(path=path, outcome="same", flaky=flaky, mended=mended)
        return Checked(path=path, outcome="cannot", failure="no baseline: ithtel check --update writes it")
    difference = diff(baseline, now, rtol, atol)
    outcome: Literal["same", "departs"] = "same" if difference.is_identical else "departs"
    return Checked(path=path, outcome=outcome, difference=difference, flaky=flaky, mended=mended)


def run_notebook(
    path: Path,
    notebook: Any,  # noqa: ANN401 - nbformat has no types
    environ: Mapping[str, str],
    *,
    timeout_s: float = TIMEOUT_S,
    progress: Progress | None = None,
) -> History:
    """Run a notebook in a copy of its folder with recording on, and return what ran.

    Raises:
        CannotRunError: It did not come to its end.
    """
    known = History(name=safe_name(path.stem), notebook=path.name, config=_SETTINGS)
    origin = _origin(path)
    ran = carry_out(
        deepcopy(notebook), origin, [], known, Contents([]), environ, load=not _loads(notebook),
        timeout_s=timeout_s, progress=progress,
    )  # fmt: skip
    if ran.failure is not None:
        raise CannotRunError(ran.failure)
    if ran.log is None:
        raise CannotRunError("it left no record: does a cell stop the recording?")
    found = history(ran.log)
    if _code_indices(notebook) and not found.executions:
        raise CannotRunError("nothing of it was recorded: does its first cell stop the recording?")
    if found.is_private:
        raise CannotRunError("it records in private, with digests that no other run has: check it without private")
    return found


def mend(path: Path, notebook: Any, flaky: list[Flaky]) -> list[Path]:  # noqa: ANN401
    """Apply the mends that are a tag, a cell or a rule, and return the files that they were written to."""
    return [*_mend_notebook(path, notebook, flaky), *_mend_rules(path, flaky)]


def _mend_notebook(path: Path, notebook: Any, flaky: list[Flaky]) -> Iterator[Path]:  # noqa: ANN401
    before = text = path.read_bytes().decode("utf-8")
    indices = _code_indices(notebook)
    for each in sorted(flaky, key=lambda one: -one.place):
        index = indices[each.place - 1] if each.place <= len(indices) else None
        for todo in each.mends:
            if index is not None and todo.kind == "seed_cell":
                text = insert_cell(text, index, todo.text, f"ithtel-seed-{index}")
            elif index is not None and todo.kind == "tag":
                text = add_tag(text, index, todo.text)
    if text != before:
        path.write_bytes(text.encode("utf-8"))
        yield path


def _mend_rules(path: Path, flaky: list[Flaky]) -> Iterator[Path]:
    file = rules_file(path)
    before = text = file.read_bytes().decode("utf-8") if file.exists() else ""
    for each in flaky:
        for todo in each.mends:
            if todo.kind == "sanitize":
                text = with_rules(text, rules_in(todo.text), f"{path.stem} {each.label.strip('[]')}")
    if text != before:
        file.write_bytes(text.encode("utf-8"))
        yield file


def _origin(path: Path) -> Origin:
    """Return the folder that a notebook is run in a copy of: its own; it may read what lies beside it."""
    return Origin(root=path.resolve().parent, inner=".", commit=None)


def _read(path: Path) -> Any:  # noqa: ANN401
    import nbformat

    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except Exception as error:  # noqa: BLE001 - nbformat raises many kinds
        raise DataError(
            f"this is no notebook: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        ) from None
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if language.lower() != "python":
        raise DataError(f"its kernel is {language!r}: only Python's records")
    for cell in notebook.cells:
        if SKIP & {*cell.metadata.get("tags", [])}:
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "ithtel-unfinished"]
    return notebook


def _baseline(path: Path) -> History | None:
    file = baseline_path(path)
    return decode(file.read_bytes(), file.name) if file.exists() else None


def _code_indices(notebook: Any) -> list[int]:  # noqa: ANN401
    """Return the indices of the cells that run, in order: the k-th is the k-th execution."""
    return [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.source.strip() and "ithtel-unfinished" not in cell.metadata.get("tags", [])
    ]


def _ignored(notebook: Any) -> frozenset[int]:  # noqa: ANN401
    """Return the places of the cells whose outputs nbval does not compare: neither do we."""
    marked = {IGNORE, "nbval-skip"}
    return frozenset(
        place
        for place, index in enumerate(_code_indices(notebook), start=1)
        if marked & {*notebook.cells[index].metadata.get("tags", [])}
        or "# NBVAL_IGNORE_OUTPUT" in notebook.cells[index].source
    )


def _loads(notebook: Any) -> bool:  # noqa: ANN401
    return any("load_ext ithtel" in cell.source for cell in notebook.cells if cell.cell_type == "code")


__all__ = ["SUFFIX", "Checked", "check", "check_notebook", "mend", "notebooks_in", "run_notebook"]
