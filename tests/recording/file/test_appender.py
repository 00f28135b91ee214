"""One open file: short writes, deleted folders, closed descriptors, rotation by others."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import ithtel
from ithtel.commands.log.verify import verify
from ithtel.events import Note
from ithtel.recording.file import locks, rotation
from written import LOG, notes

if TYPE_CHECKING:
    import pytest


from ithtel.recording.file.sink import open_sink


def test_a_sink_carries_a_short_write_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is complete even if the system accepts it in pieces."""
    sink, _notice = open_sink(tmp_path, "a")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    sink.append(b'{"a":1}\n')
    assert sink.path is not None
    assert b'{"a":1}\n' == sink.path.read_bytes()


def test_a_deleted_folder_is_made_again() -> None:
    """All lines after the deletion are in a new file."""
    session = ithtel.start("a", git=False, loguru=False)
    for i in range(500):
        if i == 250:
            shutil.rmtree("logs")
        session.emit(Note(text=str(i)))
    session.close()
    written = notes()
    assert [str(i) for i in range(500)][-len(written) :] == written
    assert len(written) >= 250


def test_a_closed_descriptor_is_opened_again() -> None:
    """Closing all descriptors loses no line."""
    session = ithtel.start("a", git=False, loguru=False)
    session.emit(Note(text="1"))
    os.close(session.sink._descriptor)  # type: ignore[attr-defined]
    session.emit(Note(text="2"))
    assert ["1", "2"] == notes()


def test_what_a_rotated_part_holds_is_not_written_again() -> None:
    """Another process rotates, then all descriptors are closed: each line is there once."""
    session = ithtel.start("a", git=False, loguru=False)
    for i in range(10):
        session.emit(Note(text=str(i)))
    with locks.folder_lock(LOG.parent):
        rotation.rotate(LOG, "a", time.time())
    session.sink.settle()
    session.emit(Note(text="10"))
    os.close(session.sink._descriptor)  # type: ignore[attr-defined]
    session.emit(Note(text="11"))
    session.close()
    assert [str(i) for i in range(12)] == notes()
    assert "intact" == verify(LOG).lines()[0]


def test_the_last_lines_before_a_deletion_are_written_again() -> None:
    """Lines written since the last check of the file are written again, in order."""
    session = ithtel.start("a", git=False, loguru=False)
    session.seal()
    shutil.rmtree("logs")
    for i in range(100):
        session.emit(Note(text=str(i)))
    session.close()
    assert [str(i) for i in range(100)] == notes()


def test_a_file_under_our_descriptor_is_left_alone(tmp_path: Path) -> None:
    """A descriptor that was closed and reused belongs to the user: the next seal stops using it at the latest."""
    session = ithtel.start("a", git=False, loguru=False)
    descriptor = session.sink._descriptor  # type: ignore[attr-defined]
    os.close(descriptor)
    theirs = os.open(tmp_path / "theirs", os.O_RDWR | os.O_CREAT)
    assert descriptor == theirs
    session.emit(Note(text="1"))
    session.seal()
    session.emit(Note(text="2"))
    assert ["1", "2"] == notes()
    os.write(theirs, b"")
    os.close(theirs)


def test_the_working_directory_may_change(tmp_path: Path) -> None:
    """The file is where it was when recording began."""
    session = ithtel.start("a", git=False, loguru=False)
    (tmp_path / "elsewhere").mkdir()
    os.chdir(tmp_path / "elsewhere")
    session.emit(Note(text="x"))
    session.seal()
    assert ["x"] == notes(tmp_path / LOG)
    assert not (tmp_path / "elsewhere/logs").exists()


def test_a_torn_last_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    """A line that a power failure cut off is ended before a new session begins."""
    ithtel.start("a", git=False, loguru=False).close()
    with LOG.open("ab") as file:
        file.write(b'{"ts":"2026-01')
    ithtel.start("a", git=False, loguru=False).close()
    log = ithtel.read(LOG)
    assert 2 == len(log.sessions)
    assert ["the line is truncated"] == [problem.message for problem in log.problems]
    assert "ended without close" == verify(LOG).lines()[0]
    assert tmp_path == Path.cwd()


def test_permissions_can_be_chosen() -> None:
    """A group can share the logs."""
    session = ithtel.start("a", git=False, file_mode="640", folder_mode="750")
    assert session.path is not None
    assert (0o640, 0o750) == (session.path.stat().st_mode & 0o777, session.path.parent.stat().st_mode & 0o777)
