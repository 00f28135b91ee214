"""`Causes`: why a cell departs, as a class of cause with the evidence in the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ithtel.plain_text import message
from ithtel.provenance.cell_text.nondeterminism import clock_in
from ithtel.provenance.cell_text.seeds_and_imports import DROPPED, GLOBAL_STREAMS, differs_in_seed_only, seeds_first
from ithtel.reading.diff.alignment import key_of
from ithtel.reading.diff.causes.cell_code import CellCode
from ithtel.reading.diff.causes.external import contacts_of, names_program
from ithtel.reading.diff.causes.stream_causes import (
    is_moved,
    repeats,
    seeds,
    stream_cause,
    system_bits,
    unseeded_owners,
)
from ithtel.reading.diff.causes.text_causes import TextCauses, names_of, readable
from ithtel.reading.diff.verdict import CauseFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ithtel.reading.diff.verdict import Cause, Departure
    from ithtel.reading.history.values import Execution, History, Note

_MISSING_NAME = re.compile(r"name '(\w+)' is not defined")
_MISSING_MODULE = re.compile(r"No module named '([\w.]+)'")
_NEVER_MADE = re.compile(r"_.*|In|Out|exit|quit|get_ipython|display|__\w+__")


class Causes:
    """Finds the causes of departures, from the cells and the environments of both sessions."""

    def __init__(self, a: History, b: History) -> None:
        self.a, self.b = a, b
        self._seeded: set[str] = set()
        self._code = CellCode()
        self._text = TextCauses(self._code, (a.environment.hash_seed, b.environment.hash_seed))
        self._ran: set[str] = set()
        self.packages = _changed(a.environment.packages, b.environment.packages)
        self.threads = _changed(a.environment.threads, b.environment.threads)

    def learn(self, *executions: Execution | None) -> None:
        """Take in cells that have run: the names they bound and the streams they seeded."""
        for each in executions:
            if each is None:
                continue
            self._ran |= {key_of(each), key_of(each, by_digest=True)} if each.source_sha256 else {key_of(each)}
            self._code.learn(each)
            self._seeded |= {stream for stream in GLOBAL_STREAMS if seeds(each, stream)}

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
            case "rng" if any(each.kind == "order" for each in among):
                return None  # a cell that moved finds its streams in another state
            case "rng" if a is not None and b is not None:
                is_edited = any(each.kind == "source" for each in among)
                edit: Cause = "seed_changed" if _is_seed_only(a, b) else "code_changed"
                return self._stream_cause(a, b, departure.name, edit if is_edited else None)
            case _:
                return None

    def _stream_cause(self, a: Execution, b: Execution, stream: str, edit: Cause | None = None) -> Cause:
        """Return why the state of a random stream differs although no earlier cell changed it."""
        has_clock = any(clock_in(source) for source in self._code.sources(readable(a, b)))
        return stream_cause(a, b, stream, was_seeded=stream in self._seeded, edit=edit, has_clock=has_clock)

    def of_results(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound:
        """Return the likeliest cause of different results from the same inputs."""
        departures = [each for each in departures if not _is_overwritten(a, b, each)]
        for find in (
            self._error, self._hidden_generator, self._random, self._external, self._text.clock,
            self._text.temporary_name, self._used_packages, self._rounding, self._dropped_generator,
            self._unknown_names, self._text.hash_order, self._system_bits, self._around, self._text.random_bits,
            self._text.clock_of_module, self._text.address, self._any_package, self._uuid_of_module,
        ):  # fmt: skip
            found = find(a, b, departures)
            if found is not None:
                return found
        return CauseFound("unknown", names_of(departures), ["all recorded inputs are equal"])

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
            if kind == "FileNotFoundError" and not names_program(text, each):
                return CauseFound("input_changed", [message(text.rpartition(": ")[2]).strip("'")], [message(text)])
        return None

    def _hidden_generator(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return the generator, of a library too, that the recorder saw being drawn from without a seed."""
        same = {stream for stream in (*a.rng_after, *b.rng_after) if stream not in _streams(departures)}
        notes = [note for each in (b, a) for note in each.hazards if not note.detail.endswith(DROPPED)]
        return _unseeded(
            note
            for note in notes
            if not (note.names and all(name in same or repeats(a, b, name) for name in note.names))
        )

    def _dropped_generator(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        notes = [note for each in (b, a) for note in each.hazards if note.detail.endswith(DROPPED)]
        found = _unseeded(note for note in notes if not all(repeats(a, b, name) for name in note.names))
        if found is not None:
            return found
        owners = unseeded_owners(a, b)
        return CauseFound("unseeded_rng", list(owners), list(owners.values())) if owners else None

    def _uuid_of_module(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        owners = unseeded_owners(a, b, of_libraries=True)
        return CauseFound("unseeded_rng", list(owners), list(owners.values())) if owners else None

    def _system_bits(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        owners = system_bits((a, b))
        return CauseFound("unseeded_rng", list(owners), list(owners.values())) if owners else None

    def _random(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return the streams that the cell moved, and that were in another state before it."""
        streams = [
            stream
            for stream in _streams(departures)
            if (is_moved(a, stream) or is_moved(b, stream)) and not _began_equal(a, b, stream)
        ]
        if not streams:
            return None
        return CauseFound(
            self._stream_cause(a, b, streams[0]),
            streams,
            [f"random stream {name} was in another state when the cell began" for name in streams],
        )

    def _external(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return what the cell asked outside, unless a package that it uses has changed too."""
        found = contacts_of(a, b)
        if not found or self._used_packages(a, b, departures):
            return None
        return CauseFound("external_changed", list(found), list(found.values()))

    def _unknown_names(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        if self._code.has_unknown_names:
            return None
        names = sorted(
            name for name in {*a.reads, *b.reads} if not self._code.is_made(name) and not _NEVER_MADE.fullmatch(name)
        )
        if not names:
            return None
        return CauseFound("hidden_state", names, [f"no recorded cell made {name!r}" for name in names])

    def _used_packages(self, a: Execution, b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        used = self._code.packages(a) | self._code.packages(b)
        is_own = bool(self._code.unstable_modules(a))  # its imports are not known, so that any package counts
        names = [name for name in self.packages if name in used or is_own]
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
        if self.threads:
            return CauseFound("threads_changed", list(self.threads), [*self.threads.values(), *evidence])
        return CauseFound(
            "numerics", names_of(telling), ["all inputs are equal; only the last digits differ", *evidence]
        )

    def _any_package(self, _a: Execution, _b: Execution, _departures: Sequence[Departure]) -> CauseFound | None:
        return (
            CauseFound("package_changed", list(self.packages), list(self.packages.values())) if self.packages else None
        )


def _unseeded(hazards: Iterable[Note]) -> CauseFound | None:
    notes = [note for note in hazards if note.kind == "unseeded_rng"]
    if not notes:
        return None
    names = list(dict.fromkeys(name for note in notes for name in note.names))
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
    if a.source is None or b.source is None:  # a baseline
        if a.unseeded_sha256 is not None and a.unseeded_sha256 == b.unseeded_sha256:
            return a.literal_seeds != b.literal_seeds
        return False
    return differs_in_seed_only(a.source, b.source) is not None


def _description(departure: Departure) -> str:
    if departure.kind == "source":
        return departure.detail
    name = "" if departure.name == departure.kind else f" {departure.name}:"
    return f"{departure.kind}{name} {departure.detail}"


def _is_overwritten(a: Execution, b: Execution, departure: Departure) -> bool:
    """Return whether both cells seed a global stream at once, so that its state before them has no effect."""
    if departure.name not in GLOBAL_STREAMS or "after" in departure.detail:
        return False
    return all(seeds_first(each.source or "", departure.name) for each in (a, b))


def _streams(departures: Sequence[Departure]) -> list[str]:
    return [departure.name for departure in departures if departure.kind == "rng"]


def _began_equal(a: Execution, b: Execution, stream: str) -> bool:
    """Return whether a stream was in the same state in both sessions before the cell."""
    one, other = a.rng_before.get(stream), b.rng_before.get(stream)
    return one is not None and other is not None and one.sha256 == other.sha256
