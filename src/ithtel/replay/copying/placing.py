"""`within_copy`, `put`, `make_folder`: where recorded files lie in the copy of a replay, and nowhere else."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:")
MAX_LENGTH = 4_000


def is_absolute(path: str) -> bool:
    r"""Return whether a recorded path does not depend on the session's folder, on any system.

    >>> is_absolute("/data/nav.csv"), is_absolute("C:\\nav.csv"), is_absolute("../data/nav.csv")
    (True, True, False)
    """
    return bool(_ABSOLUTE.match(path))


def within_copy(path: str, inner: str) -> str | None:
    """Return a recorded path relative to the folder that is copied; it begins with `../` if it lies above of it.

    Args:
        path: A path relative to the session's folder.
        inner: The session's folder, relative to the folder that is copied.

    Returns:
        None if no copy can hold it, because it is absolute or not the name of a file.

    >>> within_copy("../data/nav.csv", "notebooks"), within_copy("../../nav.csv", "notebooks"), within_copy("/a", ".")
    ('data/nav.csv', '../nav.csv', None)
    """
    if not path or is_absolute(path) or "\0" in path or "\\" in path or len(path) > MAX_LENGTH:
        return None
    found = posixpath.normpath(posixpath.join(inner.replace(os.sep, "/"), path))
    return None if found in {".", ".."} or found.endswith("/..") else found


def levels_above(path: str) -> int:
    """Return how many folders above of the copied folder a path of `within_copy` begins.

    >>> levels_above("data/nav.csv"), levels_above("../../nav.csv")
    (0, 2)
    """
    return sum(part == ".." for part in path.split("/"))


def n_levels(root: Path) -> int:
    """Return how many folders a folder lies in: so many can be made above of it in a copy."""
    return len(root.resolve().parents)


def folder_in(top: Path, root: Path, paths: Iterable[str]) -> Path:
    """Return where the copy of `root` lies below `top`, as deep as its highest file above needs.

    Args:
        top: An empty folder.
        root: The folder that is copied.
        paths: The files to place, as `within_copy` returns them.
    """
    deepest = max((levels_above(path) for path in paths), default=0)
    above = [each.name or "root" for each in list(root.resolve().parents)[:deepest]]
    return top.joinpath(*reversed(above), root.resolve().name or "root")


def put(source: Path, top: Path, copy: Path, path: str, sha256: str | None = None) -> None:
    """Copy a file to its place in the copy, over what may be there, and never outside of `top`.

    Links on the way that lead out of it are replaced by folders.

    Args:
        source: An ordinary file.
        top: The folder that holds the whole copy.
        copy: The copied folder in it.
        path: The place, as `within_copy` returns it.
        sha256: The digest that the content must have; None for any.

    Raises:
        InputError: The place is outside of `top`, or the content has another digest.
        OSError: The file cannot be copied.
    """
    target = Path(os.path.normpath(copy / path))
    if not target.is_relative_to(top) or target == top:
        raise InputError(f"refused to copy a file to {path!r}, which is outside of the copy")
    make_folder(top, copy, posixpath.dirname(path))
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    _copy(source, target, sha256, path)


def make_folder(top: Path, copy: Path, path: str) -> None:
    """Make a folder in the copy, and never outside of `top`.

    Raises:
        InputError: The place is outside of `top`.
        OSError: The folder cannot be made.
    """
    target = Path(os.path.normpath(copy / path))
    if not target.is_relative_to(top):
        raise InputError(f"refused to make the folder {path!r}, which is outside of the copy")
    folder = top
    for part in target.relative_to(top).parts:
        folder /= part
        leads_out = folder.is_symlink() and not folder.resolve().is_relative_to(top.resolve())
        if leads_out or (os.path.lexists(folder) and not folder.is_dir()):
            folder.unlink()
        folder.mkdir(exist_ok=True)


def _copy(source: Path, target: Path, sha256: str | None, path: str) -> None:
    digest = hashlib.sha256()
    descriptor = os.open(
        source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    )  # does not wait for the other end of a pipe
    with os.fdopen(descriptor, "rb") as given, target.open("xb") as made:
        if not stat.S_ISREG(os.fstat(given.fileno()).st_mode):
            raise InputError(f"expected an ordinary file for {path!r}")
        while block := given.read(1 << 20):
            digest.update(block)
            made.write(block)
    if sha256 is not None and digest.hexdigest() != sha256:
        target.unlink()
        raise InputError(f"the content that was kept for {path!r} does not have its digest")
