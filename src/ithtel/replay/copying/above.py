"""`files_above`, `missing_file`: the files that a notebook needs and that the copy of its folder does not hold."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_FILES = 2_000
"""Of a folder above that a cell names. With more, only its modules are taken."""
LARGE_BYTES = 10_000_000
_SKIPPED = frozenset({"venv", "node_modules", "__pycache__", "site-packages"})
_ABOVE = re.compile(r"""(?P<quote>['"])(?P<path>\.\.(?:/(?:(?!(?P=quote))[^\n{])*)?)(?:(?P=quote)|\{)""")
_QUOTED = re.compile(r"['\"]([^'\"\n]+)['\"]")
_BARE = re.compile(r"(?:[~./]|[\w\-]+/)[^\s'\":,;()\[\]]+")


def files_above(sources: Iterable[str], folder: Path) -> list[str]:
    """Return the existing files above of a notebook's folder that the texts of its cells name, relative to the folder.

    Of a folder that they name, all its small files are returned; of a very large one, its modules.

    Args:
        sources: The texts of the cells.
        folder: The notebook's folder.

    >>> files_above(["x = 1"], Path())
    []
    """
    found: dict[str, None] = {}
    for source in sources:
        for match in _ABOVE.finditer(source):
            found |= dict.fromkeys(_below(posixpath.normpath(match["path"]), folder))
    return list(found)


def missing_file(error: str, copy: Path, folder: Path) -> str | None:
    """Return the file that an error names if it exists for the session and not in the copy, relative to the folder.

    Args:
        error: The message of the error.
        copy: The session's folder in the copy.
        folder: The session's folder.

    >>> missing_file("[Errno 2] No such file or directory: 'no.csv'", Path("copy"), Path("folder")) is None
    True
    """
    for name in (*_QUOTED.findall(error), *_BARE.findall(error)):
        try:
            path = os.path.relpath(copy / Path(name).expanduser(), copy).replace(os.sep, "/")
            if (folder / path).is_file() and not (copy / path).exists():
                return path
        except (OSError, ValueError, RuntimeError):
            continue
    return None


def _below(path: str, folder: Path) -> Iterator[str]:
    try:
        here = folder / path
        if here.is_file():
            yield path
        elif here.is_dir():
            kept = list(_walk(here, folder.resolve()))
            few = kept[:MAX_FILES] if len(kept) <= MAX_FILES else [each for each in kept if each.suffix == ".py"]
            yield from (posixpath.join(path, each.relative_to(here).as_posix()) for each in few)
    except (OSError, ValueError):
        return


def _walk(top: Path, notebooks: Path) -> Iterator[Path]:
    """Yield the small files below a folder, without the notebook's own folder and environments, at most a few more."""
    n = 0
    for root, folders, names in os.walk(top):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _SKIPPED and Path(root, name).resolve() != notebooks
        )
        for path in (Path(root, name) for name in sorted(names)):
            n += 1
            if n > 2 * MAX_FILES:
                return
            if path.is_file() and path.stat().st_size <= LARGE_BYTES:
                yield path
