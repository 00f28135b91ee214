"""A pipe in place of a file is not waited for, and a link is not written through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from factories import Writer
from ithtel.commands.log.verify import verify
from ithtel.commands.log.whence import whence
from ithtel.commands.replay.check import _link_at
from ithtel.errors import LogError, MissingFileError
from ithtel.reading.lines.read import read
from ithtel.replay.determinism.sanitizing import rules_file

LOG = Path("logs/ndjson/a.jsonl")


def test_a_pipe_as_a_rotated_part_is_reported() -> None:
    """By each reader; `verify` cannot say that the log is whole."""
    Writer().start().end().write(LOG)
    os.mkfifo(LOG.with_name("a.20260125-120000.0.jsonl"))
    log = read(LOG, session="all")
    assert 2 == len(list(log))
    assert "it is not a regular file" in str(next(iter(log.problems)))
    with pytest.raises(LogError, match="it is not a regular file"):
        verify(LOG)


def test_a_pipe_is_no_picture(tmp_path: Path) -> None:
    """Nor a device."""
    os.mkfifo(tmp_path / "chart.png")
    for path in (tmp_path / "chart.png", Path("/dev/zero")):
        with pytest.raises(MissingFileError, match="not a regular file"):
            whence(path)


def test_a_picture_with_a_deep_stamp_has_none(tmp_path: Path) -> None:
    """Its text is not JSON of any sensible depth."""
    text = b"ithtel\0" + b"[" * 50_000
    chunk = len(text).to_bytes(4, "big") + b"tEXt" + text + b"\0" * 4
    (tmp_path / "chart.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    assert whence(tmp_path / "chart.png") is None


def test_a_baseline_is_not_written_through_a_link(tmp_path: Path) -> None:
    """The failure names it."""
    (tmp_path / "a.baseline.ndjson").symlink_to(tmp_path / "victim")
    assert "a.baseline.ndjson is a link" in str(_link_at(tmp_path / "a.baseline.ndjson"))
    assert _link_at(tmp_path / "b.baseline.ndjson") is None


def test_rules_are_not_written_outside_of_the_checkout(tmp_path: Path) -> None:
    """Whatever file its configuration names."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nbval --nbval-sanitize-with ../../victim.cfg\n")
    assert rules_file(tmp_path / "a.ipynb").resolve().is_relative_to(tmp_path)
