"""The copy that a replay runs in: of the folder or of the recorded commit, and deleted afterwards."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import msgspec
import pytest

from ithtel.provenance.git import git_head
from ithtel.reading.history.values import History
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.workspace import LARGE_BYTES, Origin, origin_of, workspace

if TYPE_CHECKING:
    from pathlib import Path

HISTORY = History(name="demo")
NOTHING = Contents([])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small file, a large one, and a virtual environment."""
    folder = tmp_path / "project"
    (folder / "env").mkdir(parents=True)
    (folder / "env" / "pyvenv.cfg").touch()
    (folder / "a.py").write_text("x = 1\n", encoding="utf-8")
    with (folder / "large.bin").open("wb") as file:
        file.truncate(LARGE_BYTES + 1)
    return folder


def commit(folder: Path) -> str:
    """Commit `a.py`, and return the digest of the commit."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "a.py"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    head = git_head(folder)
    assert head is not None
    assert head.sha is not None
    return head.sha


def test_small_files_are_copied_and_the_copy_is_deleted(folder: Path) -> None:
    """Neither large files that no cell read, nor environments."""
    origin = origin_of(HISTORY, folder, NOTHING)
    assert "a copy of the folder as it is now" == origin.text()
    with workspace(origin, HISTORY, [], NOTHING) as copy:
        assert ["a.py"] == [path.name for path in copy.iterdir()]
        (copy / "a.py").write_text("changed", encoding="utf-8")
    assert not copy.exists()
    assert "x = 1\n" == (folder / "a.py").read_text(encoding="utf-8")


def test_the_recorded_commit_is_copied(folder: Path) -> None:
    """Later changes of its files are not."""
    history = msgspec.structs.replace(HISTORY, git_sha=commit(folder), is_dirty=False)
    (folder / "a.py").write_text("x = 2\n", encoding="utf-8")
    origin = origin_of(history, folder, NOTHING)
    assert f"a copy of commit {history.git_sha[:8]}" == origin.text()
    with workspace(origin, history, [], NOTHING) as copy:
        assert "x = 1\n" == (copy / "a.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("is_dirty", "sha", "note"),
    [
        (True, None, "uncommitted changes were not recorded (set keep=code)"),
        (False, "0" * 40, "the recorded commit is not in the repository"),
    ],
)
def test_without_the_recorded_state_the_folder_is_copied(
    folder: Path, is_dirty: bool, sha: str | None, note: str
) -> None:
    """And the reason is noted."""
    known = commit(folder)
    history = msgspec.structs.replace(HISTORY, git_sha=sha or known, is_dirty=is_dirty)
    origin = origin_of(history, folder, NOTHING)
    assert (None, note) == (origin.commit, origin.note)
    assert f"a copy of the folder as it is now ({note})" == origin.text()


def test_the_copy_is_deleted_after_an_error(folder: Path) -> None:
    """As after a success."""
    origin = Origin(root=folder, inner=".", commit=None)
    seen: list[Path] = []

    def fail() -> None:
        with workspace(origin, HISTORY, [], NOTHING) as copy:
            seen.append(copy)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not seen[0].exists()
