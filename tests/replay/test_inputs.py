"""Inputs of a session are found by path, by content or in the object store, and verified."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from ithtel.events.format.files import object_path
from ithtel.reading.history.values import Execution, History, WrittenFile
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.inputs import InputFile, find_inputs

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"bar,nav\n0,1\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def find(folder: Path, data: Path | None = None, logs: Path | None = None, **files: dict[str, str]) -> list[InputFile]:
    """Find the files that a session of one cell read."""
    history = History(name="demo", executions=[Execution(place=1, files={"nav.csv": SHA256}, **files)])
    return find_inputs(history, folder, data, Contents([] if logs is None else [logs]))


def test_an_unchanged_file_is_found_at_its_path(tmp_path: Path) -> None:
    """And verified by its digest."""
    (tmp_path / "nav.csv").write_bytes(CONTENT)
    (found,) = find(tmp_path)
    assert ("path", True, tmp_path / "nav.csv") == (found.place, found.is_verified, found.found)


def test_a_changed_file_is_used_but_not_verified(tmp_path: Path) -> None:
    """If its recorded content is nowhere else."""
    (tmp_path / "nav.csv").write_bytes(b"other")
    (found,) = find(tmp_path)
    assert ("path", False) == (found.place, found.is_verified)


@pytest.mark.parametrize("name", ["nav.csv", "renamed.csv"])
def test_a_moved_file_is_found_by_its_content(tmp_path: Path, name: str) -> None:
    """In the data folder, under any name."""
    data = tmp_path / "data" / "deep"
    data.mkdir(parents=True)
    (data / "nav_1.csv").write_bytes(b"other")
    (data / name).write_bytes(CONTENT)
    (found,) = find(tmp_path, data.parent)
    assert ("data", True, data / name) == (found.place, found.is_verified, found.found)


def test_a_stored_file_is_found_in_the_object_store(tmp_path: Path) -> None:
    """By its digest."""
    stored = object_path(tmp_path / "logs", SHA256)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(CONTENT)
    (found,) = find(tmp_path, logs=tmp_path / "logs")
    assert ("store", True, stored) == (found.place, found.is_verified, found.found)


def test_a_missing_file_is_nowhere(tmp_path: Path) -> None:
    """It is reported, not left out."""
    (found,) = find(tmp_path)
    assert ("nowhere", False, None) == (found.place, found.is_verified, found.found)


def test_what_the_session_wrote_itself_is_no_input(tmp_path: Path) -> None:
    """Neither are names of generated data, and a file counts once."""
    executions = [
        Execution(place=1, data={"synthetic:walk": "ab" * 32}, written={"made.csv": WrittenFile(existed=False)}),
        Execution(place=2, files={"made.csv": "ab" * 32, "nav.csv": SHA256}),
        Execution(place=3, files={"nav.csv": SHA256}),
    ]
    history = History(name="demo", executions=executions)
    assert ["nav.csv"] == [each.path for each in find_inputs(history, tmp_path, None, Contents([]))]
