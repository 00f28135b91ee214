"""Where lines go: a file, the state folder or memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import ithtel
from ithtel.events import Note
from ithtel.recording.file.filesystem import is_safe_to_share, kind_of
from written import notes

if TYPE_CHECKING:
    import pytest

import stat

from ithtel.recording.file.sink import MemorySink


def test_the_file_is_the_owners_only() -> None:
    """Files have mode 0600, folders 0700, and git ignores them."""
    session = ithtel.start("a")
    assert session.path is not None
    assert 0o600 == stat.S_IMODE(session.path.stat().st_mode)
    assert 0o700 == stat.S_IMODE(session.path.parent.stat().st_mode)
    assert "*\n" == Path("logs/.gitignore").read_text()


def test_a_folder_that_cannot_be_written_gives_way_to_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recording continues elsewhere, and a notice tells where, with `~` for the home folder."""
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "work/logs").write_text("a file in the way")
    session = ithtel.start("a")
    assert (tmp_path / "state/ithtel/logs/ndjson/a.jsonl") == session.path
    assert session.notice is not None
    assert session.notice.startswith("cannot write to logs (")
    assert session.notice.endswith("; recording to ~/state/ithtel/logs instead")


def test_without_any_folder_lines_are_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recording continues in memory, and a notice says so."""
    (tmp_path / "logs").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    session = ithtel.start("a")
    session.emit(Note(text="kept"))
    assert isinstance(session.sink, MemorySink)
    assert b'"kept"' in session.sink.lines()[-1]
    assert session.notice is not None
    assert "recording to memory" in session.notice


def test_one_file_a_process_where_it_cannot_be_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a network file system each process has its file, and the folder is read as one log."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/x / ext4 rw 0 0\nserver:/x {tmp_path}/my\\040logs nfs4 rw 0 0\n")
    (tmp_path / "my logs/ndjson").mkdir(parents=True)
    assert "nfs4" == kind_of(tmp_path / "my logs/ndjson", mounts)
    assert "ext4" == kind_of(tmp_path, mounts)
    assert not is_safe_to_share(tmp_path / "my logs/ndjson", mounts)
    monkeypatch.setattr("ithtel.recording.file.sink.is_safe_to_share", lambda _: False)
    session = ithtel.start("a", git=False, loguru=False)
    session.emit(Note(text="x"))
    assert session.path is not None
    assert f"a-{os.getpid()}.jsonl" == session.path.name
    assert ["x"] == notes("logs")
