"""`flaky_cells`: the cells of a notebook whose results differ between runs, the causes, and the smallest fixes."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Literal

import msgspec

from ithtel.reading.diff.verdict import Cause  # noqa: TC001 - msgspec reads the annotation
from ithtel.replay.notebook_file import IGNORE_OUTPUT
from ithtel.replay.sanitizing import Rule, sanitize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ithtel.reading.diff.verdict import Difference, Root
    from ithtel.reading.history.values import Execution, History

REPLACED = "VOLATILE"
MAX_RULES = 5
"""For one cell; with more volatile lines, ignoring its output is the better fix."""
VARIATIONS: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "0"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland"},
    {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
     "NUMBA_NUM_THREADS": "1"},
)  # fmt: skip
"""What is varied between runs: the order of sets, then the time zone, then the number of threads."""
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


def flaky_cells(first: History, others: list[tuple[History, Difference]], *, has_ithtel: bool) -> list[Flaky]:
    """Return the cells whose results differ between runs of one notebook, in order, each once."""
    found: dict[str, Flaky] = {}
    cells = {each.label: each for each in first.executions}
    for other, difference in others:
        theirs = {each.place: each for each in other.executions}
        for root in difference.verdict.roots:
            cell = cells.get(root.label)
            if cell is None or root.label in found:
                continue
            fixes = list(_fixes(root, cell, theirs.get(cell.place), difference, has_ithtel=has_ithtel))
            found[root.label] = Flaky(
                place=cell.place, label=root.label, title=root.title, cause=root.cause, names=root.names,
                evidence=root.evidence, fixes=fixes,
            )  # fmt: skip
    return sorted(found.values(), key=lambda each: each.place)


def _fixes(
    root: Root, cell: Execution, other: Execution | None, difference: Difference, *, has_ithtel: bool
) -> Iterator[Fix]:
    if root.cause == "unseeded_rng":
        yield from _seeding(root.names, has_ithtel=has_ithtel)
    elif root.cause == "clock_or_hash_order" and any("set" in detail or "order" in detail for detail in root.evidence):
        yield Fix(kind="advice", text="sort what comes out of a set: sorted(…)")
    elif root.cause == "threads_changed":
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


def _seeding(names: list[str], *, has_ithtel: bool) -> Iterator[Fix]:
    known = [name for name in names if name in _SEEDS]
    if known and has_ithtel:
        yield Fix(kind="seed_cell", text="%seed 42")
    elif known:
        yield Fix(kind="seed_cell", text="\n".join(line for name in known for line in _SEEDS[name]))
    for name in names:
        if name.startswith("numpy:"):
            yield Fix(kind="advice", text=f"give {name.removeprefix('numpy:')} a seed: numpy.random.default_rng(42)")
        elif name not in _SEEDS:
            yield Fix(
                kind="advice", text=f"seed {name}, or pass its owner a generator: no seed in the notebook reaches it"
            )


def _sanitize(cell: Execution, other: Execution | None) -> str | None:
    """Return at most `MAX_RULES` rules that make the texts of two runs of a cell equal, None if there are none."""
    rules: list[Rule] = []
    for one, two in zip(cell.outputs, other.outputs if other is not None else (), strict=False):
        ours, theirs = (sanitize(each.text or "", rules) for each in (one, two))
        while ours != theirs:
            pattern = _pattern(ours, theirs)
            if pattern is None or len(rules) == MAX_RULES:
                return None
            rules.append(Rule(pattern, REPLACED))
            ours, theirs = (sanitize(text, rules[-1:]) for text in (ours, theirs))
    return "\n".join(f"regex: {rule.regex}\nreplace: {rule.replace}" for rule in rules) or None


def _pattern(one: str, two: str) -> str | None:
    """Return a regular expression for the first line that differs: equal parts literally, differing parts by kind."""
    pairs = zip(one.splitlines(), two.splitlines(), strict=False)
    ours, theirs = next(((a, b) for a, b in pairs if a != b), ("", ""))
    tokens: list[list[str]] = [re.findall(r"[\w.]+|[^\w.]", line) for line in (ours, theirs)]
    parts, is_specific = [], False
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(a=tokens[0], b=tokens[1], autojunk=False).get_opcodes():
        text = "".join(tokens[0][a0:a1])
        if kind == "equal":
            parts.append(re.escape(text))
            is_specific = is_specific or bool(text.strip())
        else:
            both = text + "".join(tokens[1][b0:b1])
            parts.append(
                r"[\d.eE+-]+" if re.fullmatch(r"[\d.eE+-]+", both) else r".+?" if b1 < len(tokens[1]) else r".+"
            )
    pattern = "".join(parts)
    return pattern if is_specific and ours and re.fullmatch(pattern, theirs) else None
