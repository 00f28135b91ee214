"""`workspace`: the copy that a replay runs in, made from the recorded commit or from the folder."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.errors import InputError
from ithtel.provenance.git import git_head

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.object_store import Contents
    from ithtel.replay.inputs import InputFile

GIT = "git"
LARGE_BYTES = 10_000_000
MAX_FILES = 20_000
LEFT_OUT = frozenset(
    {".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".ipynb_checkpoints", "logs", ".mypy_cache",
     ".ruff_cache", ".pytest_cache", ".tox", ".nox", ".cache"}
)  # fmt: skip


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What to copy: a commit of `root`, or `root` as it is now; `inner` is the session's folder in it."""

    root: Path
    inner: str
    commit: str | None
    has_diff: bool = False
    note: str | None = None

    def text(self) -> str:
        """Return a description without a path."""
        if self.commit is None:
            return "a copy of the folder as it is now" + (f" ({self.note})" if self.note else "")
        return f"a copy of commit {self.commit[:8]}" + (" with the recorded changes" if self.has_diff else "")


def origin_of(history: History, folder: Path, contents: Contents) -> Origin:
    """Return what to copy for a replay of this session."""
    head = git_head(folder)
    if head is None:
        return Origin(root=folder, inner=".", commit=None)
    inner = os.path.relpath(folder.resolve(), head.root.resolve())
    if history.git_sha is None or history.is_dirty is None:
        return Origin(root=head.root, inner=inner, commit=None)
    if _git(head.root, "cat-file", "-e", f"{history.git_sha}^{{commit}}") is None:
        return Origin(root=head.root, inner=inner, commit=None, note="the recorded commit is not in the repository")
    kept = history.git_diff is not None and contents.path(history.git_diff) is not None
    if history.is_dirty and not kept:
        note = "uncommitted changes were not recorded (set keep=code)"
        return Origin(root=head.root, inner=inner, commit=None, note=note)
    return Origin(root=head.root, inner=inner, commit=history.git_sha, has_diff=bool(history.is_dirty))


@contextmanager
def workspace(origin: Origin, history: History, inputs: Sequence[InputFile], contents: Contents) -> Iterator[Path]:
    """Make the copy and yield the session's folder in it; the copy is deleted afterwards.

    Raises:
        InputError: The folder cannot be copied.
    """
    top = Path(tempfile.mkdtemp(prefix="ithtel-replay-"))
    try:
        copy = top / (origin.root.resolve().name or "root")
        copy.mkdir()
        if origin.commit is not None:
            _extract(origin, copy)
            if origin.has_diff and history.git_diff is not None:
                _apply(contents(history.git_diff) or b"", copy)
        else:
            _copy(origin.root, copy, {each.found for each in inputs if each.found is not None})
        folder = copy / origin.inner
        folder.mkdir(parents=True, exist_ok=True)
        for each in inputs:
            _place(each, folder)
        yield folder
    except OSError as error:
        raise InputError(f"cannot copy the folder: {error}") from error
    finally:
        shutil.rmtree(top, ignore_errors=True)


def _place(given: InputFile, folder: Path) -> None:
    """Copy a recorded file to where the session had it, unless that is outside of the folder."""
    if given.found is None or given.is_outside:
        return
    target = folder / given.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if given.place == "path" and target.exists() and target.samefile(given.found):
        return
    if given.place != "path" or not target.exists():
        shutil.copyfile(given.found, target)


def _copy(root: Path, copy: Path, read: set[Path]) -> None:
    """Copy small files and those that a cell read; of a very large folder only modules and the files that were read."""
    kept = list(_files(root, read))
    if len(kept) > MAX_FILES:
        kept = [path for path in kept if path in read or path.suffix == ".py"][:MAX_FILES]
    for path in kept:
        target = copy / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(path, target)
        except OSError:
            if path in read:
                raise


def _files(root: Path, read: set[Path]) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name not in LEFT_OUT and not _is_environment(Path(folder, name))
        )
        for name in sorted(names):
            path = Path(folder, name)
            if path in read or (path.is_file() and path.stat().st_size <= LARGE_BYTES):
                yield path


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists() or (folder / "conda-meta").exists()


def _extract(origin: Origin, copy: Path) -> None:
    archive = _git(origin.root, "archive", "--format=tar", str(origin.commit))
    if archive is None:
        raise InputError(f"git cannot archive commit {str(origin.commit)[:8]}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(copy, filter="data")
    others = _git(origin.root, "ls-files", "--others", "--exclude-standard", "-z") or b""
    for name in filter(None, others.decode("utf-8", "surrogateescape").split("\0")):
        path, target = origin.root / name, copy / name
        if path.is_file() and path.stat().st_size <= LARGE_BYTES and not LEFT_OUT.intersection(path.parts):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _apply(diff: bytes, copy: Path) -> None:
    done = subprocess.run(  # noqa: S603 - git with fixed arguments
        [GIT, "apply", "--whitespace=nowarn", "-"],
        cwd=copy,
        input=diff,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise InputError(f"cannot apply the recorded changes: {done.stderr.decode(errors='replace').strip()[:200]}")


def _git(root: Path, *arguments: str) -> bytes | None:
    """Return the output of git, None if it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - git with fixed arguments
            [GIT, "--no-optional-locks", *arguments],
            cwd=root,
            capture_output=True,
            check=False,
            timeout=120,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
