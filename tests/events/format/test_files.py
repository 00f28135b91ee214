"""The names of log files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ithtel
from ithtel.errors import InputError
from ithtel.events.format.files import check_name, is_log, parse_path, safe_name


@pytest.mark.parametrize("name", ["", "../a", ".a", "a/b", "a" * 101, "a "])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    """The error lists what is allowed, and nothing is created."""
    with pytest.raises(InputError, match="cannot name a session"):
        ithtel.start(name)
    assert not Path("logs").exists()


@pytest.mark.parametrize("compression", [None, "gz", "zst"])
def test_the_name_of_a_part_says_where_it_belongs(compression: str | None) -> None:
    """The live file comes after all parts, whose time and number are in their names."""
    suffix = f".{compression}" if compression else ""
    part = parse_path(Path(f"logs/ndjson/a.b.20260125-120000.3.jsonl{suffix}"))
    live = parse_path(Path("logs/ndjson/a.b.jsonl"))
    assert part is not None
    assert live is not None
    assert ("a.b", "20260125-120000", 3, compression) == (part.name, part.rotated, part.number, part.compression)
    assert part.place < live.place


def test_a_file_that_is_not_a_log_has_no_place() -> None:
    """Neither by its name nor by its folder."""
    assert parse_path(Path("logs/ndjson/a.txt")) is None
    assert [True, False] == [is_log(Path("logs/ndjson/a.jsonl")), is_log(Path("logs/a.jsonl"))]


@given(st.text(max_size=120))
def test_any_text_gives_a_safe_name(text: str) -> None:
    """It can name a session."""
    name = safe_name(text)
    assert name == check_name(name)
