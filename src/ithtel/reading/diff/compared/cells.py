"""`Comparison`: two runs of one cell, compared in everything that the record holds about them."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from ithtel.events.notebook import TEXT_BYTES
from ithtel.plain_text import NOTHING, message, number, numbers_apart, short, texts_apart, without_locations
from ithtel.provenance.cell_text.celltext import loads_ithtel
from ithtel.reading.diff.alignment import is_inert
from ithtel.reading.diff.compared.streams import compare_streams
from ithtel.reading.diff.compared.unknown import not_compared
from ithtel.reading.diff.compared.values import ROUNDING, SUMMARIES, Tolerance, compare_values
from ithtel.reading.diff.compared.volatile import LeftOut
from ithtel.reading.diff.compared.written import ComparedFiles, compare_written, within_tolerance
from ithtel.reading.diff.verdict import Departure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.diff.compared.values import Contents
    from ithtel.reading.history.values import Algorithm, Execution, Output

_CUT_BYTES = 4
"""A text that is truncated inside a character is shorter by up to this many bytes."""
_ABSENT = object()
"""Stands for a field that a result does not have."""


class Comparison:
    """Compares executions.

    Args:
        tolerance: How much numbers may differ.
        contents: Returns the kept content of a digest, None if it was not kept.
        with_outputs: Whether both sessions recorded the outputs of cells.
        with_files: Whether both sessions recorded which files they wrote.
    """

    def __init__(
        self, tolerance: Tolerance, contents: Contents, *, with_outputs: bool = True, with_files: bool = True
    ) -> None:
        self.tolerance = tolerance
        self.contents = contents
        self.with_outputs = with_outputs
        self.left_out = LeftOut()
        """The volatile parts in which the cells differ."""
        self.with_files = with_files

    def written(self, a: Execution, b: Execution) -> ComparedFiles:
        """Return how the files that two runs of a cell wrote differ; nothing for cells that did not run to an end."""
        if is_inert(a) and is_inert(b):
            return ComparedFiles([], [], set())
        is_whole = not {a.status, b.status} & {"unfinished", "prior"}
        found = compare_written(a, b, with_presence=self.with_files and is_whole and a.status == b.status)
        return found if self.tolerance.is_exact else within_tolerance(found, a.label)

    def departures(self, a: Execution, b: Execution) -> list[Departure]:
        """Return all differences between two runs of a cell: first in their inputs, then in their results."""
        inputs = [*_source(a, b), *_digests(a, b), *_seeds(a, b)]
        if not self.reads_results(a, b):
            return inputs
        results = [*_status(a, b), *self._values(a, b), *self._algorithms(a, b), *self._results(a, b)]
        if self.with_outputs:
            results += self._outputs(a, b)
        unknown = (each.what for each in not_compared(a, b))
        is_relevant = bool(results) or any(name not in a.values and name not in b.values for name in unknown)
        return [*inputs, *compare_streams(a, b, is_relevant=is_relevant), *results]

    @staticmethod
    def reads_results(a: Execution, b: Execution) -> bool:
        """Return whether the results of two runs are compared: not if they only display the record, or have none."""
        if is_inert(a) and is_inert(b):
            return False
        return "unfinished" not in (a.status, b.status) and "prior" not in (a.status, b.status)

    def _values(self, a: Execution, b: Execution) -> Iterator[Departure]:
        for name in _both(a.values, b.values):
            one, other = a.values[name], b.values[name]
            if self.left_out.is_same_value(a.label, name, one, other):
                continue
            if not (self._is_compared_by_fields(a) and one.type == other.type and one.type.startswith(SUMMARIES)):
                yield from compare_values(name, one, other, self.tolerance, self.contents)
        if a.status == b.status == "ok":
            for name in sorted(set(a.writes) ^ set(b.writes)):
                yield Departure(kind="value", name=name, detail="bound in only one of the sessions")

    def _algorithms(self, a: Execution, b: Execution) -> Iterator[Departure]:
        for n, (one, other) in enumerate(zip_longest(a.algorithms, b.algorithms), start=1):
            named = one or other
            name = f"{named.name} {n}" if len(a.algorithms) > 1 else named.name
            if one is None or other is None:
                yield Departure(kind="algorithm", name=name, detail="run in only one of the sessions")
            else:
                yield from self._algorithm(
                    name, one, other, has_results=bool(a.results) and self._is_compared_by_fields(a)
                )

    def _is_compared_by_fields(self, a: Execution) -> bool:
        """Return whether recorded results are compared within a tolerance, so that digests over them may differ."""
        return bool(a.results or a.algorithms) and not self.tolerance.is_exact

    def _algorithm(self, name: str, a: Algorithm, b: Algorithm, *, has_results: bool) -> Iterator[Departure]:
        for what in ("version", "config", "input_hash"):
            one, other = getattr(a, what), getattr(b, what)
            if one != other and None not in (one, other):
                yield Departure(kind="algorithm", name=name, detail=_fields(what, one, other))
        if a.metrics != b.metrics and None not in (a.metrics, b.metrics):
            detail = f"metrics: {_fields('', a.metrics, b.metrics)}"
            if self.tolerance.is_exact or not self.tolerance.holds(a.metrics, b.metrics):
                close = Tolerance(rtol=ROUNDING).holds(a.metrics, b.metrics)
                yield Departure(kind="algorithm", name=name, detail=detail, is_rounding=close)
        if not (has_results and a.n_epochs == b.n_epochs == 0):
            yield from self._epochs(name, a, b)

    def _epochs(self, name: str, a: Algorithm, b: Algorithm) -> Iterator[Departure]:
        """Compare epochs to the bit, and name the first that differs; if they are not listed, compare their digest."""
        if a.n_epochs != b.n_epochs:
            yield Departure(kind="epoch", name=name, detail=f"{a.n_epochs} → {b.n_epochs} epochs")
        for one, other in zip(a.epochs, b.epochs, strict=False):
            names = [field for field in one.__struct_fields__ if getattr(one, field) != getattr(other, field)]
            if names:
                first = [[getattr(epoch, field) for field in names] for epoch in (one, other)]
                if not self.tolerance.is_exact and self.tolerance.holds(*first):
                    continue
                detail = f"epoch {one.epoch_index}: {names[0]} {' → '.join(_apart(first[0][0], first[1][0]))}"
                close = Tolerance(rtol=ROUNDING).holds(*first)
                yield Departure(kind="epoch", name=name, detail=detail, is_rounding=close)
                return
        if not (a.epochs and b.epochs) and a.n_epochs == b.n_epochs and a.output_hash != b.output_hash:
            yield Departure(
                kind="epoch", name=name, detail="the epochs differ (only their digest was kept)", kept=False
            )

    def _outputs(self, a: Execution, b: Execution) -> Iterator[Departure]:
        if _loads_extension(a) and _loads_extension(b):
            return  # its output names the log file
        ours, theirs = [each for each in a.outputs if each.mime], [each for each in b.outputs if each.mime]
        for one, other in zip_longest(ours, theirs):
            if one is None or other is None:
                kind = (one or other).kind
                yield Departure(kind="output", name=kind, detail="shown in only one of the sessions")
            else:
                yield from _output(one, other, self.left_out.same_types(a.label, one, other))

    def _results(self, a: Execution, b: Execution) -> Iterator[Departure]:
        for kind, ours, theirs in (
            ("statistic", a.results, b.results), ("decision", a.decisions, b.decisions),
        ):  # fmt: skip
            for one, other in zip_longest(ours, theirs):
                named = one or other or {}
                name = " of ".join(str(named[key]) for key in ("test_name", "subject") if key in named) or kind
                if one is None or other is None:
                    yield Departure(kind=kind, name=name, detail="recorded in only one of the sessions")  # type: ignore[arg-type]
                elif one != other and (
                    self.tolerance.is_exact
                    or not self.tolerance.holds(_without_identities(one), _without_identities(other))
                ):
                    close = Tolerance(rtol=ROUNDING).holds(_without_identities(one), _without_identities(other))
                    detail = _fields("", _without_identities(one), _without_identities(other)) or "the samples differ"
                    yield Departure(kind=kind, name=name, detail=detail, is_rounding=close)  # type: ignore[arg-type]


def _source(a: Execution, b: Execution) -> Iterator[Departure]:
    if a.source == b.source and (a.source is not None or a.source_sha256 == b.source_sha256):
        return
    if None in (a.source, b.source):  # a baseline holds only the digest
        if a.source_sha256 != b.source_sha256:
            yield Departure(kind="source", name="source", detail=_seeds_in_text(a, b) or "the source differs")
        return
    detail = _changed_line(a.source or "", b.source or "")
    yield Departure(kind="source", name="source", detail=detail, a=a.source, b=b.source)


def _changed_line(a: str, b: str) -> str:
    """Return the number of the first line that differs, and both lines."""
    for n, (one, other) in enumerate(zip_longest(a.splitlines(), b.splitlines(), fillvalue=""), start=1):
        if one != other:
            found = texts_apart(one, other, 60)
            return f"line {n}: {' → '.join(found) if found else f'{message(one, 60)}, in another folder'}"
    return "only the ends of lines differ"


def _seeds_in_text(a: Execution, b: Execution) -> str | None:
    """Return the seeds that differ if nothing else in the texts does, as far as a baseline shows."""
    if a.unseeded_sha256 is None or a.unseeded_sha256 != b.unseeded_sha256:
        return None
    pairs = zip(a.literal_seeds, b.literal_seeds, strict=False)
    return ", ".join(f"seed {one} → {other}" for one, other in pairs if one != other) or None


def _digests(a: Execution, b: Execution) -> Iterator[Departure]:
    for name in _both(a.modules, b.modules):
        if a.modules[name] != b.modules[name]:
            yield Departure(kind="module", name=name, detail="the file differs", a=a.modules[name], b=b.modules[name])
    for path in _both(a.files, b.files):
        if a.files[path] != b.files[path]:
            yield Departure(kind="file", name=path, detail="the content differs", a=a.files[path], b=b.files[path])
    for path in _both(a.data, b.data):
        if a.data[path] != b.data[path] and a.files.get(path) == b.files.get(path):
            yield Departure(kind="data", name=path, detail="the content differs", a=a.data[path], b=b.data[path])


def _seeds(a: Execution, b: Execution) -> Iterator[Departure]:
    if a.seeds != b.seeds:
        one, other = (", ".join(map(str, each.seeds)) or "none" for each in (a, b))
        yield Departure(kind="seed", name="seed", detail=f"{one} → {other}", a=one, b=other)


def _status(a: Execution, b: Execution) -> Iterator[Departure]:
    if a.status != b.status or (a.error or ("", ""))[0] != (b.error or ("", ""))[0]:
        one, other = map(_ending, (a, b))
        yield Departure(kind="status", name="status", detail=f"{one} → {other}", a=one, b=other)
    elif a.error != b.error and _error_text(a) != _error_text(b):
        yield Departure(
            kind="status",
            name="error",
            detail=f"{_error_text(a)} → {_error_text(b)}",
            a=_error_text(a),
            b=_error_text(b),
        )


def _ending(execution: Execution) -> str:
    if execution.error is not None and execution.status == "error":
        return f"failed ({message(': '.join(execution.error), 80)})"
    return {"ok": "succeeded", "error": "failed"}.get(execution.status, execution.status)


def _error_text(execution: Execution) -> str:
    return message(": ".join(execution.error or ("", "")), 80)


def _output(a: Output, b: Output, same: set[str]) -> Iterator[Departure]:
    same |= {"text/plain"} if _is_same_text(a.text, b.text) else set()
    for mime in sorted((a.mime.keys() | b.mime.keys()) - same):
        if a.mime.get(mime) != b.mime.get(mime):
            found = texts_apart(a.text, b.text, 40) if a.text and b.text else None
            detail = " → ".join(found) if found else f"{mime} differs"
            yield Departure(kind="output", name=a.kind, detail=detail, kept=bool(a.text and b.text))
            return


def _is_same_text(a: str | None, b: str | None) -> bool:
    """Return whether two texts that were recorded in full are equal except for paths and addresses."""
    if a is None or b is None or max(len(a.encode()), len(b.encode())) > TEXT_BYTES - _CUT_BYTES:
        return False
    return without_locations(a) == without_locations(b)


def _loads_extension(execution: Execution) -> bool:
    return loads_ithtel(execution.source or "")


def _both(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    return [name for name in a if name in b]


def _without_identities(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without the ids that are derived from the sample."""
    return {name: value for name, value in result.items() if name not in ("hypothesis_id", "input_hash")}


