"""`flaky_cells`: the cells of a notebook whose results differ between runs, the causes, and the smallest fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from ithtel.provenance.cell_text.nondeterminism import uses_time_zone
from ithtel.provenance.cell_text.seeds_and_imports import sets_seed
from ithtel.reading.diff.verdict import Cause  # noqa: TC001 - msgspec reads the annotation
from ithtel.replay.determinism.proposed_rules import MAX_RULES, proposed_rules
from ithtel.replay.determinism.sanitizing import Rule, sanitize
from ithtel.replay.notebook_file import IGNORE_OUTPUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ithtel.reading.diff.verdict import Difference, Root
    from ithtel.reading.history.values import Execution, History

VARIATIONS: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "0"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland"},
    {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
     "NUMBA_NUM_THREADS": "1"},
)  # fmt: skip
"""What is varied between runs: the order of sets, then the time zone, then the number of threads."""
Circumstance = Literal["hash seed", "time zone", "threads"]
"""What `VARIATIONS` vary: a difference in one proves nothing while another, or nothing at all, may be the cause."""
_SEEDS = {
    "python": ("import random", "random.seed(42)"),
    "numpy.legacy": ("import numpy as np", "np.random.seed(42)"),
    "torch": ("import torch", "torch.manual_seed(42)"),
}


class Fix(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fix for a cell: a cell to insert before it, a tag, a rule of nbval's sanitizer, or advice."""

    kind: Literal["seed_cell", "tag", "sanitize", "advice"]
    text: str


