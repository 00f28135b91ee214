"""`Sealing`: the lines written since the last seal, as the digest that the next seal will hold."""

from __future__ import annotations

from ithtel.events.format.seal import Chain

SEAL_LINES = 4096
"""After this many lines a seal is written even in the middle of a cell."""
_SEAL = b',"sha256":"%b"'


class Sealing:
    """The running digest of one session and process."""

    def __init__(self) -> None:
        self.fresh: list[bytes] = []
        """Lines that are written but not yet in the digest; the same list as the sink's `fresh`."""
        self._n_bytes = 0
        self._chain = Chain.begin()
        self._next: tuple[bytes, Chain] | None = None
        self._has_seal = False

    @property
    def n_bytes(self) -> int:
        """The total size of the lines."""
        return self._n_bytes + sum(map(len, self.fresh))

    @property
    def chain(self) -> Chain:
        """The digest of the lines since the last seal, that seal included."""
        return self._chain

    @property
    def is_long(self) -> bool:
        """Whether so many lines have been written since the last seal that another is due."""
        return self._chain.n_lines >= SEAL_LINES

    def has_news(self) -> bool:
        """Return whether the digest covers anything but the last seal."""
        return self._chain.n_lines > self._has_seal

    def begin_next(self) -> tuple[int, str, str]:
        """Return the fields of a seal, and expect its line next: the digest starts again with that line."""
        digest = self._chain.digest()
        self._next = (_SEAL % digest.encode(), Chain.begin(digest))
        return self._chain.n_lines, digest, self._chain.checks()

    def absorb(self) -> None:
        """Add the fresh lines to the digest, with one assignment at the end so that an interrupt changes nothing."""
        fresh = self.fresh
        if not fresh:
            return
        chain, has_seal = self._chain, self._has_seal
        if self._next is not None and self._next[0] in fresh[0]:
            chain, has_seal = self._next[1], True
        chain = chain.extended(fresh)
        self._chain, self._has_seal, self._n_bytes = chain, has_seal, self.n_bytes
        fresh.clear()
