"""The running digest over lines, and the last line that seals itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ithtel.events.format.seal import UNSEALED, Chain, sealed, unsealed

LAST = b'{"context":{"event_type":"session.end","sha256":"%b"}}\n'


@given(st.lists(st.binary(max_size=8)), st.integers(0, 10))
def test_a_digest_does_not_depend_on_how_lines_are_grouped(lines: list[bytes], at: int) -> None:
    """Neither do the CRC-32, eight digits per line."""
    whole = Chain.begin("x").extended(lines)
    parts = Chain.begin("x").extended(lines[:at]).extended(lines[at:])
    assert (whole.digest(), whole.checks(), whole.n_lines) == (parts.digest(), parts.checks(), parts.n_lines)
    assert 8 * len(lines) == len(whole.checks())


def test_the_last_line_holds_the_digest_of_itself() -> None:
    """Computed with zeros in place of that digest."""
    chain = Chain.begin().extended([b"a\n"])
    line = LAST % UNSEALED.encode()
    digest = chain.extended([line]).digest()
    assert LAST % digest.encode() == sealed(line, chain)
    assert (line, digest) == unsealed(sealed(line, chain))


def test_a_line_without_a_digest_is_returned_as_it_is() -> None:
    """An older log has none in its last line."""
    line = b'{"context":{"event_type":"session.end"}}\n'
    assert (line, None) == unsealed(line)