def _fields(name: str, a: Any, b: Any) -> str:  # noqa: ANN401 - JSON
    """Return the first fields in which two JSON values differ: `n_epochs 4 → 5, sharpe 1.2 → 1.3`."""
    if a == b:
        return ""
    if isinstance(a, dict) and isinstance(b, dict):
        parts = [
            _fields(f"{name}.{key}".removeprefix("."), a.get(key, _ABSENT), b.get(key, _ABSENT))
            for key in sorted(a.keys() | b.keys())
        ]
        found = [part for part in parts if part]
        return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")  # noqa: PLR2004
    if name.endswith("hash"):
        return f"{name} differs"
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        n = next(n for n, (one, other) in enumerate(zip(a, b, strict=True)) if one != other)
        return _fields(f"{name}[{n}]", a[n], b[n])
    return f"{name} {' → '.join(_apart(a, b))}"


def _apart(a: Any, b: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    """Return short texts of two different values, with as many digits as show that they differ."""
    if _is_number(a) and _is_number(b):
        return numbers_apart(a, b)
    if a is _ABSENT or b is _ABSENT:
        one, other = (NOTHING if each is _ABSENT else _short(each) for each in (a, b))
        return one, other
    one, other = map(_short, (a, b))
    if one != other:
        return one, other
    if isinstance(a, str) and isinstance(b, str):
        return texts_apart(a, b, 40) or (one, f"{other} in another folder or line")
    return texts_apart(str(a), str(b), 40) or (short(repr(a), 40), short(repr(b), 40))


def _short(value: Any) -> str:  # noqa: ANN401 - JSON
    return number(value) if _is_number(value) else message(str(value), 40) or "''"


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, float | int) and not isinstance(value, bool)
