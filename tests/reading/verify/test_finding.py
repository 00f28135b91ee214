"""Of several findings, the first in the files is reported."""

from __future__ import annotations

from ithtel.reading.verify.finding import Finding, Place, What, first_of


def finding(position: int, what: What) -> Finding:
    """Return a finding at a line."""
    return Finding(place=Place(path="a", line_number=position, position=position), what=what, detail="x")


def test_the_first_place_counts_and_there_the_numbers() -> None:
    """A missing line explains that the digest of the next one is wrong."""
    first = first_of([finding(3, "moved"), finding(2, "changed"), finding(2, "removed")])
    assert finding(2, "removed") == first
    assert first_of([]) is None
