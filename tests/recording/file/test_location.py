"""The location of a log, displayed without what differs between machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from ithtel.recording.file.location import shown_location, shown_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/work/logs/a.jsonl", "logs/a.jsonl"),
        ("/home/me/logs/a.jsonl", "~/logs/a.jsonl"),
        ("/mnt/x/y/logs/a.jsonl", "…/y/logs/a.jsonl"),
    ],
)
def test_a_path_is_relative_to_the_nearest_known_folder(path: str, expected: str) -> None:
    """The working directory, then the home folder, then its last three parts."""
    assert expected == shown_path(Path(path), cwd=Path("/work"), home=Path("/home/me"))


def test_a_session_without_a_file_is_in_memory() -> None:
    """It says so."""
    assert "memory" == shown_location(None)
