"""`TextCauses`: causes that the text of code shows: clocks, the order of sets, temporary names, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ithtel.provenance.cell_text.nondeterminism import clock_in, uses_hash_order
from ithtel.reading.diff.verdict import CauseFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.reading.diff.causes.cell_code import CellCode
    from ithtel.reading.diff.verdict import Departure
    from ithtel.reading.history.values import Execution

_TEMPORARY = re.compile(r"\b(?:mkdtemp|mkstemp|NamedTemporaryFile|TemporaryDirectory|TemporaryFile)\b")
_RANDOM_BITS = re.compile(r"\b(uuid4|urandom|token_hex|token_bytes|token_urlsafe|SystemRandom)\s*\(")
_IDENTITY = re.compile(r"(?<![\w.])id\(")
_REPR = re.compile(r"\brepr\(|\bstr\(|\bformat\(|%[rs]|\bf[\"']")
_TEXTS = frozenset({"str", "Path", "PosixPath", "WindowsPath"})


class TextCauses:
    """Finds what in the code of a cell, of the functions that it uses and of the user's modules differs in every run.

    Args:
        code: What the cells before bound, and the modules that they loaded.
        hash_seeds: PYTHONHASHSEED of both sessions; None if it was not set.
    """

    def __init__(self, code: CellCode, hash_seeds: tuple[str | None, str | None]) -> None:
        self._code = code
        self._hash_seeds = hash_seeds

    def clock(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return the clock that the code reads, or of which the recorder warned."""
        found = _of_hazards(a, b, "clock", departures)
        if found is not None:
            return found
        names = names_of(departures)
        has_values = any(each.kind == "value" for each in departures)
        for source in self._code.sources(readable(a, b)):
            clock = clock_in(source)
            if clock is not None and not (has_values and clock.startswith("%")):  # %time only prints
                return CauseFound("clock_or_hash_order", names, [f"the cell uses {clock}, which differs in every run"])
        return None

    def clock_of_module(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return the module of the user's own whose code reads a clock: whether the cell calls that is unknown."""
        module = self._unstable_module(a, b, "clock")
        evidence = f"the code of {module} reads a clock or a process id, which differ in every run"
        return CauseFound("clock_or_hash_order", names_of(departures), [evidence]) if module else None

    def hash_order(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return what depends on the order of a set, if PYTHONHASHSEED leaves that open."""
        found = _of_hazards(a, b, "hash_order", departures)
        if found is not None:
            return found
        ours, theirs = self._hash_seeds
        if ours == theirs and ours not in (None, "random"):
            return None
        change = "is not set" if ours == theirs else f"{ours or 'not set'} → {theirs or 'not set'}"
        user = "the cell" if any(map(uses_hash_order, self._code.sources(readable(a, b)))) else None
        module = None if user else self._unstable_module(a, b, "hash_order")
        if user is None and module is None:
            return None
        which = user or f"the code of {module}"
        order = f"{which} uses a set or a hash, whose order or value differs in every process"
        return CauseFound("clock_or_hash_order", names_of(departures), [order, f"PYTHONHASHSEED {change}"])

    def random_bits(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return the call that takes random bits of the operating system, for records without `entropy.request`."""
        for source in self._code.sources(readable(a, b)):
            call = _RANDOM_BITS.search(source)
            if call is not None:
                evidence = f"the cell uses {call[1]}(), which takes random bits of the operating system"
                return CauseFound("unseeded_rng", names_of(departures), [evidence])
        module = self._unstable_module(a, b, "entropy")
        evidence = f"the code of {module} takes random bits of the operating system"
        return CauseFound("unseeded_rng", names_of(departures), [evidence]) if module else None

    def temporary_name(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return the cause `address` if all that differs is text, and the code makes temporary names."""
        if not all(_is_text(each, a) for each in departures if each.kind != "rng"):
            return None
        for source in self._code.sources(readable(a, b)):
            call = _TEMPORARY.search(source)
            if call is not None:
                return CauseFound(
                    "address", names_of(departures), [f"the cell uses {call[0]}, a new name in every run"]
                )
        module = self._unstable_module(a, b, "temporary_name")
        evidence = f"the code of {module} makes a temporary file, with a new name in every run"
        return CauseFound("address", names_of(departures), [evidence]) if module else None

    def address(self, a: Execution, b: Execution, departures: Sequence[Departure]) -> CauseFound | None:
        """Return the cause `address` if the address of an object may be in what differs."""
        names = names_of(departures)
        for source in self._code.sources(readable(a, b)):
            call = _IDENTITY.search(source)
            if call is not None:
                return CauseFound("address", names, [f"the cell uses {call[0]}), the address of an object"])
        call = _REPR.search(readable(a, b).source or "")
        objects = self._code.objects(readable(a, b))
        if call is not None and objects and all(_is_text(each, a) for each in departures):
            evidence = [f"the text of {name}, a {kind}, may hold its address" for name, kind in objects.items()]
            return CauseFound("address", names, evidence)
        module = self._unstable_module(a, b, "address")
        if module is not None:
            return CauseFound("address", names, [f"the code of {module} uses id(), the address of an object"])
        return None

    def _unstable_module(self, a: Execution, b: Execution, kind: str) -> str | None:
        """Return the module of the user's own that the cell may use and whose code uses what differs in runs."""
        modules = self._code.unstable_modules(readable(a, b))
        return next((name for name, uses in modules.items() if kind in uses), None)


def readable(a: Execution, b: Execution) -> Execution:
    """Return the execution whose text is known: a baseline holds none."""
    return a if a.source is not None else b


def names_of(departures: Sequence[Departure]) -> list[str]:
    """Return the names that departures concern, each once."""
    return list(dict.fromkeys(departure.name for departure in departures))


def _is_text(departure: Departure, a: Execution) -> bool:
    """Return whether what differs is a text, a path or an output."""
    value = a.values.get(departure.name.partition(".")[0])
    return departure.kind == "output" or (value is not None and value.type.rpartition(".")[2] in _TEXTS)


def _of_hazards(a: Execution, b: Execution, kind: str, departures: Sequence[Departure]) -> CauseFound | None:
    notes = [note for each in (a, b) for note in each.hazards if note.kind == kind]
    if not notes:
        return None
    evidence = dict.fromkeys(note.detail or f"a warning of {note.kind}" for note in notes)
    return CauseFound("clock_or_hash_order", names_of(departures), list(evidence))
