"""`workspace`: the copy that a replay runs in, made from the recorded commit or from the folder."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.errors import InputError
from ithtel.provenance.files import digest_or_none
from ithtel.provenance.git import git_head, git_output
from ithtel.provenance.git_view import git_program, git_view
from ithtel.replay.copying.placing import folder_in, levels_above, make_folder, n_levels, put, within_copy
from ithtel.replay.inputs import folders_before, session_made

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.reading.history.values import History
    from ithtel.reading.lines.object_store import Contents
    from ithtel.replay.inputs import InputFile

LARGE_BYTES = 10_000_000
MAX_FILES = 20_000
MAX_VISITED = 10 * MAX_FILES
"""Of a folder with more files than this, the others are not looked at."""
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
    if git_output(head.root, "cat-file", "-e", f"{history.git_sha}^{{commit}}") is None:
        return Origin(root=head.root, inner=inner, commit=None, note="the recorded commit is not in the repository")
    kept = history.git_diff is not None and contents(history.git_diff) is not None
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
        places = dict(_places(origin, inputs))
        folders = list(_folders(origin, history))
        copy = folder_in(top, origin.root, [*places, *folders])
        copy.mkdir(parents=True)
        made = _made_here(origin, history)
        if origin.commit is not None:
            _extract(origin, copy, made)
            if origin.has_diff and history.git_diff is not None:
                _apply(_kept(contents, history.git_diff), copy)
        else:
            _copy(origin.root, copy, {each.found for each in inputs if each.found is not None}, made)
        folder = copy / origin.inner
        folder.mkdir(parents=True, exist_ok=True)
        for path, each in places.items():
            _place(each, top, copy, path, is_commit=origin.commit is not None)
        for n, each in enumerate(inputs):
            if each.is_outside and each.found is not None and each.place != "path":
                put(each.found, top, copy, place_elsewhere(n, each), each.sha256)
        for path in folders:
            make_folder(top, copy, path)
        yield folder
    except (OSError, tarfile.TarError) as error:
        raise InputError(f"cannot copy the folder: {error}") from error
    finally:
        shutil.rmtree(top, ignore_errors=True)


def _places(origin: Origin, inputs: Sequence[InputFile]) -> Iterator[tuple[str, InputFile]]:
    """Yield the recorded files that the copy holds, with their places relative to the copied folder."""
    for each in inputs:
        path = within_copy(each.path, origin.inner)
        if path is not None and each.found is not None and levels_above(path) <= n_levels(origin.root):
            yield path, each


def place_elsewhere(n: int, given: InputFile) -> str:
    """Return where the copy holds input number `n`, which had an absolute path and was found elsewhere."""
    name = re.sub(r"[^\w.\-]", "_", re.split(r"[/\\]", given.path)[-1])[-100:]
    return f".ithtel-inputs/{n}/{name.strip('.') or 'input'}"


def is_in_commit(origin: Origin, path: str, sha256: str) -> bool:
    """Return whether the commit that is copied holds a file with this content.

    Args:
        origin: What is copied.
        path: The file, as `within_copy` returns it.
        sha256: The digest of its content.
    """
    if origin.commit is None or levels_above(path):
        return False
    content = git_output(origin.root, "cat-file", "blob", f"{origin.commit}:{path}")
    return content is not None and hashlib.sha256(content).hexdigest() == sha256


def _folders(origin: Origin, history: History) -> Iterator[str]:
    """Yield the folders that the session expects, relative to the copied folder."""
    for folder in folders_before(history):
        path = within_copy(folder, origin.inner)
        if path is not None and levels_above(path) <= n_levels(origin.root):
            yield path


def _made_here(origin: Origin, history: History) -> set[Path]:
    """Return the files in the folder that the session made itself."""
    paths = (within_copy(path, origin.inner) for path in session_made(history))
    return {origin.root / path for path in paths if path is not None and not levels_above(path)}


def _kept(contents: Contents, sha256: str) -> bytes:
    content = contents(sha256)
    if content is None:
        raise InputError("the recorded changes are no longer kept, or were damaged")
    return content


def _place(given: InputFile, top: Path, copy: Path, path: str, *, is_commit: bool) -> None:
    """Copy a recorded file to where the session had it."""
    if given.found is None:
        return
    target = copy / path
    is_there = given.place == "path" and target.is_file() and not target.is_symlink()
    if is_there and not (is_commit and given.is_verified and digest_or_none(target) != given.sha256):
        return  # it was copied with the folder
    put(given.found, top, copy, path, given.sha256 if given.is_verified else None)


def _copy(root: Path, copy: Path, read: set[Path], made: set[Path]) -> None:
    """Copy small files and those that a cell read; of a very large folder only modules and the files that were read.

    Files that the session made itself (`made`) are left out.
    """
    kept = list(islice((path for path in _files(root, read) if path not in made), MAX_VISITED))
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


def _extract(origin: Origin, copy: Path, made: set[Path]) -> None:
    archive = git_output(origin.root, "archive", "--format=tar", str(origin.commit))
    if archive is None:
        raise InputError(f"git cannot archive commit {str(origin.commit)[:8]}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(copy, filter="data")
    others = git_output(origin.root, "ls-files", "--others", "--exclude-standard", "-z") or b""
    for name in filter(None, others.decode("utf-8", "surrogateescape").split("\0")):
        path, target = origin.root / name, copy / name
        is_small = path.is_file() and path.stat().st_size <= LARGE_BYTES
        if is_small and path not in made and not LEFT_OUT.intersection(path.parts):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _apply(diff: bytes, copy: Path) -> None:
    program = git_program(os.environ)
    if program is None:
        raise InputError("cannot apply the recorded changes: git is not installed")
    with git_view(None, copy, "ref: refs/heads/main", os.environ) as environ:
        done = subprocess.run(  # noqa: S603 - git with fixed arguments
            [program, "apply", "--whitespace=nowarn", "-"],
            cwd=copy,
            env=environ,
            input=diff,
            capture_output=True,
            check=False,
        )
    if done.returncode != 0:
        raise InputError(f"cannot apply the recorded changes: {done.stderr.decode(errors='replace').strip()[:200]}")
