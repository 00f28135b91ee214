"""`lineage`, `Lineage`: the executions that a value depends on, with their inputs and seeds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from ithtel import plain_text as plain
from ithtel.errors import InputError, did_you_mean
from ithtel.events import RngState
from ithtel.provenance.cell_text.seeds_and_imports import GLOBAL_STREAMS, imported, seeded_by
from ithtel.provenance.randomness.capture import looks_unseeded
from ithtel.reading.lineage.basis import Basis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.history.values import Execution, History, Value

SHORT = 12
"""Displayed digits of a fingerprint."""


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A variable that a step used, and the place of the step that made it; None if no recorded cell made it."""

    name: str
    place: int | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An execution that a value depends on; `makes` are the names that the value needs from it."""

    place: int
    label: str
    source: str
    makes: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    draws: dict[str, int | None] = {}
    """The recorded seed of each random stream."""
    seed: int | None = None
    """The seed that the step itself set."""
    files: tuple[str, ...] = ()
    is_failed: bool = False

    @property
    def detail(self) -> str:
        """The inputs of the step besides variables: its seed, random streams and files."""
        parts = [] if self.seed is None else [f"seed {self.seed}"]
        for seed in dict.fromkeys(self.draws.values()):
            of = "no recorded seed" if seed is None else f"seed {seed}"
            streams = ", ".join(stream for stream, its in self.draws.items() if its == seed)
            parts.append(f"draws from {streams} ({of})")
        if self.files:
            parts.append(f"reads {', '.join(self.files)}")
        return " · ".join([*parts, *(["failed"] if self.is_failed else [])])


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """The origin of a value: the steps in the order in which they ran, of which the last made it."""

    name: str
    kind: str = ""
    steps: tuple[Step, ...] = ()
    deleted_by: str | None = None
    """The cell that deleted it later."""
    then: str | None = None
    now: str | None = None
    is_comparable: bool = True
    basis: Basis = Basis()

    def with_value_now(self, fingerprint: str | None, *, is_comparable: bool = True) -> Lineage:
        """Return the lineage with the fingerprint that the value has now."""
        return msgspec.structs.replace(self, now=fingerprint, is_comparable=is_comparable)

    def text(self, width: int = 96) -> str:
        """Return the lineage as plain text, the same for the same run."""
        head = " · ".join(filter(None, [f"{self.name} {self.kind}".strip(), self._made_by()]))
        lines = [f"  {line}" for step in self.steps for line in _lines(step, width - 2)]
        return "\n".join([head, *lines, self.fingerprints()])

    def account(self) -> str:
        """Return everything that the log shows, with full digests, for readers who have only the log."""
        fingerprint = "no fingerprint was recorded" if self.then is None else f"fingerprint {self.then}"
        fingerprint = fingerprint if self.is_comparable else self.fingerprints()
        return "\n".join([*self.text().splitlines()[:-1], fingerprint, *self.basis.lines()])

    def fingerprints(self) -> str:
        """Return a sentence about the recorded and the current fingerprint."""
        if not self.is_comparable:
            return "fingerprints of a private session cannot be compared"
        if self.then is None:
            return "no fingerprint was recorded" + (f", now {_short(self.now)}" if self.now else "")
        if self.now is None:
            return f"fingerprint {_short(self.then)}"
        same = self.then == self.now
        return f"fingerprint {_short(self.then)} then, {'the same' if same else _short(self.now)} now"

    def _made_by(self) -> str:
        made = f"made by {self.steps[-1].label}" if self.steps else "made by no recorded cell"
        return made if self.deleted_by is None else f"{made}, deleted by {self.deleted_by}"

    def __repr__(self) -> str:
        return f"<Lineage of {self.name}: {len(self.steps)} steps>"


def lineage(history: History, name: str) -> Lineage:
    """Return the lineage of `name` as of the end of the session, or as of its deletion.

    Raises:
        InputError: No recorded cell used or made such a variable.
    """
    executions = history.executions
    deleter = _deleter(executions, name)
    maker = _maker(executions, name, len(executions) + 1 if deleter is None else deleter.place)
    if maker is None:
        known = {each for execution in executions for each in (*execution.changes, *execution.reads)}
        if name not in known:
            raise InputError(f"no recorded cell made {name!r}{did_you_mean(name, known)}")
        return Lineage(name=name)
    wanted = _trace(executions, name, maker)
    value = maker.values.get(name)
    steps = tuple(_step(executions, executions[place - 1], wanted[place]) for place in sorted(wanted))
    seeds = (seed for step in steps for seed in (step.seed, *step.draws.values()) if seed is not None)
    return Lineage(
        name=name,
        kind="" if value is None else _kind(value),
        steps=steps,
        deleted_by=None if deleter is None else deleter.label,
        then=None if value is None else value.fingerprint,
        basis=Basis.of(history, (executions[place - 1] for place in wanted), seeds),
    )


def _trace(executions: list[Execution], name: str, maker: Execution) -> dict[int, set[str]]:
    """Return the places of all executions that a value depends on, each with the names needed from it."""
    wanted: dict[int, set[str]] = {maker.place: {name}}
    waiting = [maker]
    while waiting:
        execution = waiting.pop()
        for use in _uses(executions, execution):
            if use.place is None:
                continue
            if use.place not in wanted:
                waiting.append(executions[use.place - 1])
            wanted.setdefault(use.place, set()).add(use.name)
    return wanted


def _uses(executions: list[Execution], execution: Execution) -> list[Use]:
    """Return the variables that an execution used, except modules, of which only the version matters."""
    found = []
    for name in execution.reads:
        maker = _maker(executions, name, execution.place)
        if maker is None:
            found.append(Use(name=name))
        elif name not in imported(maker.source or ""):
            found.append(Use(name=name, place=maker.place))
    return found


def _maker(executions: Iterable[Execution], name: str, before: int) -> Execution | None:
    """Return the last execution before a place that bound or changed a name; None if it was deleted or is unknown."""
    found = None
    for execution in executions:
        if execution.place >= before:
            break
        if name in execution.writes or name in execution.mutates:
            found = execution
        elif name in execution.deletes:
            found = None
    return found


def _deleter(executions: Iterable[Execution], name: str) -> Execution | None:
    """Return the execution that deleted a name; None if it was bound again later, or never deleted."""
    found = None
    for execution in executions:
        if name in execution.writes or name in execution.mutates:
            found = None
        elif name in execution.deletes:
            found = execution
    return found


def _step(executions: list[Execution], execution: Execution, makes: set[str]) -> Step:
    return Step(
        place=execution.place,
        label=execution.label,
        source=_defining_line(execution.source, makes),
        makes=tuple(sorted(makes)),
        uses=tuple(_uses(executions, execution)),
        draws={}
        if execution.seeds
        else {stream: _seed(executions, execution, stream) for stream in execution.rng_used},
        seed=execution.seeds[-1] if execution.seeds else None,
        files=tuple(sorted({plain.place(path) for path in (*execution.files, *execution.data)})),
        is_failed=execution.status == "error",
    )


def _defining_line(source: str | None, makes: Iterable[str]) -> str:
    """Return the line of a cell that makes the names in question, else its first line."""
    if source is None:
        return "(not recorded)"
    names = "|".join(map(re.escape, sorted(makes)))
    found = re.findall(
        rf"^(?:(?:{names})\b[^=\n]*=[^=\n].*|(?:async )?(?:def|class) (?:{names})\b.*)$", source, re.MULTILINE
    )
    return plain.source(found[-1] if found else source, 120)


def _seed(executions: Iterable[Execution], execution: Execution, stream: str) -> int | None:
    """Return the recorded seed of a stream that an execution used: its own, else the last one set by then.

    Entropy from the operating system is not a seed.
    """
    state = execution.rng_after.get(stream) or execution.rng_before.get(stream)
    if state is not None and state.entropy is not None:
        return _seed_in(state.entropy, execution)
    if state is not None and stream not in GLOBAL_STREAMS:
        return None
    found = None
    for each in executions:
        if each.place <= execution.place:
            found = seeded_by(each.source or "", stream, each.seeds[-1] if each.seeds else found)
    return found


def _seed_in(entropy: str, execution: Execution) -> int | None:
    state = RngState(stream="", bit_generator="", state_sha256="", entropy=entropy)
    return None if not entropy.isdecimal() or looks_unseeded(state, execution.source or "") else int(entropy)


def _kind(value: Value) -> str:
    if value.shape is None:
        return value.type.rpartition(".")[2]
    return f"{value.type}[{' × '.join(map(plain.number, value.shape))}]"


def _lines(step: Step, width: int) -> list[str]:
    uses = ", ".join(use.name for use in step.uses)
    flow = f"{uses} → {', '.join(step.makes)}" if uses else f"→ {', '.join(step.makes)}"
    head = f"{step.label} "
    room = max(20, width - len(head) - len(flow) - 2)
    first = f"{head}{plain.source(step.source, room):<{min(room, 52)}}  {flow}"
    return [first, *([f"{'':{len(head)}}{step.detail}"] if step.detail else [])]


def _short(fingerprint: str | None) -> str:
    return "none" if fingerprint is None else fingerprint.rpartition(":")[2][:SHORT]
