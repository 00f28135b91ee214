"""Digests: of a stream with marks, in two threads, of other digests, of a header."""

from __future__ import annotations

import hashlib
import hmac
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.fp1.digest import (
    PREFIX_BYTES,
    THREADED_BYTES,
    Method,
    Stream,
    digest_blocks,
    hex_of,
    prefix_marks,
)

PLAIN = Method(nested=lambda _: None)


def sha(data: bytes) -> str:
    """Return the digest of some bytes."""
    return hashlib.sha256(data).hexdigest()


@given(st.lists(st.binary(max_size=5), max_size=8), st.lists(st.integers(0, 20), unique=True, max_size=4))
def test_a_stream_keeps_the_digest_at_each_mark(pieces: list[bytes], marks: list[int]) -> None:
    """However the bytes are cut."""
    data = b"".join(pieces)
    stream = Stream(hashlib.sha256(), marks)
    for piece in pieces:
        stream.update(memoryview(piece))
    assert sha(data) == stream.hexdigest()
    reached = {mark for mark in marks if mark <= len(data)} if pieces else set()
    assert {mark: sha(data[:mark]) for mark in reached} == stream.marked


@pytest.mark.parametrize("size_bytes", [0, THREADED_BYTES])
def test_a_second_thread_changes_nothing(size_bytes: int) -> None:
    """Except the time."""
    stream = Stream(hashlib.sha256())
    digest_blocks([memoryview(b"ab"), memoryview(b"c")], stream, size_bytes)
    assert sha(b"abc") == stream.hexdigest()


def test_an_error_while_blocks_are_made_is_raised() -> None:
    """The second thread ends."""

    def failing() -> object:
        yield memoryview(b"a")
        raise KeyError("block")

    with pytest.raises(KeyError, match="block"):
        digest_blocks(failing(), Stream(hashlib.sha256()), THREADED_BYTES)


def test_prefixes_end_inside_the_data() -> None:
    """Each at a multiple of 64 MiB."""
    assert [] == [*prefix_marks(PREFIX_BYTES)]
    assert [PREFIX_BYTES] == [*prefix_marks(PREFIX_BYTES + 1)]


def test_a_keyed_method_has_other_digests() -> None:
    """For data and for headers."""
    keyed = Method(nested=lambda _: None, new_hasher=partial(hmac.new, b"key", digestmod="sha256"))
    assert PLAIN.hexdigest(b"a") != keyed.hexdigest(b"a")
    header = ("array", "int64", [3], [], sha(b"a"), {})  # type: ignore[var-annotated]
    assert PLAIN.fingerprint(*header) != keyed.fingerprint(*header)


def test_digests_are_combined_as_bytes() -> None:
    """End to end, in order."""
    one, two = sha(b"1"), sha(b"2")
    assert sha(bytes.fromhex(one + two)) == PLAIN.combine([one, two]) != PLAIN.combine([two, one])
    assert "ab" == hex_of("fp1:sha256:ab")
