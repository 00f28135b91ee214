"""The end of a log, and lines added to it, are shown across rotation."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import ithtel
from ithtel.commands.log.tail import line_of, tail
from ithtel.errors import LogError, MissingFileError
from ithtel.events import Note
from ithtel.reading.lines.tail import follow

LOG = Path("logs/ndjson/a.jsonl")


def test_the_last_lines_are_shown() -> None:
    """Time, level, component, message; control characters are shown, not obeyed."""
    session = ithtel.start("a", git=False, loguru=False)
    for text in ("one", "two\x1b[31m"):
        session.emit(Note(text=text))
    shown = list(tail("logs", 1))
    assert ["INFO     a  two\\x1b[31m"] == [line[13:] for line in shown]


def test_lines_are_coloured_by_level_where_asked() -> None:
    """Not in a pipe."""
    session = ithtel.start("a", git=False, loguru=False)
    session.write("ERROR", "bad", b"{}")
    *_, last = follow(LOG, 1, is_endless=False)
    assert line_of(last, has_colour=True).startswith("\x1b[31m")
    assert "\x1b" not in line_of(last)


def test_it_follows_across_rotation() -> None:
    """Each line once, in order."""
    session = ithtel.start("a", git=False, loguru=False, rotation="5 KB")
    session.emit(Note(text="0"))
    n = 0

    def write_more() -> None:
        nonlocal n
        for _ in range(7):
            n += 1
            session.emit(Note(text=str(n)))

    seen = []
    for envelope in follow(LOG, 1, wait=write_more):
        if envelope.msg.isdigit():
            seen.append(int(envelope.msg))
        if len(seen) == 100:
            break
    assert list(range(100)) == seen
    assert len(list(LOG.parent.glob("a.*"))) > 3


def test_a_compressed_part_has_an_end_too() -> None:
    """As every other verb reads it."""
    session = ithtel.start("a", git=False, loguru=False)
    session.emit(Note(text="one"))
    session.close()
    part = Path("b.jsonl.gz")
    part.write_bytes(gzip.compress(LOG.read_bytes()))
    assert list(tail(LOG, 2)) == list(tail(part, 2))


def test_a_file_without_a_line_of_a_log_is_said() -> None:
    """Nothing printed would be no answer."""
    path = Path("nav.csv")
    path.write_text("date,nav\n2024-01-01,1.0\n")
    with pytest.raises(LogError, match=r"^cannot read any line of 'nav.csv': nav.csv, line 1: not JSON: "):
        list(tail(path))


def test_what_does_not_exist_is_an_error() -> None:
    """With the name."""
    with pytest.raises(MissingFileError, match="nothing"):
        list(tail("nothing"))
