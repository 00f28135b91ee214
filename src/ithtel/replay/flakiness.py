"""Which cells of a notebook are not the same in every run, why, and the smallest mend for each."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Literal

import msgspec

from ithtel.reading.diff.verdict import Cause  # noqa: TC001 - msgspec reads the annotation
from ithtel.replay.sanitizing import Rule, sanitize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ithtel.reading.diff.verdict import Difference, Root
    from ithtel.reading.history.values import Execution, History

IGNORE = "nbval-ignore-output"
REPLACED = "VOLATILE"
MAX_RULES = 5
"""Of one cell: where more is volatile, its outputs are better not compared at all."""
VARIATIONS: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "0"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland"},
    {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
     "NUMBA_NUM_THREADS": "1"},
)  # fmt: skip
"""What differs from run to run: the order of sets, then the time zone, then the number of threads."""
_SEEDS = {
    "python": ("import random", "random.seed(42)"),
    "numpy.legacy": ("import numpy as np", "np.random.seed(42)"),
    "torch": ("import torch", "torch.manual_seed(42)"),
}


class Mend(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to do about a cell: a cell to put in before it, a tag, a rule of nbval's sanitizer, or advice."""

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
    mends: list[Mend]

    def text(self) -> str:
        """Return the finding as text, its mends ready to be pasted."""
        lines = [f"{self.label} {self.title}", f"    {self.cause}: {', '.join(self.names)}"]
        lines += [f"    - {said}" for said in self.evidence[:3]]
        for mend in self.mends:
            what = {
                "seed_cell": "put in before it",
                "tag": "tag it",
                "sanitize": "nbval sanitize rule",
                "advice": "mend",
            }
            first, *rest = mend.text.splitlines()
            lines += [f"    {what[mend.kind]}: {first}", *(f"        {line}" for line in rest)]
        return "\n".join(lines)


def variation(n: int) -> dict[str, str]:
    """Return the variables of run number `n`, from 0."""
    known = VARIATIONS[n % len(VARIATIONS)]
    return dict(known) | {"PYTHONHASHSEED": str(n)}


def flaky_cells(first: History, others: list[tuple[History, Difference]], *, has_ithtel: bool) -> list[Flaky]:
    """Return the cells in which runs of one notebook differ of themselves, in order, each once."""
    found: dict[str, Flaky] = {}
    cells = {each.label: each for each in first.executions}
    for other, difference in others:
        theirs = {each.place: each for each in other.executions}
        for root in difference.verdict.roots:
            cell = cells.get(root.label)
            if cell is None or root.label in found:
                continue
            mends = list(_mends(root, cell, theirs.get(cell.place), difference, has_ithtel=has_ithtel))
            found[root.label] = Flaky(
                place=cell.place, label=root.label, title=root.title, cause=root.cause, names=root.names,
                evidence=root.evidence, mends=mends,
            )  # fmt: skip
    return sorted(found.values(), key=lambda each: each.place)


def _mends(
    root: Root, cell: Execution, other: Execution | None, difference: Difference, *, has_ithtel: bool
) -> Iterator[Mend]:
    if root.cause == "unseeded_rng":
        yield from _seeding(root.names, has_ithtel=has_ithtel)
    elif root.cause == "clock_or_hash_order" and any("set" in said or "order" in said for said in root.evidence):
        yield Mend(kind="advice", text="put what comes out of a set in order: sorted(…)")
    elif root.cause == "threads_changed":
        yield Mend(kind="advice", text="fix the number of threads: OMP_NUM_THREADS=1, or compare with --rtol")
    elif root.cause == "environment_changed":
        yield Mend(kind="advice", text="name the time zone instead of using the machine's: tz='UTC'")
    elif root.cause == "numerics":
        yield Mend(kind="advice", text="compare with --rtol 1e-9")
    kinds = {each.kind for one in difference.cells if one.label == root.label for each in one.departures}
    if root.cause != "unseeded_rng" and "output" in kinds:
        rule = _sanitize(cell, other)
        if rule is not None:
            yield Mend(kind="sanitize", text=rule)
        else:
            yield Mend(kind="tag", text=IGNORE)


def _seeding(names: list[str], *, has_ithtel: bool) -> Iterator[Mend]:
    known = [name for name in names if name in _SEEDS]
    if known and has_ithtel:
        yield Mend(kind="seed_cell", text="%seed 42")
    elif known:
        yield Mend(kind="seed_cell", text="\n".join(line for name in known for line in _SEEDS[name]))
    for name in names:
        if name.startswith("numpy:"):
            yield Mend(kind="advice", text=f"give {name.removeprefix('numpy:')} a seed: numpy.random.default_rng(42)")
        elif name not in _SEEDS:
            yield Mend(
                kind="advice", text=f"seed {name}, or hand its owner a generator: no seed of the notebook reaches it"
            )


def _sanitize(cell: Execution, other: Execution | None) -> str | None:
    """Return rules that make the texts of two runs of a cell equal, None where no few would."""
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
    """Return an expression for the first line that differs: what is equal by itself, what differs by its kind."""
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
