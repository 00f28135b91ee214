"""Inputs of a session are found by path, by content or in the object store, and verified."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from ithtel.events.format.files import object_path
from ithtel.reading.history.values import Execution, History, WrittenFile
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.inputs import InputFile, find_inputs, folders_before, lost_inputs, session_made

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


MADE = WrittenFile(sha256=SHA256, existed=False)
CHANGED = WrittenFile(sha256=SHA256, existed=True)


def test_what_the_session_made_was_not_there_before() -> None:
    """A file that was there, or that a cell read first, was."""
    executions = [
        Execution(place=1, files={"read.csv": SHA256}, written={"made.csv": MADE, "changed.csv": CHANGED}),
        Execution(place=2, files={"made.csv": SHA256}, written={"read.csv": MADE}),
        Execution(place=3, written={"older.csv": WrittenFile(sha256=SHA256)}),
    ]
    assert {"made.csv"} == session_made(History(name="demo", executions=executions))


def test_folders_that_the_session_made_itself_are_not_expected() -> None:
    """The folder around them is."""
    executions = [
        Execution(place=1, written={"out/a.csv": MADE, "b.csv": MADE}),
        Execution(place=2, written={"x/new/deep/a.csv": WrittenFile(existed=False, made_folder="x/new")}),
        Execution(place=3, written={"old/a.csv": WrittenFile()}),
    ]
    assert ["out", "x"] == folders_before(History(name="demo", executions=executions))


def test_a_file_that_was_changed_after_it_was_read_names_the_cell(tmp_path: Path) -> None:
    """What the session read is not there any more."""
    executions = [
        Execution(place=1, count=1, files={"log.txt": SHA256}),
        Execution(place=2, count=2, written={"log.txt": CHANGED}),
    ]
    (tmp_path / "log.txt").write_bytes(b"later")
    (found,) = find_inputs(History(name="demo", executions=executions), tmp_path, None, Contents([]))
    assert (False, "[2]") == (found.is_verified, found.overwritten_by)


def test_a_file_that_was_read_and_changed_without_a_digest_is_lost() -> None:
    """Unless the session had made it."""
    executions = [
        Execution(place=1, count=1, files={"big.bin": None}, written={"big.bin": CHANGED}),
        Execution(place=2, count=2, written={"own.bin": MADE}),
        Execution(place=3, count=3, files={"own.bin": None}, written={"own.bin": CHANGED}),
    ]
    assert [("big.bin", "[1]")] == list(lost_inputs(History(name="demo", executions=executions)))


def test_a_file_of_another_size_is_not_digested(tmp_path: Path) -> None:
    """A sparse file of a terabyte ends at once."""
    with (tmp_path / "nav.csv").open("wb") as file:
        file.truncate(1 << 40)
    for sizes in ({"nav.csv": len(CONTENT)}, {"nav.csv": 1 << 40}, {}):
        execution = Execution(place=1, files={"nav.csv": SHA256}, sizes=sizes)
        (found,) = find_inputs(History(name="demo", executions=[execution]), tmp_path, tmp_path, Contents([]))
        assert ("path", False) == (found.place, found.is_verified)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_not_an_ordinary_file_is_never_opened(tmp_path: Path, kind: str) -> None:
    """It counts as missing, also in the data folder and in the object store."""
    stored = object_path(tmp_path / "logs", SHA256)
    stored.parent.mkdir(parents=True)
    for path in (tmp_path / "nav.csv", stored):
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("/dev/zero")
    (found,) = find(tmp_path, tmp_path, tmp_path / "logs")
    assert (None, "nowhere") == (found.found, found.place)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "ab", "AB" * 32, "ab" * 32 + "/../x", ""])
def test_a_store_takes_only_digests(tmp_path: Path, digest: str) -> None:
    """Whatever a log names."""
    assert Contents([tmp_path]).path(digest) is None
    assert Contents([tmp_path])(digest) is None


def test_a_damaged_content_of_the_store_is_not_used(tmp_path: Path) -> None:
    """Its digest is checked."""
    stored = object_path(tmp_path / "logs", SHA256)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(CONTENT[::-1])
    (found,) = find(tmp_path, logs=tmp_path / "logs")
    assert "nowhere" == found.place
