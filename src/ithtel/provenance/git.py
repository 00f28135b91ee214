"""`git_head`, `git_state`, `git_diff`: commit and branch from files, uncommitted changes from git itself."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.events import GitState
from ithtel.provenance.git_view import Repository, find_repository, git_program, git_view, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_HOPS = 5
MAX_DIFF_BYTES = 50_000_000
_HEAD_BYTES = 1000
_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color", "--binary", "--full-index", "--ignore-submodules=dirty")


class GitHead(msgspec.Struct, frozen=True, kw_only=True):
    """Where HEAD points: `sha` is None on a branch without a commit, `branch` on a detached HEAD."""

    sha: str | None
    branch: str | None
    root: Path


def git_head(folder: str | Path = ".") -> GitHead | None:
    """Return commit and branch of the repository of `folder` without starting a process; None if there is none.

    Reads `.git` (or where a worktree's or submodule's `.git` file points), HEAD, refs and packed-refs. Never raises.
    For a repository that keeps its refs in a reftable both are None; `git_state` asks git.

    >>> git_head("/") is None
    True
    """
    try:
        repository = find_repository(Path(folder).absolute())
        return None if repository is None else _read_head(repository)
    except (OSError, ValueError, RuntimeError):
        return None


def git_state(
    folder: str | Path = ".", *, timeout_s: float = 20.0, environ: Mapping[str, str] = os.environ
) -> GitState | None:
    """Return the state of the repository of `folder`, None if there is none; meant for a background thread.

    Runs git without locks, prompts, hooks, configured helpers or fetching, and stops it after `timeout_s`. A fact that
    git does not give (not installed, refused, too slow) is None. Never raises. Only changes of tracked files make a
    repository dirty.
    """
    head = git_head(folder)
    if head is None:
        return None
    sha, branch = head.sha, head.branch
    if sha is None and branch is None:  # only git can find the refs
        sha = _line(_output_of(["rev-parse", "--verify", "--quiet", "HEAD"], head, timeout_s, environ))
        branch = _line(_output_of(["symbolic-ref", "--short", "--quiet", "HEAD"], head, timeout_s, environ))
    done = _diff(head, timeout_s, environ, has_commit=bool(sha))
    if done is None:
        return GitState(sha=sha, branch=branch, is_dirty=None, diff_sha256=None)
    return GitState(sha=sha, branch=branch, is_dirty=done.size > 0, diff_sha256=done.sha256 if done.size else None)


def git_diff(
    folder: str | Path = ".", *, timeout_s: float = 20.0, environ: Mapping[str, str] = os.environ
) -> bytes | None:
    """Return the uncommitted changes that `git_state` gives the digest of, None if there is no repository."""
    head = git_head(folder)
    if head is None:
        return None
    has_commit = head.sha or (
        head.branch is None
        and _line(_output_of(["rev-parse", "--verify", "--quiet", "HEAD"], head, timeout_s, environ))
    )
    done = _diff(head, timeout_s, environ, has_commit=bool(has_commit), keep=MAX_DIFF_BYTES)
    return None if done is None or done.size > MAX_DIFF_BYTES else done.head


def git_output(folder: Path, *arguments: str, timeout_s: float = 120.0) -> bytes | None:
    """Return what git prints about the repository of `folder`, None if it fails; the configuration is not read.

    >>> from pathlib import Path
    >>> git_output(Path("/"), "rev-parse", "HEAD") is None
    True
    """
    head = git_head(folder)
    done = None if head is None else _output_of(arguments, head, timeout_s, os.environ, keep=None)
    return None if done is None else done.head


def _diff(
    head: GitHead, timeout_s: float, environ: Mapping[str, str], *, has_commit: bool, keep: int = _HEAD_BYTES
) -> _Output | None:
    """Ask git for the uncommitted changes.

    `git diff` updates the index for files of which only the times have changed; no option prevents that (git 2.39). So
    it gets a copy of the index.
    """
    against = ["HEAD"] if has_commit else ["--cached"]
    return _output_of(["diff", *_DIFF, *against], head, timeout_s, environ, keep=keep)


def _read_head(repository: Repository) -> GitHead | None:
    content = read_text(repository.git_dir / "HEAD")
    if content is None:
        return None
    if not content.startswith("ref:"):
        sha = content if _SHA.fullmatch(content) else None
        return GitHead(sha=sha, branch=None, root=repository.root)
    ref = content.removeprefix("ref:").strip()
    branch = ref.removeprefix("refs/heads/")
    return GitHead(sha=_resolve(repository, ref), branch=None if branch == ".invalid" else branch, root=repository.root)


def _resolve(repository: Repository, ref: str) -> str | None:
    for _ in range(_MAX_HOPS):
        content = read_text(repository.git_dir / ref) or read_text(repository.common_dir / ref)
        if content is None:
            return _packed(repository, ref)
        if not content.startswith("ref:"):
            return content if _SHA.fullmatch(content) else None
        ref = content.removeprefix("ref:").strip()
    return None


def _packed(repository: Repository, ref: str) -> str | None:
    for line in (read_text(repository.common_dir / "packed-refs") or "").splitlines():
        sha, _, name = line.partition(" ")
        if name == ref and _SHA.fullmatch(sha):
            return sha
    return None


class _Output(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str
    size: int
    head: bytes


def _output_of(
    arguments: Sequence[str],
    head: GitHead,
    timeout_s: float,
    environ: Mapping[str, str],
    *,
    keep: int | None = _HEAD_BYTES,
) -> _Output | None:
    """Run git without the configuration of the repository; return its output, None if it fails."""
    try:
        repository = find_repository(head.root)
        content = head.sha or f"ref: refs/heads/{head.branch or '.invalid'}"
        with git_view(repository, head.root, content, environ) as view:
            return _run(arguments, head.root, timeout_s, view, keep)
    except (OSError, ValueError):
        return None


def _run(
    arguments: Sequence[str], folder: Path, timeout_s: float, environ: Mapping[str, str], keep: int | None
) -> _Output | None:
    program = git_program(environ)
    if program is None:
        return None
    process = subprocess.Popen(  # noqa: S603 - git with fixed arguments
        [program, "--no-optional-locks", "--no-pager", *arguments],
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    timer = threading.Timer(timeout_s, process.kill)
    timer.daemon = True
    timer.start()
    try:
        with process:
            return _drain(process, sys.maxsize if keep is None else keep)
    finally:
        timer.cancel()


def _drain(process: subprocess.Popen[bytes], keep: int) -> _Output | None:
    digest, size, kept = hashlib.sha256(), 0, bytearray()
    if process.stdout is not None:
        while chunk := process.stdout.read(1 << 16):
            kept += chunk[: max(0, keep - len(kept))]
            digest.update(chunk)
            size += len(chunk)
    return _Output(sha256=digest.hexdigest(), size=size, head=bytes(kept)) if process.wait() == 0 else None


def _line(output: _Output | None) -> str | None:
    return None if output is None else output.head.decode("utf-8", "backslashreplace").strip() or None
