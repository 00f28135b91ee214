"""`StreamText`: the text of a stream as a reader sees it, after carriage returns and backspaces."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

from ithtel.events.notebook import TEXT_BYTES
from ithtel.provenance.shown_text import stable

if TYPE_CHECKING:
    from ithtel.provenance.volatile.surroundings import Look

_PENDING = 65_536
_BACK = re.compile("[^\n\b]\b")


def visible_line(line: str) -> str:
    r"""Return a line as it looks after its carriage returns and backspaces.

    >>> visible_line("10 %\r50 %\r100 %"), visible_line("long word\rshort"), visible_line("ab\bc")
    ('100 %', 'shortword', 'ac')
    """
    while "\b" in line:
        shorter = _BACK.sub("", line)
        line = shorter if shorter != line else line.replace("\b", "")
    visible = ""
    for part in line.split("\r"):
        visible = part + visible[len(part) :]
    return visible


def head(text: str, size: int = TEXT_BYTES) -> str:
    """Return the first characters of a text, at most `size` bytes of UTF-8."""
    data = text.encode("utf-8", "backslashreplace")
    return text if len(data) <= size and text.isascii() else data[:size].decode("utf-8", "ignore")


class StreamText:
    """Receives the chunks of a stream. It keeps only a digest and the beginning: long output takes no memory."""

    def __init__(self, look: Look | None = None) -> None:
        self._look = look
        self._stable = None if look is None else hashlib.sha256()
        self.volatile: Counter[str] = Counter()
        """What `stable_digest` leaves out."""
        self._pending: list[str] = []
        self._n_pending = 0
        self._line = ""
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        self.text = ""

    def write(self, text: str) -> None:
        """Add a chunk. This runs inside the user's `print`, so it usually does nothing more."""
        self._pending.append(text)
        self._n_pending += len(text)
        if self._n_pending > _PENDING:
            self._digest()

    def close(self) -> str | None:
        """Return the digest of the text in the end; None if there is none."""
        self._digest()
        self._add(visible_line(self._line))
        self._line = ""
        return self._hash.hexdigest() if self.size_bytes else None

    @property
    def stable_digest(self) -> str | None:
        """The digest of the text without its volatile parts; None if it has none."""
        return self._stable.hexdigest() if self._stable is not None and self.volatile else None

    def _digest(self) -> None:
        chunk = self._line + "".join(self._pending)
        self._pending.clear()
        self._n_pending = 0
        whole, _, rest = chunk.rpartition("\n")
        if whole or chunk.startswith("\n"):
            whole = whole.replace("\r\n", "\n").removesuffix("\r")
            if "\r" in whole or "\b" in whole:
                whole = "\n".join(map(visible_line, whole.split("\n")))
            self._add(whole + "\n")
        if len(rest) > _PENDING:
            rest = visible_line(rest)
        self._line = rest

    def _add(self, text: str) -> None:
        plain = stable(text)
        data = plain.encode("utf-8", "backslashreplace")
        if self._look is not None and self._stable is not None:
            clean, counts = self._look.cleaned(plain)
            self.volatile.update(counts)
            self._stable.update(clean.encode("utf-8", "backslashreplace"))
        self._hash.update(data)
        self.size_bytes += len(data)
        if len(self.text) < TEXT_BYTES:
            self.text = head(self.text + text)
