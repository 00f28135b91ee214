"""`Place`, `Finding`, `first_of`: what was changed in a log, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

What = Literal["changed", "removed", "added", "moved"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line of a file; `position` counts lines across all files."""

    path: str
    line_number: int
    position: int

    def __str__(self) -> str:
        return f"{self.path}, line {self.line_number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A change to a log since it was written."""

    place: Place
    what: What
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: {self.detail}"


def first_of(findings: list[Finding]) -> Finding | None:
    """Return the first finding in the files; of two on one line, the one that sequence numbers show."""
    return min(findings, key=lambda finding: (finding.place.position, finding.what == "changed"), default=None)
