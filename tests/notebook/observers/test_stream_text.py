"""`StreamText`: the text of a stream as a reader sees it."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from ithtel.notebook.observers.stream_text import TEXT_BYTES, StreamText, head, visible_line  # type: ignore[attr-defined]


def sha(text: str | bytes) -> str:
    """Return a digest."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


@given(st.lists(st.text(alphabet="ab\n", max_size=5)))
def test_how_text_is_cut_into_chunks_makes_no_difference(chunks: list[str]) -> None:
    """The same text has the same digest."""
    stream, whole = StreamText(), StreamText()
    for chunk in chunks:
        stream.write(chunk)
    whole.write("".join(chunks))
    assert stream.close() == whole.close()
    assert (sha("".join(chunks)) if any(chunks) else None) == digest_of(chunks)


def digest_of(chunks: list[str]) -> str | None:
    """Return the digest of a stream that is written in chunks."""
    stream = StreamText()
    for chunk in chunks:
        stream.write(chunk)
    return stream.close()


@given(st.text(alphabet="ab\r\b", max_size=12))
def test_a_line_that_is_written_over_holds_no_control_characters(line: str) -> None:
    """Only visible characters remain."""
    assert not set(visible_line(line)) & {"\r", "\b"}


def test_windows_line_ends_are_line_ends() -> None:
    """A carriage return before a newline does not overwrite the line."""
    assert sha("a\nb\n") == digest_of(["a\r\nb\r", "\n"])


def test_the_head_keeps_characters_whole() -> None:
    """At most 4 kB of UTF-8 are kept, without a truncated character."""
    assert "é" * (TEXT_BYTES // 2) == head("é" * TEXT_BYTES)


def test_a_flood_takes_no_memory() -> None:
    """Only the current line and the beginning are kept."""
    stream = StreamText()
    for _ in range(3_000):
        stream.write("y" * 99 + "\n")
    assert 300_000 == stream.size_bytes + stream._n_pending
    assert stream._n_pending <= 65_636
    assert TEXT_BYTES == len(stream.text)


def test_a_carriage_return_overwrites_the_line_from_its_start() -> None:
    """What is longer than the new text stays visible."""
    assert "shortword" == visible_line("long word\rshort")
