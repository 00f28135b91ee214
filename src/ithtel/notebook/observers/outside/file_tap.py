"""`FileTap`: the audit hook of the process that learns which files Python opens."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ithtel.provenance.contacts.contact import HEARD
from ithtel.provenance.user_code import is_own_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ithtel.provenance.contacts.watch import ContactWatch

_OURS = HEARD | {"open", "os.rename", "os.mkdir", "sqlite3.connect"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MAX_DIGESTED = 1_000_000
_NOISE_ROOTS = ("/proc/", "/sys/", "/dev/", "/etc/", "/run/", "/usr/share/", "/usr/lib/", "/var/lib/")
_NOISE = re.compile(
    r"(^|/)(__pycache__|\.git|\.ipython|\.jupyter|\.matplotlib|\.cache|\.config|\.ipynb_checkpoints|node_modules)(/|$)"
    r"|\.(pyc|pyo|nbi|nbc|so|lock|ipynb)$|/ipykernel_\d+/|\.(sqlite|db)-(wal|shm|journal)$"
)


class FileState(NamedTuple):
    """What changes when a file is written."""

    mtime_ns: int
    size_bytes: int
    inode: int


class Earlier(NamedTuple):
    """What a file was when a cell first opened it; `state` is None if it did not exist."""

    state: FileState | None
    sha256: str | None = None
    """Digested only if the cell may depend on what it then overwrites."""
    content: bytes | None = None
    """Only if the inputs of cells are kept."""


class OpenedFiles:
    """The files that one cell opened, in order, each with what it was before."""

    def __init__(self, *, keep_contents: bool = False) -> None:
        self._keep_contents = keep_contents
        self.read: dict[str, Earlier] = {}
        self.written: dict[str, Earlier] = {}
        self.databases: dict[str, Earlier] = {}
        """Opened by SQLite, which may read or write them."""
        self.made_folders: dict[str, None] = {}

    def add(self, path: object, *, is_write: bool, keeps: bool = False) -> None:
        """Add a file that is opened. Its path is made absolute now, since the cell may change its folder.

        Args:
            path: The file.
            is_write: Whether it is opened for writing.
            keeps: Whether what the file holds is kept, as it is in the modes `a` and `r+`.
        """
        if not isinstance(path, str | bytes | os.PathLike):
            return
        full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - pathlib costs ten times as much
        if is_write:
            if full not in self.written:
                self.written[full] = self._earlier(full, is_needed=keeps or full in self.read)
        elif full not in self.written and full not in self.read:
            self.read[full] = Earlier(file_state(full))

    def connect(self, path: object) -> None:
        """Add the file of a database."""
        if isinstance(path, str | bytes | os.PathLike):
            full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
            if full not in self.databases:
                self.databases[full] = self._earlier(full, is_needed=True)

    def _earlier(self, path: str, *, is_needed: bool) -> Earlier:
        """Return what a file is now; its digest if that is needed and takes at most about a millisecond."""
        state = file_state(path)
        if state is None or not is_needed or state.size_bytes > _MAX_DIGESTED or is_noise(path):
            return Earlier(state)
        with file_tap.deafened():
            content = Path(path).read_bytes()
        return Earlier(state, hashlib.sha256(content).hexdigest(), content if self._keep_contents else None)

    def made(self, path: object) -> None:
        """Add a folder that is about to be made."""
        if isinstance(path, str | bytes | os.PathLike):
            full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
            if not os.path.lexists(full):
                self.made_folders[full] = None

    def moved(self, source: object, target: object) -> None:
        """Add a renamed file: what was written under the old name now counts under the new one."""
        if isinstance(source, str | bytes | os.PathLike) and isinstance(target, str | bytes | os.PathLike):
            old = os.path.abspath(os.fsdecode(source))  # noqa: PTH100
            if self.written.pop(old, None) is not None:
                self.add(target, is_write=True)


def file_state(path: str) -> FileState | None:
    """Return what changes when a file is written; None if there is no such file, or it is not an ordinary one."""
    try:
        status = os.stat(path)  # noqa: PTH116 - pathlib takes three times as long
    except (OSError, ValueError):
        return None
    return FileState(status.st_mtime_ns, status.st_size, status.st_ino) if stat.S_ISREG(status.st_mode) else None


class FileTap:
    """Learns of each file that is opened. Python cannot remove an audit hook, so the process has only one.

    While no cell is recorded it compares one attribute with None, and nothing else.
    """

    def __init__(self) -> None:
        self.listener: OpenedFiles | None = None
        self.contacts: ContactWatch | None = None
        """Learns of what else the cell asks outside; the same hook serves both."""
        self.deaf: set[int] = set()
        """Our own threads, which read files that cells have opened before."""
        self._safely: Callable[..., None] | None = None
        self._is_installed = False

    def listen(self, opened: OpenedFiles, safely: Callable[..., None]) -> None:
        """Add the files that are opened from now on to `opened`."""
        if not self._is_installed:
            self._is_installed = True
            sys.addaudithook(self._hear)
        self._safely = safely
        self.listener = opened

    def stop(self, opened: OpenedFiles | None = None) -> None:
        """Stop listening; with `opened`, only if that is the current listener."""
        if opened is None or self.listener is opened:
            self.listener = None

    @contextmanager
    def deafened(self) -> Iterator[None]:
        """Ignore what this thread opens."""
        thread = threading.get_ident()
        self.deaf.add(thread)
        try:
            yield
        finally:
            self.deaf.discard(thread)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        opened = self.listener
        if opened is None or event not in _OURS or threading.get_ident() in self.deaf:
            return
        if event == "open" and self._safely is not None:
            self._safely(_note_open, opened, *arguments)
        elif event == "os.rename" and self._safely is not None:
            self._safely(opened.moved, *arguments[:2])
        elif event == "os.mkdir" and self._safely is not None:
            self._safely(opened.made, arguments[0])
        elif self._safely is not None:
            if event == "sqlite3.connect":
                self._safely(opened.connect, arguments[0])
            if self.contacts is not None:
                self._safely(self.contacts.hear, event, arguments, sys._getframe(1))  # noqa: SLF001


def _note_open(opened: OpenedFiles, path: object, mode: object = None, flags: object = 0, *_: object) -> None:
    if isinstance(mode, str):
        is_write = any(letter in mode for letter in "wax+")
        opened.add(path, is_write=is_write, keeps="a" in mode or ("+" in mode and "w" not in mode))
    else:
        is_write = isinstance(flags, int) and bool(flags & _WRITING)
        opened.add(path, is_write=is_write, keeps=is_write and not int(flags) & os.O_TRUNC)  # type: ignore[call-overload]


file_tap = FileTap()


def is_noise(path: str) -> bool:
    """Return whether a file is not the user's data but part of Python, a library, the system, a cache or a front end.

    >>> is_noise("/proc/self/stat"), is_noise("/work/__pycache__/a.pyc"), is_noise("/work/data/nav.csv")
    (True, True, False)
    """
    if path.startswith(_NOISE_ROOTS) or not is_own_file(path):
        return True
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if cache and path.startswith(cache.rstrip("/") + "/"):
        return True
    numba = os.environ.get("NUMBA_CACHE_DIR", "")
    if numba and path.startswith(numba.rstrip("/") + "/"):
        return True
    temporary = tempfile.gettempdir()
    inside = path[len(temporary) :] if path.startswith(temporary + "/") else path
    return bool(_NOISE.search(inside if inside != path else _below_home(path)))


def _below_home(path: str) -> str:
    """Return a path without the folders above the working directory: a project may lie in `.cache`."""
    here = os.getcwd()  # noqa: PTH109
    return path[len(here) :] if path.startswith(here + "/") else path
