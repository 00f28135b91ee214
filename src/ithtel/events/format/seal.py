"""`Chain`, `sealed`, `unsealed`: a running digest over the lines of one session and process, which reveals changes.

The digest of a seal is SHA-256 over the 64 hexadecimal digits of the previous seal's digest (none for the first seal)
and every line since, line feeds included, starting with the previous seal's own line. `session.end` seals itself: its
`sha256` is the digest of its line computed while that field holds 64 zeros.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

UNSEALED = "0" * 64
"""The value of `sha256` in `session.end` while the digest of its line is computed."""
_FIELD = b'"sha256":"'
_MARK = b'"context":{"event_type":"session.end"'


class Chain:
    r"""The digest of the lines since the last seal. It is immutable: `extended` returns a new one.

    >>> chain = Chain.begin().extended([b"{}\n"])
    >>> chain.n_lines, chain.digest()[:8]
    (1, 'ca3d163b')
    """

    __slots__ = ("_checks", "_hash", "n_lines")

    def __init__(self, running: hashlib._Hash, checks: tuple[tuple[int, ...], ...], n_lines: int) -> None:
        self._hash = running
        self._checks = checks
        self.n_lines = n_lines

    @classmethod
    def begin(cls, previous_sha256: str = "") -> Chain:
        """Return the chain just after a seal, or at the start of a session."""
        return cls(hashlib.sha256(previous_sha256.encode()), (), 0)

    def extended(self, lines: Sequence[bytes]) -> Chain:
        """Return the chain with `lines` added, each including its line feed."""
        running = self._hash.copy()
        running.update(b"".join(lines))
        return Chain(running, (*self._checks, tuple(map(zlib.crc32, lines))), self.n_lines + len(lines))

    def digest(self) -> str:
        """Return the digest as 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def checks(self) -> str:
        """Return the CRC-32 of each line, 8 hexadecimal digits each; they identify a changed line."""
        return b"".join([struct.pack(f">{len(some)}I", *some) for some in self._checks]).hex()


def sealed(line: bytes, chain: Chain) -> bytes:
    """Return the line of `session.end` with its own digest in place of the zeros."""
    return _with_digits(line, chain.extended([line]).digest())


def unsealed(line: bytes) -> tuple[bytes, str | None]:
    """Return the line of `session.end` with zeros in place of its digest, and the digest, None if it has none."""
    at = line.rfind(_FIELD, line.rfind(_MARK))
    if at < 0:
        return line, None
    start = at + len(_FIELD)
    digits = line[start : start + len(UNSEALED)]
    return _with_digits(line, UNSEALED), digits.decode("ascii", "replace")


def _with_digits(line: bytes, digits: str) -> bytes:
    at = line.rfind(_FIELD, line.rfind(_MARK)) + len(_FIELD)
    return line[:at] + digits.encode() + line[at + len(digits) :]
