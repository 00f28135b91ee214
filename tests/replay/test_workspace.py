"""The copy that a replay runs in: of the folder or of the recorded commit, and deleted afterwards."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import msgspec
import pytest

from ithtel.errors import InputError
from ithtel.events.format.files import object_path
from ithtel.provenance.git import git_head
from ithtel.reading.history.values import Execution, History, WrittenFile
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.inputs import find_inputs
from ithtel.replay.workspace import LARGE_BYTES, Origin, is_in_commit, origin_of, workspace

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


SHA256 = hashlib.sha256(b"evil").hexdigest()


def reading(*paths: str) -> History:
    """Return a session that read files which hold `evil`."""
    return History(name="demo", executions=[Execution(place=1, files=dict.fromkeys(paths, SHA256))])


def stored(folder: Path) -> Contents:
    """Keep `evil` in an object store."""
    path = object_path(folder, SHA256)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"evil")
    return Contents([folder])


def test_a_recorded_path_never_leads_out_of_the_copy(folder: Path, tmp_path: Path) -> None:
    """Not by `..`, however many, nor by an absolute path."""
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    contents = stored(tmp_path / "logs")
    history = reading(str(victim), f"sub/{'../' * 40}{str(victim).lstrip('/')}", "sub/../../../../victim.txt")
    origin = Origin(root=folder, inner=".", commit=None)
    with workspace(origin, history, find_inputs(history, folder, None, contents), contents):
        pass
    assert "precious" == victim.read_text()


def test_a_recorded_path_does_not_follow_links_out_of_the_copy(folder: Path, tmp_path: Path) -> None:
    """A commit may hold them."""
    (tmp_path / "victim.txt").write_text("precious")
    (folder / "link").symlink_to(tmp_path)
    (folder / "a.py").unlink()
    (folder / "a.py").symlink_to(tmp_path / "victim.txt")
    contents, history = stored(tmp_path / "logs"), reading("link/victim.txt", "a.py")
    origin = Origin(root=folder, inner=".", commit=None)
    with workspace(origin, history, find_inputs(history, folder, None, contents), contents) as copy:
        assert "evil" == (copy / "link" / "victim.txt").read_text() == (copy / "a.py").read_text()
    assert "precious" == (tmp_path / "victim.txt").read_text()


def test_inputs_above_of_the_folder_lie_at_their_place(folder: Path, tmp_path: Path) -> None:
    """Whether git ignores them or not."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("evil")
    history = reading("../data/x.csv")
    origin = Origin(root=folder, inner=".", commit=None)
    with workspace(origin, history, find_inputs(history, folder, None, NOTHING), NOTHING) as copy:
        assert "evil" == (copy.parent / "data" / "x.csv").read_text()
        assert "project" == copy.name


def test_what_the_session_made_is_not_in_the_copy(folder: Path) -> None:
    """Its folder is, unless the session made that too."""
    for name in ("out", "new"):
        (folder / name).mkdir()
        (folder / name / "made.txt").touch()
    written = {
        "out/made.txt": WrittenFile(existed=False),
        "new/made.txt": WrittenFile(existed=False, made_folder="new"),
        "a.py": WrittenFile(existed=True),
    }
    history = History(name="demo", executions=[Execution(place=1, written=written)])
    origin = Origin(root=folder, inner=".", commit=None)
    with workspace(origin, history, [], NOTHING) as copy:
        assert ["a.py", "out"] == sorted(path.name for path in copy.iterdir())
        assert [] == list((copy / "out").iterdir())


def test_what_the_session_made_is_left_out_of_a_commit_too(folder: Path) -> None:
    """It is not in the commit, but in the folder."""
    history = History(
        name="demo", git_sha=commit(folder), is_dirty=False,
        executions=[Execution(place=1, written={"cache.txt": WrittenFile(existed=False)})],
    )  # fmt: skip
    for name in ("cache.txt", "other.txt"):
        (folder / name).touch()
    origin = origin_of(history, folder, NOTHING)
    with workspace(origin, history, [], NOTHING) as copy:
        assert ["a.py", "other.txt"] == sorted(path.name for path in copy.iterdir() if path.is_file())


def test_a_commit_holds_what_was_changed_later(folder: Path) -> None:
    """Then a replay can start with it."""
    origin = Origin(root=folder, inner=".", commit=commit(folder))
    (folder / "a.py").write_text("changed")
    digest = hashlib.sha256(b"x = 1\n").hexdigest()
    found = [is_in_commit(origin, *each) for each in (("a.py", digest), ("a.py", SHA256), ("b.py", digest))]
    assert [True, False, False] == found


def test_damaged_changes_are_not_applied(folder: Path, tmp_path: Path) -> None:
    """Their digest is checked first."""
    path = object_path(tmp_path / "logs", SHA256)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"other")
    origin = Origin(root=folder, inner=".", commit=commit(folder), has_diff=True)
    with (
        pytest.raises(InputError, match="no longer kept"),
        workspace(origin, History(name="demo", git_diff=SHA256), [], Contents([tmp_path / "logs"])),
    ):
        pass
