"""The beginning of a line that a crash left is recognized, and a line that was changed is not taken for one."""

from __future__ import annotations

import pytest

from factories import Writer
from ithtel import events as ev
from ithtel.reading.verify.torn import is_torn


def line() -> bytes:
    """Return a line with numbers, words, escapes and characters beyond ASCII."""
    context = {"event_type": "note", "text": 'naïve "\\ \u2603', "x": [1.5e-7, True, None, {"y": -2}]}
    return Writer().line(context, msg="é\n")


def test_every_beginning_of_a_line_is_torn() -> None:
    """Also within a number, a word, an escape or a character of several bytes."""
    whole = line()
    assert [] == [whole[:n] for n in range(1, len(whole)) if not is_torn(whole[:n])]


@pytest.mark.parametrize("text", [b"", b" ", b"{}", b'{"a":1', b'{"ts":"2026" x', b'{"ts":"2026"}', line()])
def test_anything_else_is_not(text: bytes) -> None:
    """Blank lines, whole lines, and what no line of a log begins with."""
    assert not is_torn(text)


def test_a_seal_with_a_changed_last_byte_is_not_torn() -> None:
    """Its last brace or its last quote."""
    end = Writer().line(
        ev.SessionEnd(n_events=1, n_dropped=0, duration_ms=1.0, sha256="0" * 64, crc32="ab", workers={}), msg="x"
    )
    for text in (end[:-1] + b",", end.replace(b'"workers"', b'"workers ')):
        assert not is_torn(text)
