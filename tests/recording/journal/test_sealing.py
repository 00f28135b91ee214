"""The running digest between two seals."""

from __future__ import annotations

from ithtel.events.format.seal import Chain
from ithtel.recording.journal.sealing import SEAL_LINES, Sealing


def written(sealing: Sealing, *lines: bytes) -> None:
    """Note lines as written, and take them into the digest."""
    sealing.fresh += lines
    sealing.absorb()


def test_the_digest_is_that_of_all_lines() -> None:
    """Absorbed in one step or in several."""
    sealing = Sealing()
    written(sealing, b"a\n")
    written(sealing, b"b\n", b"c\n")
    assert Chain.begin().extended([b"a\n", b"b\n", b"c\n"]).digest() == sealing.chain.digest()
    assert 6 == sealing.n_bytes


def test_a_seal_starts_the_digest_again() -> None:
    """From its own line on; alone it does not count."""
    sealing = Sealing()
    written(sealing, b"a\n")
    assert sealing.has_news()
    n_lines, digest, _checks = sealing.begin_next()
    seal = b'{"context":{"n_lines":1,"sha256":"%b"}}\n' % digest.encode()
    written(sealing, seal)
    assert (1, False) == (n_lines, sealing.has_news())
    assert Chain.begin(digest).extended([seal]).digest() == sealing.chain.digest()


def test_a_seal_is_due_after_many_lines() -> None:
    """Even in the middle of a cell."""
    sealing = Sealing()
    written(sealing, *[b"x\n"] * (SEAL_LINES - 1))
    assert not sealing.is_long
    written(sealing, b"x\n")
    assert sealing.is_long
