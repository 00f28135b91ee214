"""A repository of a stranger starts nothing: each of these leaves a mark if git obeys its configuration."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from factories import Writer
from ithtel.provenance.git import git_diff, git_head, git_output, git_state
from ithtel.reading.history.build import history
from ithtel.reading.lines.object_store import Contents
from ithtel.reading.lines.read import read
from ithtel.replay.workspace import Origin, workspace

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET = {
    "PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    """Run git as the stranger does."""
    command = ["git", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=folder, env=QUIET, capture_output=True, text=True, check=True).stdout.strip()


class Trap:
    """A repository with a changed file, and a program that leaves a mark."""

    def __init__(self, folder: Path) -> None:
        self.root, self.mark, self.program = folder / "repository", folder / "mark", folder / "program"
        self.program.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{self.mark}'\ncat\n")
        self.program.chmod(0o755)
        self.root.mkdir()
        git(self.root, "init", "-q", "-b", "main")
        (self.root / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
        (self.root / "file.txt").write_text("one\n")
        git(self.root, "add", ".")
        git(self.root, "commit", "-q", "-m", "first")
        self.sha = git(self.root, "rev-parse", "HEAD")
        (self.root / "file.txt").write_text("two\n")
        os.utime(self.root / ".gitattributes", (1, 1))

    def set(self, *names: str) -> None:
        """Let the repository's configuration name the program."""
        for name in names:
            git(self.root, "config", name, str(self.program))


def filters(trap: Trap) -> None:
    """Programs that git passes the content of files through."""
    trap.set("filter.evil.clean", "filter.evil.smudge", "filter.evil.process")
    git(trap.root, "config", "filter.evil.required", "true")


def differences(trap: Trap) -> None:
    """Programs that compare files, or turn them into text."""
    trap.set("diff.external", "diff.evil.command", "diff.evil.textconv", "merge.evil.driver")


def watchers(trap: Trap) -> None:
    """The file system monitor, pagers, editors, credential helpers, programs of remotes."""
    trap.set("core.fsmonitor", "core.pager", "pager.diff", "core.editor", "credential.helper", "core.sshCommand")
    trap.set("core.askPass", "core.gitProxy", "core.alternateRefsCommand", "gpg.program", "tar.tar.command")


def hooks(trap: Trap) -> None:
    """Every hook, in a folder that the configuration names."""
    for name in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman", "pre-auto-gc"):
        (trap.root / ".git/hooks" / name).write_text(trap.program.read_text())
        (trap.root / ".git/hooks" / name).chmod(0o755)
    git(trap.root, "config", "core.hooksPath", str(trap.root / ".git/hooks"))


def included(trap: Trap) -> None:
    """A configuration that another one includes, also for a worktree."""
    other = trap.root / "other.cfg"
    other.write_text(f'[filter "evil"]\n\tclean = {trap.program}\n[core]\n\tfsmonitor = {trap.program}\n')
    git(trap.root, "config", "include.path", str(other))
    git(trap.root, "config", "extensions.worktreeConfig", "true")
    (trap.root / ".git/config.worktree").write_text(other.read_text())


def partial_clone(trap: Trap) -> None:
    """Objects that are missing, and a remote whose program would bring them."""
    blob = git(trap.root, "rev-parse", "HEAD:file.txt")
    (trap.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1", "extensions.partialClone": "origin", "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{trap.program} %S", "protocol.ext.allow": "always",
        "remote.origin.uploadpack": str(trap.program),
    }.items():  # fmt: skip
        git(trap.root, "config", name, value)


def program_in_the_folder(trap: Trap) -> None:
    """A program named git beside the files."""
    (trap.root / "git").write_text(trap.program.read_text())
    (trap.root / "git").chmod(0o755)


TRAPS = [filters, differences, watchers, hooks, included, partial_clone, program_in_the_folder]


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    """Return a repository that has nothing set yet."""
    return Trap(tmp_path)


def test_the_trap_works(trap: Trap) -> None:
    """Git itself obeys."""
    filters(trap)
    subprocess.run(["git", "diff", "HEAD"], cwd=trap.root, env=QUIET, capture_output=True, check=False)
    assert trap.mark.exists()


@pytest.mark.parametrize("lay", TRAPS)
def test_nothing_runs_when_a_session_is_recorded(
    trap: Trap, lay: Callable[[Trap], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit and the changes are read, or reported as unknown."""
    lay(trap)
    monkeypatch.chdir(trap.root)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    state = git_state(trap.root)
    git_diff(trap.root)
    assert not trap.mark.exists(), trap.mark.read_text()
    assert state is not None
    assert (trap.sha, None if lay is partial_clone else True) == (state.sha, state.is_dirty)


@pytest.mark.parametrize("lay", TRAPS)
def test_nothing_runs_when_a_replay_copies_the_commit(
    trap: Trap, lay: Callable[[Trap], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan looks for the commit, the copy is made from it."""
    lay(trap)
    monkeypatch.chdir(trap.root)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    assert git_output(trap.root, "cat-file", "-e", f"{trap.sha}^{{commit}}") is not None
    if lay is not partial_clone:
        log = Writer().start(cwd=str(trap.root)).end().write(Path(trap.root.parent, "logs/ndjson/a.jsonl"))
        origin = Origin(root=trap.root, inner=".", commit=trap.sha)
        with workspace(origin, history(read(log)), [], Contents([])) as copy:
            assert "one\n" == (copy / "file.txt").read_text()
    assert not trap.mark.exists(), trap.mark.read_text()


@pytest.mark.parametrize("name", ["HEAD", "commondir", "packed-refs"])
def test_a_pipe_in_place_of_a_file_stops_nothing(trap: Trap, name: str) -> None:
    """It is not waited for."""
    path = trap.root / ".git" / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    head = git_head(trap.root)
    assert head is None or head.root == trap.root
