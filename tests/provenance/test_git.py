"""Commit and branch are read from files; the rest comes from git, without disturbing it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from ithtel.provenance.git import git_diff, git_head, git_state

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it says."""
    command = ["git", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with one commit of one file, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    git(folder, "init", "-q", "-b", "main")
    (folder / "file.txt").write_text("one\n")
    git(folder, "add", "file.txt")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    """Return such a repository of the test's own."""
    return shutil.copytree(template, tmp_path / "repository", symlinks=True)


def assert_same_as_git(folder: Path) -> None:
    """Compare with what git itself says."""
    head = git_head(folder)
    assert head is not None
    assert git(folder, "rev-parse", "HEAD") == head.sha
    assert git(folder, "branch", "--show-current") == (head.branch or "")


def test_head(repository: Path) -> None:
    """Commit and branch are those that git says."""
    assert_same_as_git(repository)


def test_subfolder(repository: Path) -> None:
    """A folder within is in the repository, and the root is known."""
    folder = repository / "a" / "b"
    folder.mkdir(parents=True)
    assert_same_as_git(folder)
    head = git_head(folder)
    assert head is not None
    assert repository == head.root


def test_packed(repository: Path) -> None:
    """A packed ref is found."""
    git(repository, "pack-refs", "--all")
    assert_same_as_git(repository)


def test_loose_before_packed(repository: Path) -> None:
    """A loose ref wins over a packed one, which is older."""
    git(repository, "pack-refs", "--all")
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    assert_same_as_git(repository)


def test_slash_in_branch(repository: Path) -> None:
    """A branch may have a slash in its name."""
    git(repository, "switch", "-q", "-c", "feature/new")
    assert_same_as_git(repository)


def test_detached(repository: Path) -> None:
    """A detached head has a commit and no branch."""
    git(repository, "switch", "-q", "--detach")
    assert_same_as_git(repository)


def test_unborn(tmp_path: Path) -> None:
    """A branch without a commit has a name and no commit."""
    git(tmp_path, "init", "-q", "-b", "main")
    head = git_head(tmp_path)
    assert head is not None
    assert (head.sha, head.branch) == (None, "main")


def test_worktree(repository: Path, tmp_path: Path) -> None:
    """A worktree has a head of its own."""
    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    git(tmp_path / "tree", "commit", "-q", "--allow-empty", "-m", "second")
    assert_same_as_git(tmp_path / "tree")
    assert_same_as_git(repository)


def test_packed_worktree(repository: Path, tmp_path: Path) -> None:
    """A worktree's branch is found among the packed refs of the repository."""
    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    git(repository, "pack-refs", "--all")
    assert_same_as_git(tmp_path / "tree")


def test_submodule(repository: Path, tmp_path: Path) -> None:
    """A submodule has its own head."""
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q", "-b", "trunk")
    git(inner, "commit", "-q", "--allow-empty", "-m", "inner")
    git(repository, "submodule", "--quiet", "add", str(inner), "sub")
    assert_same_as_git(repository / "sub")


def test_none(tmp_path: Path) -> None:
    """Outside a repository there is nothing."""
    assert git_head(tmp_path / "not" / "there") is None
    assert git_state(tmp_path) is None


@pytest.mark.parametrize("content", ["", "gitdir: nowhere", "garbage", "\0"])
def test_broken_file(tmp_path: Path, content: str) -> None:
    """A `.git` file that leads nowhere is no repository."""
    (tmp_path / ".git").write_text(content)
    assert git_head(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"ref: ", b"ref: refs/heads/\xff", b"ref: HEAD", b"zzz", b"ref: \0"])
def test_broken_head(repository: Path, content: bytes) -> None:
    """A damaged HEAD gives no commit, and no error."""
    (repository / ".git" / "HEAD").write_bytes(content)
    head = git_head(repository)
    assert head is None or head.sha is None
    assert git_state(repository, environ=ENVIRONMENT) is not None


def test_clean(repository: Path) -> None:
    """A clean repository is not dirty and has no diff."""
    state = git_state(repository, environ=ENVIRONMENT)
    assert state is not None
    assert (state.is_dirty, state.diff_sha256) == (False, None)
    assert (git(repository, "rev-parse", "HEAD"), "main") == (state.sha, state.branch)


@pytest.mark.parametrize("staged", [True, False])
def test_dirty(repository: Path, *, staged: bool) -> None:
    """A changed file makes it dirty, and the digest is of git's diff."""
    (repository / "file.txt").write_text("two\n")
    if staged:
        git(repository, "add", "file.txt")
    state = git_state(repository, environ=ENVIRONMENT)
    assert state is not None
    diff = git(repository, "diff", "--binary", "--full-index", "HEAD") + "\n"
    assert (True, hashlib.sha256(diff.encode()).hexdigest()) == (state.is_dirty, state.diff_sha256)


def test_untracked(repository: Path) -> None:
    """A file that git does not track makes nothing dirty."""
    (repository / "new.txt").write_text("new")
    state = git_state(repository, environ=ENVIRONMENT)
    assert state is not None
    assert state.is_dirty is False


def test_unborn_dirty(tmp_path: Path) -> None:
    """Before the first commit, what is staged makes it dirty."""
    git(tmp_path, "init", "-q", "-b", "main")
    clean = git_state(tmp_path, environ=ENVIRONMENT)
    (tmp_path / "file.txt").write_text("one\n")
    git(tmp_path, "add", "file.txt")
    dirty = git_state(tmp_path, environ=ENVIRONMENT)
    assert clean is not None
    assert dirty is not None
    assert (clean.is_dirty, dirty.is_dirty) == (False, True)
    assert (dirty.sha, dirty.branch) == (None, "main")


def test_leaves_index(repository: Path) -> None:
    """Asking for the state does not write the index, even where git would like to refresh it."""
    time.sleep(0.01)
    (repository / "file.txt").write_text("one\n")
    before = (repository / ".git" / "index").read_bytes()
    git_state(repository, environ=ENVIRONMENT)
    git_diff(repository, environ=ENVIRONMENT)
    assert before == (repository / ".git" / "index").read_bytes()


def test_runs_no_helper(repository: Path, tmp_path: Path) -> None:
    """No program of the repository's configuration runs."""
    helper = tmp_path / "helper"
    helper.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    helper.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager"):
        git(repository, "config", key, str(helper))
    (repository / "file.txt").write_text("two\n")
    git_state(repository, environ=ENVIRONMENT)
    assert not (tmp_path / "ran").exists()


def test_without_git(repository: Path) -> None:
    """Without git, commit and branch are known and the rest is not."""
    state = git_state(repository, environ={"PATH": ""})
    assert state is not None
    assert (state.is_dirty, state.diff_sha256) == (None, None)
    assert state.branch == "main"


def test_timeout(repository: Path, tmp_path: Path) -> None:
    """A git that hangs is ended, and what it would have said is not known."""
    hanging = tmp_path / "bin" / "git"
    hanging.parent.mkdir()
    hanging.write_text("#!/bin/sh\nexec sleep 30\n")
    hanging.chmod(0o755)
    begin = time.monotonic()
    state = git_state(repository, timeout_s=0.1, environ={"PATH": f"{hanging.parent}:{ENVIRONMENT['PATH']}"})
    assert state is not None
    assert state.is_dirty is None
    assert time.monotonic() - begin < 5


def test_ignores_git_variables(repository: Path) -> None:
    """The variables that a git hook sets do not lead elsewhere."""
    state = git_state(repository, environ={**ENVIRONMENT, "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere"})
    assert state is not None
    assert state.is_dirty is False
