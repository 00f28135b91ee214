"""`git_head`, `git_state`, `git_diff`: commit and branch from files, uncommitted changes from git itself."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.events import GitState

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


class _Repository(msgspec.Struct, frozen=True, kw_only=True):
    root: Path
    git_dir: Path
    common_dir: Path


def git_head(folder: str | Path = ".") -> GitHead | None:
    """Return commit and branch of the repository of `folder` without starting a process; None if there is none.

    Reads `.git` (or where a worktree's or submodule's `.git` file points), HEAD, refs and packed-refs. Never raises.
    For a repository that keeps its refs in a reftable both are None; `git_state` asks git.

    >>> git_head("/") is None
    True
    """
    try:
        repository = _find(Path(folder).absolute())
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
    if sha is None:  # there is no commit, or only git can find the refs
        sha = _line(_digest_of(["rev-parse", "--verify", "--quiet", "HEAD"], head.root, timeout_s, environ))
        branch = _line(_digest_of(["symbolic-ref", "--short", "--quiet", "HEAD"], head.root, timeout_s, environ))
    done = _diff(head.root, timeout_s, environ, has_commit=bool(sha))
    if done is None:
        return GitState(sha=sha, branch=branch, is_dirty=None, diff_sha256=None)
    return GitState(sha=sha, branch=branch, is_dirty=done.size > 0, diff_sha256=done.sha256 if done.size else None)


def git_diff(
    folder: str | Path = ".", *, timeout_s: float = 20.0, environ: Mapping[str, str] = os.environ
) -> bytes | None:
    """Return the uncommitted changes that `git_state` gives the digest of, None if there is no repository."""
    state = git_head(folder)
    if state is None:
        return None
    has_commit = state.sha or _line(
        _digest_of(["rev-parse", "--verify", "--quiet", "HEAD"], state.root, timeout_s, environ)
    )
    done = _diff(state.root, timeout_s, environ, has_commit=bool(has_commit), keep=MAX_DIFF_BYTES)
    return None if done is None or done.size > MAX_DIFF_BYTES else done.head


def _diff(
    root: Path, timeout_s: float, environ: Mapping[str, str], *, has_commit: bool, keep: int = _HEAD_BYTES
) -> _Output | None:
    """Ask git for the uncommitted changes, using a copy of the index.

    `git diff` updates the index for files of which only the times have changed; no option prevents that (git 2.39). The
    copy keeps its modification time, by which git recognizes entries that are too fresh to be trusted.
    """
    repository = _find(root)
    against = ["HEAD"] if has_commit else ["--cached"]
    try:
        with tempfile.TemporaryDirectory(prefix="ithtel-") as folder:
            index = Path(folder) / "index"
            if repository is not None and (repository.git_dir / "index").exists():
                shutil.copy2(repository.git_dir / "index", index)
            return _digest_of(["diff", *_DIFF, *against], root, timeout_s, environ, keep=keep, index=index)
    except OSError:
        return None


def _find(folder: Path) -> _Repository | None:
    for root in (folder, *folder.parents):
        marker = root / ".git"
        if marker.is_dir() and (marker / "HEAD").exists():
            return _Repository(root=root, git_dir=marker, common_dir=_common(marker))
        if marker.is_file():
            text = _text(marker)
            if text is not None and text.startswith("gitdir:"):
                git_dir = (root / text.removeprefix("gitdir:").strip()).resolve()
                return _Repository(root=root, git_dir=git_dir, common_dir=_common(git_dir))
    return None


def _common(git_dir: Path) -> Path:
    """Return the folder that worktrees share."""
    common = _text(git_dir / "commondir")
    return git_dir if common is None else (git_dir / common).resolve()


def _read_head(repository: _Repository) -> GitHead | None:
    content = _text(repository.git_dir / "HEAD")
    if content is None:
        return None
    if not content.startswith("ref:"):
        sha = content if _SHA.fullmatch(content) else None
        return GitHead(sha=sha, branch=None, root=repository.root)
    ref = content.removeprefix("ref:").strip()
    branch = ref.removeprefix("refs/heads/")
    return GitHead(sha=_resolve(repository, ref), branch=None if branch == ".invalid" else branch, root=repository.root)


def _resolve(repository: _Repository, ref: str) -> str | None:
    for _ in range(_MAX_HOPS):
        content = _text(repository.git_dir / ref) or _text(repository.common_dir / ref)
        if content is None:
            return _packed(repository, ref)
        if not content.startswith("ref:"):
            return content if _SHA.fullmatch(content) else None
        ref = content.removeprefix("ref:").strip()
    return None


def _packed(repository: _Repository, ref: str) -> str | None:
    for line in (_text(repository.common_dir / "packed-refs") or "").splitlines():
        sha, _, name = line.partition(" ")
        if name == ref and _SHA.fullmatch(sha):
            return sha
    return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except (OSError, ValueError):
        return None


class _Output(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str
    size: int
    head: bytes


def _digest_of(
    arguments: Sequence[str],
    folder: Path,
    timeout_s: float,
    environ: Mapping[str, str],
    *,
    keep: int = _HEAD_BYTES,
    index: Path | None = None,
) -> _Output | None:
    """Run git, with another index if given, and return the digest of its output, None if it fails."""
    program = shutil.which("git", path=environ.get("PATH"))
    if program is None:
        return None
    options = ["--no-optional-locks", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=true"]
    try:
        process = subprocess.Popen(  # noqa: S603 - git with fixed arguments
            [program, *options, *arguments],
            cwd=folder,
            env=_environment(environ) | ({} if index is None else {"GIT_INDEX_FILE": str(index)}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return None
    timer = threading.Timer(timeout_s, process.kill)
    timer.daemon = True
    timer.start()
    try:
        with process:
            return _drain(process, keep)
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


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which git changes nothing, does not prompt, and has stable output."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    kept |= {name: environ[name] for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM") if name in environ}
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }


def _line(output: _Output | None) -> str | None:
    return None if output is None else output.head.decode("utf-8", "backslashreplace").strip() or None