class Flaky(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cell that is not deterministic."""

    place: int
    label: str
    title: str
    cause: Cause
    names: list[str]
    evidence: list[str]
    fixes: list[Fix]

    def text(self) -> str:
        """Return the finding as text, with fixes that can be pasted."""
        lines = [f"{self.label} {self.title}", f"    {self.cause}: {', '.join(self.names)}"]
        lines += [f"    - {detail}" for detail in self.evidence[:3]]
        for fix in self.fixes:
            what = {
                "seed_cell": "insert before it",
                "tag": "tag it",
                "sanitize": "nbval sanitize rule",
                "advice": "fix",
            }
            first, *rest = fix.text.splitlines()
            lines += [f"    {what[fix.kind]}: {first}", *(f"        {line}" for line in rest)]
        return "\n".join(lines)


def variation(n: int) -> dict[str, str]:
    """Return the environment variables of run number `n`, counted from 0."""
    known = VARIATIONS[n % len(VARIATIONS)]
    return dict(known) | {"PYTHONHASHSEED": str(n)}


def trials(first: History, others: list[tuple[History, Difference]]) -> list[dict[str, str]]:
    """Return the environment variables of the runs that show whether circumstances are to blame for departures.

    None are needed if no departure looks like it. Else one in the circumstances of the first run comes first, since a
    cell that departs in it differs by itself; then one for each circumstance that differs, in which nothing else does.
    """
    cells = {each.label: each for each in first.executions}
    suspects: dict[Circumstance, dict[str, str]] = {}
    for other, difference in others:
        for root in difference.verdict.roots:
            if _unproven(root, cells.get(root.label), first, other):
                suspects |= {each: _only(each, other) for each in _differing(first, other) if each not in suspects}
    return [variation(0), *(variation(0) | variables for variables in suspects.values())] if suspects else []


def flaky_cells(first: History, others: list[tuple[History, Difference]], *, has_ithtel: bool) -> list[Flaky]:
    """Return the cells whose results differ between runs of one notebook, in order, each once.

    The cause of a cell is taken from the first of `others` in which it departs, so `trials` stand before other runs.
    A circumstance that differs is not the cause unless nothing else differs, or the cell's text names it.
    """
    found: dict[str, Flaky] = {}
    cells = {each.label: each for each in first.executions}
    for other, difference in others:
        theirs = {each.place: each for each in other.executions}
        for root in difference.verdict.roots:
            cell = cells.get(root.label)
            if cell is None or root.label in found:
                continue
            if _unproven(root, cell, first, other):
                root = _without_cause(root, first, other, difference)  # noqa: PLW2901 - the same root
            fixes = list(_fixes(root, cell, theirs.get(cell.place), difference, has_ithtel=has_ithtel))
            found[root.label] = Flaky(
                place=cell.place, label=root.label, title=root.title, cause=root.cause, names=root.names,
                evidence=root.evidence, fixes=fixes,
            )  # fmt: skip
    return sorted(found.values(), key=lambda each: each.place)


def _differing(a: History, b: History) -> list[Circumstance]:
    """Return the circumstances in which two runs differ."""
    ours, theirs = a.environment, b.environment
    found: list[Circumstance] = []
    if ours.hash_seed != theirs.hash_seed:
        found.append("hash seed")
    if ours.timezone != theirs.timezone:
        found.append("time zone")
    names = {*ours.variables, *theirs.variables} - {"PYTHONHASHSEED"}
    if ours.threads != theirs.threads or any(ours.variables.get(each) != theirs.variables.get(each) for each in names):
        found.append("threads")
    return found


def _blamed(root: Root) -> list[Circumstance]:
    """Return the circumstances that a departure is put down to, because they differ."""
    if root.cause == "threads_changed":
        return ["threads"]
    if root.cause == "environment_changed":
        names = {"time zone" if name == "timezone" else "threads" for name in root.names}
        return [each for each in ("time zone", "threads") if each in names]
    if root.cause == "clock_or_hash_order" and any("PYTHONHASHSEED" in detail for detail in root.evidence):
        return ["hash seed"]
    return []


def _unproven(root: Root, cell: Execution | None, a: History, b: History) -> list[Circumstance]:
    """Return the circumstances that a departure is put down to although others differ, too."""
    blamed = _blamed(root)
    if cell is not None and "time zone" in blamed and uses_time_zone(cell.source or ""):
        return []
    return blamed if len(_differing(a, b)) > 1 else []


def _only(circumstance: Circumstance, run: History) -> dict[str, str]:
    """Return the environment variables that set one circumstance as in a run."""
    if circumstance == "hash seed":
        return {"PYTHONHASHSEED": run.environment.hash_seed or "1"}
    suffix = {"time zone": "TZ", "threads": "_NUM_THREADS"}[circumstance]
    return {name: value for each in VARIATIONS for name, value in each.items() if name.endswith(suffix)}


def _without_cause(root: Root, a: History, b: History, difference: Difference) -> Root:
    """Return a departure that no circumstance alone brought about again."""
    departures = [each for one in difference.cells if one.label == root.label for each in one.departures]
    evidence = (
        f"all recorded inputs are equal; the runs differ in {' and '.join(_differing(a, b))}, which proves nothing"
    )
    names = list(dict.fromkeys(each.name for each in departures if each.kind != "rng"))
    return msgspec.structs.replace(root, cause="unknown", names=names, evidence=[evidence])


def _fixes(
    root: Root, cell: Execution, other: Execution | None, difference: Difference, *, has_ithtel: bool
) -> Iterator[Fix]:
    if root.cause == "unseeded_rng":
        yield from _seeding(root.names, _drawn(cell, other), has_ithtel=has_ithtel)
    elif root.cause == "clock_or_hash_order" and any("set" in detail or "order" in detail for detail in root.evidence):
        yield Fix(kind="advice", text="sort what comes out of a set: sorted(…)")
    elif "threads" in _blamed(root):
        yield Fix(kind="advice", text="fix the number of threads: OMP_NUM_THREADS=1, or compare with --rtol")
    elif root.cause == "environment_changed":
        yield Fix(kind="advice", text="name a time zone instead of using the machine's: tz='UTC'")
    elif root.cause == "external_changed":
        yield Fix(kind="advice", text="save the answer to a file once, and read that file in the notebook")
    elif root.cause == "numerics":
        yield Fix(kind="advice", text="compare with --rtol 1e-9")
    kinds = {each.kind for one in difference.cells if one.label == root.label for each in one.departures}
    if root.cause != "unseeded_rng" and "output" in kinds:
        rule = _sanitize(cell, other)
        if rule is not None:
            yield Fix(kind="sanitize", text=rule)
        else:
            yield Fix(kind="tag", text=IGNORE_OUTPUT)


def _drawn(cell: Execution, other: Execution | None) -> set[str]:
    """Return the global streams from which a cell drew: those that it moved to different states, and not by a seed."""
    return {
        name
        for name in _SEEDS
        if other is not None and name in cell.rng_after and name in other.rng_after
        if cell.rng_after[name].sha256 != other.rng_after[name].sha256
        if not cell.seeds and not sets_seed(cell.source or "", name)
    }


def _seeding(names: list[str], drawn: set[str], *, has_ithtel: bool) -> Iterator[Fix]:
    known = [name for name in names if name in drawn]
    if known and has_ithtel:
        yield Fix(kind="seed_cell", text="%seed 42")
    elif known:
        yield Fix(kind="seed_cell", text="\n".join(line for name in known for line in _SEEDS[name]))
    for name in names:
        if name.startswith("numpy:"):
            yield Fix(kind="advice", text=f"give {name.removeprefix('numpy:')} a seed: numpy.random.default_rng(42)")
        elif name in _SEEDS and name not in drawn:
            yield Fix(kind="advice", text=f"seed {name} with a fixed number, and before anything is drawn from it")
        elif name not in _SEEDS:
            yield Fix(
                kind="advice", text=f"seed {name}, or pass its owner a generator: no seed in the notebook reaches it"
            )


def _sanitize(cell: Execution, other: Execution | None) -> str | None:
    """Return the rules that make the outputs of two runs of a cell equal, None if there are none."""
    rules: list[Rule] = []
    for one, two in zip(cell.outputs, other.outputs if other is not None else (), strict=False):
        if one.text == two.text:
            continue
        found = proposed_rules(one.text or "", two.text or "", rules)
        if len(rules) + len(found) > MAX_RULES or (
            not found and sanitize(one.text or "", rules) != sanitize(two.text or "", rules)
        ):
            return None
        rules += found
    return "\n".join(f"regex: {rule.regex}\nreplace: {rule.replace}" for rule in rules) or None
