"""`diff`: compares two sessions and finds the first departure and its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.errors import LogError
from ithtel.plain_text import count
from ithtel.reading.diff.alignment import align
from ithtel.reading.diff.causes.causes import Causes, environment_changes
from ithtel.reading.diff.compared.cells import Comparison
from ithtel.reading.diff.compared.unknown import without_fingerprints
from ithtel.reading.diff.compared.values import Tolerance
from ithtel.reading.diff.propagation import Tracing
from ithtel.reading.diff.verdict import Difference, Verdict
from ithtel.reading.history.build import history
from ithtel.reading.history.values import History

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.reading.diff.alignment import Pair
    from ithtel.reading.diff.compared.values import Contents
    from ithtel.reading.lines.log import Log


def diff(
    a: Log | History,
    b: Log | History,
    rtol: float | None = None,
    atol: float | None = None,
    *,
    contents: Contents | None = None,
    is_partial: bool = False,
) -> Difference:
    """Compare two sessions cell by cell, and find where the second first departs from the first, and why.

    Times, ids, durations, processes and paths of folders never count.

    Args:
        a: The record to compare with.
        b: The record that is compared.
        rtol: Relative tolerance of numbers: `abs(a - b) <= atol + rtol * max(abs(a), abs(b))`. Arrays are compared
            by their kept contents, else by their sketches; then the verdict notes `values not kept`.
        atol: Absolute tolerance.
        contents: Returns the content that the object store kept for a digest.
        is_partial: `b` is still running: cells that it has not run yet are not departures.

    Raises:
        InputError: A tolerance is negative or NaN.
        LogError: One of the sessions is private: the keys of its digests are not stored.

    >>> from ithtel.reading.lines.log import Log
    >>> diff(Log.from_lines([]), Log.from_lines([])).is_identical
    True
    """
    ours, theirs = (each if isinstance(each, History) else history(each) for each in (a, b))
    _require_open(ours, theirs)
    tolerance = Tolerance(rtol=rtol or 0.0, atol=atol or 0.0)
    pairs = align(ours.steps, theirs.steps)
    if is_partial:
        pairs = _so_far(pairs)
    causes = Causes(ours, theirs)
    comparison = Comparison(
        tolerance, contents or _nothing,
        with_outputs=_show_outputs(ours, theirs), with_files=_show_files(ours, theirs),
    )  # fmt: skip
    tracing = Tracing(causes, comparison, pairs)
    for pair in pairs:
        tracing.add(pair)
    return _difference(ours, theirs, causes, tracing, n_cells=len(pairs), tolerance=tolerance)


def _require_open(a: History, b: History) -> None:
    """Raise LogError if no digest of one session can equal one of the other."""
    private = [what for each, what in ((a, "first"), (b, "second")) if each.is_private]
    if not private or (a.session_id is not None and a.session_id == b.session_id):
        return
    which = f"the {private[0]} session is" if len(private) == 1 else "both sessions are"
    raise LogError(f"{which} private: values cannot be compared, because each private session keys its digests anew")


def _difference(
    a: History, b: History, causes: Causes, tracing: Tracing, *, n_cells: int, tolerance: Tolerance
) -> Difference:
    roots = tracing.roots()
    differences = list(_environment_differences(a, b, causes))
    notes = list(_around(differences, is_identical=not roots))
    if tracing.not_kept:
        notes.append(f"values not kept: {', '.join(dict.fromkeys(tracing.not_kept))}")
    if not tolerance.is_exact:
        notes.append(f"numbers are equal within rtol={tolerance.rtol:g}, atol={tolerance.atol:g}")
    for each, what in ((a, "first"), (b, "second")):
        n_open = sum(cell.status == "unfinished" for cell in each.executions)
        if n_open:
            notes.append(f"the {what} record ends inside a cell: {count(n_open, 'cell')} compared by source only")
    verdict = Verdict(
        outcome="departs" if roots else "identical",
        first=roots[0] if roots else None,
        others=roots[1:],
        n_cells=n_cells,
        n_same=tracing.n_same,
        notes=notes,
        not_compared=[*without_fingerprints(a, b), *tracing.not_compared, *tracing.comparison.left_out.entries()],
        hazards=[] if roots else tracing.hazards,
    )
    return Difference(a=a.name, b=b.name, cells=tracing.cells, surroundings=differences, verdict=verdict)


def _environment_differences(a: History, b: History, causes: Causes) -> Iterator[str]:
    """Yield the differences between the environments."""
    ours, theirs = a.environment, b.environment
    if ours.python != theirs.python and None not in (ours.python, theirs.python):
        yield f"{ours.python} → {theirs.python}"
    yield from (f"package {change}" for change in causes.packages.values())
    yield from (f"threads of {change}" for change in causes.threads.values())
    yield from (change for _, change in environment_changes(a, b))
    if ours.hash_seed != theirs.hash_seed:
        yield f"PYTHONHASHSEED {ours.hash_seed or 'not set'} → {theirs.hash_seed or 'not set'}"


def _around(differences: Sequence[str], *, is_identical: bool) -> Iterator[str]:
    """Yield a note on each difference around the cells: packages, threads, time zone, hash seed, Python."""
    for change in differences:
        yield f"{change}: no cell differs because of it" if is_identical else f"differs around the cells: {change}"


def _so_far(pairs: Sequence[Pair]) -> list[Pair]:
    """Leave out the cells of the first session after the last one that the second has run."""
    last = max((i for i, pair in enumerate(pairs) if pair.b is not None), default=-1)
    return list(pairs[: last + 1])


def _show_outputs(a: History, b: History) -> bool:
    """Return whether both sessions recorded the outputs of cells."""
    recorded = {"hash", "text"}
    return all(
        any(cell.outputs for cell in each.executions) or each.config.get("record_outputs") in recorded
        for each in (a, b)
    )


def _show_files(a: History, b: History) -> bool:
    """Return whether both sessions recorded which files they wrote: a baseline that holds none may be an older one."""
    return all(each.session_id is not None or any(cell.written for cell in each.steps) for each in (a, b))


def _nothing(_sha256: str) -> None:
    """Return None: no contents are kept."""
