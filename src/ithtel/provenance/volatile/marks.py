"""`Kind`, `Marks`: what a volatile part is replaced by, and how many of each kind were replaced."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

Kind = Literal["time of day", "date", "duration", "folder", "temporary name", "process id", "uuid", "address"]
"""What can be left out of a comparison; `cell.output` and fingerprints count the parts by these names."""

_OPENS, _CLOSES = "\ue000", "\ue001"
_PADDED = re.compile(f" *({_OPENS}[a-z ]+{_CLOSES}) *")
_SPACES = re.compile("  +")
_RULE = re.compile(r"([-=_─━])\1{3,}")


class Marks:
    """Makes the replacements in one text, and counts them.

    >>> marks = Marks()
    >>> text = "at " + marks.mark("time of day")
    >>> dict(marks.counts)
    {'time of day': 1}
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.moments: list[int] = []
        """The moments that were recognised, in seconds since 1970."""

    def mark(self, kind: Kind) -> str:
        """Count a part, and return what to put in its place: a text that no output has."""
        self.counts[kind] += 1
        return f"{_OPENS}{kind}{_CLOSES}"

    def closed(self, text: str) -> str:
        """Return a text without the padding of tables, which depends on the width of the parts that were replaced."""
        if self.counts:
            text = _PADDED.sub(r"\1", text)
        return _RULE.sub(r"\1", _SPACES.sub(" ", text))
