"""The last lines of a log for a person."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from factories import Writer
from ithtel.commands.log.tail import line_of, tail
from ithtel.errors import LogError, MissingFileError
from ithtel.events import Envelope

LOG = Path("logs/ndjson/a.jsonl")


def test_the_last_lines_are_shown() -> None:
    """In order; all of them if there are fewer."""
    writer = Writer().start().cell("x = 1").end()
    writer.write(LOG)
    lines = list(tail(LOG, 2))
    assert 2 == len(lines)
    assert lines == list(tail(LOG, 99))[-2:]
    assert len(writer.lines) == len(list(tail(LOG, 99)))


def test_a_folder_names_the_file_that_was_written_last() -> None:
    """Among several logs."""
    Writer(session_id="sess_1").start().write(LOG)
    other = Writer(session_id="sess_2").start().end().write(LOG.with_name("b.jsonl"))
    os.utime(LOG, (1, 1))
    assert len(other.read_bytes().splitlines()) == len(list(tail("logs", 99)))


def test_control_characters_are_escaped() -> None:
    """They would steer the terminal."""
    envelope = msgspec.json.decode(Writer().line({}, msg="a\x1b[2Jb", level="ERROR"), type=Envelope)
    assert line_of(envelope).endswith("ERROR    notebook  a\\x1b[2Jb")
    assert line_of(envelope, has_colour=True).startswith("\x1b[31m")


def test_a_file_without_a_readable_line_is_an_error() -> None:
    """So is a missing one."""
    Path("a.jsonl").write_text("garbage\n", encoding="utf-8")
    with pytest.raises(LogError, match=r"^cannot read any line of 'a.jsonl': "):
        list(tail("a.jsonl"))
    with pytest.raises(MissingFileError):
        list(tail("missing.jsonl"))
