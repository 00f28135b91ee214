"""`Causes`, `CauseFound`: why a cell departs, as a class of cause with the evidence in the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ithtel.events import RngState
from ithtel.plain_text import message
from ithtel.provenance.cell_text.nondeterminism import clock_in, uses_hash_order
from ithtel.provenance.cell_text.seeds_and_imports import (
    DROPPED,
    GLOBAL_STREAMS,
    differs_in_seed_only,
    imported,
    sets_seed,
)
from ithtel.provenance.randomness.capture import looks_unseeded
from ithtel.reading.diff.alignment import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ithtel.reading.diff.verdict import Cause, Departure
    from ithtel.reading.history.values import Execution, History

_MISSING_NAME = re.compile(r"name '(\w+)' is not defined")
_MISSING_MODULE = re.compile(r"No module named '([\w.]+)'")
_NEVER_MADE = re.compile(r"_.*|In|Out|exit|quit|get_ipython|display|__\w+__")


class CauseFound(NamedTuple):
    """A cause: its class, the names that it concerns, and the evidence for it."""

    cause: Cause
    names: list[str]
    evidence: list[str]


class Causes:
    """Finds the causes of departures, from the cells and the environments of both sessions."""

    def __init__(self, a: History, b: History) -> None:
        self.a, self.b = a, b
        self._seeded: set[str] = set()
        self._makers: dict[str, list[str]] = {}
        self._is_open = False
        self._ran: set[str] = set()
        self.packages = _changed(a.environment.packages, b.environment.packages)
        self.threads = _changed(a.environment.threads, b.environment.threads)

    def learn(self, *executions: Execution | None) -> None:
        """Take in cells that have run: the names they bound and the streams they seeded."""
        for each in executions:
            if each is None:
                continue
            self._ran |= {key_of(each), key_of(each, by_digest=True)} if each.source_sha256 else {key_of(each)}
            for name in each.changes:
                self._makers.setdefault(name, []).append(each.source or "")
            if each.seeds:
                self._seeded |= {*GLOBAL_STREAMS}
            self._seeded |= {stream for stream in GLOBAL_STREAMS if sets_seed(each.source or "", stream)}
            self._is_open = self._is_open or bool(
                re.search(r"import \*|^%(?:run|pylab)\b", each.source or "", re.MULTILINE)
            )

    def has_run(self, execution: Execution) -> bool:
        """Return whether the same cell has run before in either session."""
        return key_of(execution) in self._ran

    def of_inputs(self, a: Execution | None, b: Execution | None, departures: Sequence[Departure]) -> list[CauseFound]:
        """Return the causes in the cell itself: its text, seed, files, modules and place."""
        found: dict[Cause, CauseFound] = {}
        for departure in departures:
            cause = self._input_cause(a, b, departure, departures)
            if cause is None:
                continue
            known = found.setdefault(cause, CauseFound(cause, [], []))
            if departure.name not in known.names:
                known.names.append(departure.name)
            known.evidence.append(_description(departure))
        return list(found.values())

    def _input_cause(  # noqa: PLR0911 - a table, one line per kind
        self, a: Execution | None, b: Execution | None, departure: Departure, among: Sequence[Departure]
    ) -> Cause | None:
        match departure.kind:
            case "source":
                return "seed_changed" if _is_seed_only(a, b) else "code_changed"
            case "seed":
                is_other_code = any(each.kind == "source" for each in among) and not _is_seed_only(a, b)
                return "code_changed" if is_other_code else "seed_changed"
            case "module":
                return "module_changed"
            case "file" | "data":
                return "input_changed"
            case "order":
                return "order_changed"
            case "inserted" | "removed":
                return "order_changed" if departure.name == "re-run" else "code_changed"
            case "rng":
                is_edited = any(each.kind == "source" for each in among)
                return self._stream_cause(a, b, departure.name, is_edited=is_edited)
            case _:
                return None

    def _stream_cause(self, a: Execution | None, b: Execution | None, stream: str, *, is_edited: bool) -> Cause:
        """Return why the state of a random stream differs although no earlier cell changed it."""
        if a is None or b is None:
            return "unknown"
        if stream in GLOBAL_STREAMS:
            return "hidden_state" if stream in self._seeded else "unseeded_rng"
        states = [states[stream] for each in (a, b) for states in (each.rng_before, each.rng_after) if stream in states]
        if any(_is_drawn(state.entropy, each.source or "") for state in states for each in (a, b)):
            return "unseeded_rng"
        entropies = {state.entropy for state in states if state.entropy is not None}
        if len(entropies) > 1:
            return "seed_changed"
        if is_edited:
            return "seed_changed" if _is_seed_only(a, b) else "code_changed"
        return "unseeded_rng"

    def of_results(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound:
        """Return the likeliest cause of different results from the same inputs."""
        for find in (
            self._error, self._hidden_generator, self._random, self._unknown_names, self._uuid, self._clock_or_hash,
            self._used_packages, self._dropped_generator, self._around, self._rounding, self._any_package,
        ):  # fmt: skip
            found = find(a, b, departures)
            if found is not None:
                return found
        return CauseFound("unknown", _names(departures), ["all recorded inputs are equal"])

    def _error(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        """Return the cause that the message of an error in only one of the sessions names."""
        if a.status == b.status:
            return None
        for each in (b, a):
            kind, text = each.error or ("", "")
            if kind == "NameError" and (name := _MISSING_NAME.search(text)):
                return CauseFound("hidden_state", [name[1]], [f"no recorded cell made {name[1]!r}"])
            if kind in ("ModuleNotFoundError", "ImportError") and (name := _MISSING_MODULE.search(text)):
                return CauseFound("package_changed", [name[1]], [message(text)])
            if kind == "FileNotFoundError":
                return CauseFound("input_changed", [message(text.rpartition(": ")[2]).strip("'")], [message(text)])
        return None

    def _hidden_generator(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        return _unseeded(a, b, is_dropped=False)

    def _dropped_generator(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        return _unseeded(a, b, is_dropped=True) or _uuid_makers(a, b)

    def _uuid(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        shown = a if a.source is not None else b
        return _uuid_makers(a, b) if any("uuid4" in source for source in self._sources(shown)) else None

    def _random(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        streams = [departure.name for departure in departures if departure.kind == "rng"]
        if not streams:
            return None
        cause = self._stream_cause(a, b, streams[0], is_edited=False)  # else that would be the cause
        return CauseFound(
            cause, streams, [f"random stream {name} was in another state when the cell began" for name in streams]
        )

    def _unknown_names(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        if self._is_open:
            return None
        names = sorted(
            name for name in {*a.reads, *b.reads} if name not in self._makers and not _NEVER_MADE.fullmatch(name)
        )
        if not names:
            return None
        return CauseFound("hidden_state", names, [f"no recorded cell made {name!r}" for name in names])

    def _clock_or_hash(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        notes = [note for each in (a, b) for note in each.hazards if note.kind in ("clock", "hash_order")]
        names = _names(departures)
        if notes:
            return CauseFound("clock_or_hash_order", names, list(dict.fromkeys(note.detail for note in notes)))
        shown = a if a.source is not None else b
        for source in self._sources(shown):
            clock = clock_in(source)
            if clock is not None:
                return CauseFound("clock_or_hash_order", names, [f"the cell uses {clock}, which differs in every run"])
        seeds = (self.a.environment.hash_seed, self.b.environment.hash_seed)
        if (seeds[0] != seeds[1] or seeds[0] in (None, "random")) and any(map(uses_hash_order, self._sources(shown))):
            evidence = "the cell uses a set or a hash, and PYTHONHASHSEED is not set or differs"
            return CauseFound("clock_or_hash_order", names, [evidence])
        return None

    def _used_packages(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        used = {package for each in (a, b) for package in self._packages_of(each)}
        names = [name for name in self.packages if name in used]
        return CauseFound("package_changed", names, [self.packages[name] for name in names]) if names else None

    def _around(self, _a: Execution, _b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        ours, theirs = self.a.environment, self.b.environment
        if ours.python != theirs.python and None not in (ours.python, theirs.python):
            return CauseFound("python_changed", ["python"], [f"{ours.python} → {theirs.python}"])
        if self.threads:
            return CauseFound("threads_changed", list(self.threads), list(self.threads.values()))
        around = dict(environment_changes(self.a, self.b))
        return CauseFound("environment_changed", list(around), list(around.values())) if around else None

    def _rounding(self, _a: Execution, _b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        # a text or a picture shows the same numbers, so it does not count against rounding if the numbers are known
        telling = [each for each in departures if each.kind != "output" and (each.kept or each.is_rounding)]
        if not telling or not all(each.is_rounding for each in telling):
            return None
        evidence = [f"{each.name}: {each.detail}" for each in telling]
        return CauseFound("numerics", _names(telling), ["all inputs are equal; only the last digits differ", *evidence])

    def _any_package(self, _a: Execution, _b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        return (
            CauseFound("package_changed", list(self.packages), list(self.packages.values())) if self.packages else None
        )

    def _sources(self, execution: Execution) -> Iterator[str]:
        """Yield the text of a cell, and of the cells that defined the functions it uses."""
        yield execution.source or ""
        for name in execution.reads:
            yield from (source for source in self._makers.get(name, ())[-1:] if re.search(rf"def {name}\b", source))

    def _packages_of(self, execution: Execution) -> Iterable[str]:
        yield from imported(execution.source or "").values()
        for name in execution.reads:
            for source in self._makers.get(name, ()):
                package = imported(source).get(name)
                if package is not None:
                    yield package


def _had_the_same(name: str, a: Execution, b: Execution) -> bool:
    """Return whether a stream, or the code that made generators, had the same random numbers in both sessions."""
    states = [(each.rng_before.get(name), each.rng_after.get(name)) for each in (a, b)]
    numbers = [[event.numbers for event in each.entropy if event.owner == name] for each in (a, b)]
    is_known = states[0][1] is not None or any(numbers[0])
    return is_known and states[0] == states[1] and numbers[0] == numbers[1]


def _uuid_makers(a: Execution, b: Execution) -> CauseFound | None:
    """Return the code that called `uuid4`, as far as one session heard it."""
    owners = [event.owner for each in (b, a) for event in each.entropy if event.source == "uuid"]
    names = [owner for owner in dict.fromkeys(owners) if not _had_the_same(owner, a, b)]
    return CauseFound("unseeded_rng", names, [f"{name} made a random UUID" for name in names]) if names else None


def _unseeded(a: Execution, b: Execution, *, is_dropped: bool) -> CauseFound | None:
    """Return the unseeded generators that hazards of a cell name, without those that had the same numbers in both."""
    found = {
        name: note
        for each in (b, a)
        for note in each.hazards
        if note.kind == "unseeded_rng" and note.detail.endswith(DROPPED) == is_dropped
        for name in note.names
        if not _had_the_same(name, a, b)
    }
    if not found:
        return None
    names, notes = list(found), list(found.values())
    return CauseFound("unseeded_rng", names, list(dict.fromkeys(note.detail for note in notes if note.detail)))


def environment_changes(a: History, b: History) -> Iterator[tuple[str, str]]:
    """Yield other differences between the environments than packages, Python and threads: name, description."""
    ours, theirs = a.environment, b.environment
    for name in ("platform", "cpu", "timezone", "locale"):
        one, other = getattr(ours, name), getattr(theirs, name)
        if one != other and None not in (one, other):
            yield name, f"{name} {one} → {other}"
    for name in sorted(ours.variables.keys() | theirs.variables.keys()):
        one, other = ours.variables.get(name), theirs.variables.get(name)
        if one != other and name != "PYTHONHASHSEED":
            yield name, f"{name} {one or 'not set'} → {other or 'not set'}"


def _changed(a: dict[str, str] | dict[str, int], b: dict[str, str] | dict[str, int]) -> dict[str, str]:
    return {name: f"{name} {a[name]} → {b[name]}" for name in sorted(a.keys() & b.keys()) if a[name] != b[name]}


def _is_seed_only(a: Execution | None, b: Execution | None) -> bool:
    if a is None or b is None:
        return False
    if a.source is None or b.source is None:
        return a.seeds != b.seeds
    return differs_in_seed_only(a.source, b.source) is not None


def _description(departure: Departure) -> str:
    if departure.kind == "source":
        return departure.detail
    name = "" if departure.name == departure.kind else f" {departure.name}:"
    return f"{departure.kind}{name} {departure.detail}"


def _is_drawn(entropy: str | None, source: str) -> bool:
    """Return whether the operating system supplied this entropy, as it does for unseeded generators."""
    return looks_unseeded(RngState(stream="", bit_generator="", state_sha256="", entropy=entropy), source)


def _names(departures: Sequence[Departure]) -> list[str]:
    return list(dict.fromkeys(departure.name for departure in departures))
