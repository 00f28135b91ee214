"""`compare_written`, `within_tolerance`: the files that two runs of a cell wrote, compared by their content."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ithtel.reading.diff.verdict import Departure, NotCompared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.history.values import Execution, WrittenFile

_TEXT = "text:"
_DIFFERS = "the file differs"
_TOLERATED = "its bytes differ; whether its numbers are equal within the tolerance is not known"
_UNKNOWN = "no digest: it was too large, or changed while it was digested"
_IN_NAME = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|tmp[a-z0-9_]{6,}|(?=[0-9a-f]*\d)[0-9a-f]{8,}|\d{4}-\d\d-\d\d(?:[T_ -]\d\d[-_h:.]?\d\d(?:[-_m:.]?\d\d)?)?|\d{6,}"
)
"""What differs in names that programs make up: UUIDs, temporary names, digests, dates and times, process ids."""


class ComparedFiles(NamedTuple):
    """`excused` are files whose bytes differ although their content does not, or is not known to."""

    departures: list[Departure]
    not_compared: list[NotCompared]
    excused: set[str]


def compare_written(a: Execution, b: Execution, *, with_presence: bool) -> ComparedFiles:
    """Return how the files that two runs of a cell wrote differ.

    Args:
        a: The run to compare with.
        b: The run that is compared.
        with_presence: Whether a file that only one run wrote is a departure.
    """
    found = ComparedFiles([], [], set())
    for path in [path for path in a.written if path in b.written]:
        _compare(path, a.label, a.written[path], b.written[path], found)
    if with_presence and not ({"files"} & {*a.skipped, *b.skipped}):
        _compare_presence(a, b, found)
    return found


def within_tolerance(found: ComparedFiles, label: str) -> ComparedFiles:
    """Return what was found if numbers may differ a little: files with other bytes are named, and are no departures."""
    other = [each.name for each in found.departures if each.detail == _DIFFERS]
    return ComparedFiles(
        [each for each in found.departures if each.detail != _DIFFERS],
        [
            *found.not_compared,
            *(NotCompared(kind="file", cell=label, what=f"file {name}", reason=_TOLERATED) for name in other),
        ],
        found.excused | set(other),
    )


def _compare(path: str, label: str, a: WrittenFile, b: WrittenFile, found: ComparedFiles) -> None:
    if a.sha256 is not None and a.sha256 == b.sha256:
        return
    reason = a.reason or b.reason
    if a.content is not None and b.content is not None and _kind(a) == _kind(b):
        if a.content != b.content:
            found.departures.append(_departure(path, a, b))
            return
        reason = "the time of day and ids in it" if a.content.startswith(_TEXT) else None
    elif a.sha256 is None or b.sha256 is None:
        reason = _UNKNOWN
    elif reason is None:
        found.departures.append(_departure(path, a, b))
        return
    found.excused.add(path)
    if reason is not None:
        found.not_compared.append(NotCompared(kind="file", cell=label, what=f"file {path}", reason=reason))


def _kind(file: WrittenFile) -> str:
    return (file.content or "").partition(":")[0]


def _departure(path: str, a: WrittenFile, b: WrittenFile) -> Departure:
    return Departure(kind="written", name=path, detail=_DIFFERS, a=a.sha256, b=b.sha256)


def _compare_presence(a: Execution, b: Execution, found: ComparedFiles) -> None:
    """Compare which files were written; a name that a program made up cannot be expected again."""
    ours, theirs = (_relative(one.written.keys() - other.written.keys()) for one, other in ((a, b), (b, a)))
    patterns = {_pattern(path) for path in ours} & {_pattern(path) for path in theirs}
    for path in ours + theirs:
        if _pattern(path) in patterns and _pattern(path) != path:
            if path in ours:
                reason = "its name differs in every run"
                found.not_compared.append(NotCompared(kind="file", cell=a.label, what=f"file {path}", reason=reason))
        else:
            found.departures.append(Departure(kind="written", name=path, detail="written in only one of the sessions"))


def _relative(paths: Iterable[str]) -> list[str]:
    """Return the paths that are the same on every machine."""
    return sorted(path for path in paths if not re.match(r"/|~|[A-Za-z]:/", path))


def _pattern(path: str) -> str:
    return _IN_NAME.sub("*", path)
