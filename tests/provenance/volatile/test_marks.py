"""Replacements are counted, and the padding around them does not count."""

from __future__ import annotations

from ithtel.provenance.volatile.marks import Marks


def test_padding_does_not_count() -> None:
    """A column is as wide as its longest text."""
    marks = Marks()
    mark = marks.mark("folder")
    assert marks.closed(f"a   {mark}  b\n-----") == marks.closed(f"a {mark}   b\n--------")
    assert {"folder": 1} == marks.counts
