"""`FileTap`: the audit hook of the process that learns which files Python opens."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ithtel.provenance.contacts.contact import HEARD
from ithtel.provenance.user_code import is_own_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ithtel.provenance.contacts.watch import ContactWatch

_OURS = HEARD | {"open", "os.rename"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NOISE_ROOTS = ("/proc/", "/sys/", "/dev/", "/etc/", "/run/", "/usr/share/", "/usr/lib/", "/var/lib/")
_NOISE = re.compile(
    r"(^|/)(__pycache__|\.git|\.ipython|\.jupyter|\.matplotlib|\.cache|\.config|\.ipynb_checkpoints|node_modules)(/|$)"
    r"|\.(pyc|pyo|nbi|nbc|so|lock|ipynb)$|/ipykernel_\d+/|\.(sqlite|db)-(wal|shm|journal)$"
)


class OpenedFiles:
    """The files that one cell opened, in order."""

    def __init__(self) -> None:
        self.read: dict[str, None] = {}
        self.written: dict[str, None] = {}

    def add(self, path: object, *, is_write: bool) -> None:
        """Add a file that is opened. Its path is made absolute now, since the cell may change its folder."""
        if not isinstance(path, str | bytes | os.PathLike):
            return
        full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - pathlib costs ten times as much
        if is_write:
            self.written[full] = None
        elif full not in self.written:
            self.read[full] = None

    def moved(self, source: object, target: object) -> None:
        """Add a renamed file: what was written under the old name now counts under the new one."""
        if isinstance(source, str | bytes | os.PathLike) and isinstance(target, str | bytes | os.PathLike):
            old = os.path.abspath(os.fsdecode(source))  # noqa: PTH100
            if self.written.pop(old, old) is None:
                self.add(target, is_write=True)


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
        elif self._safely is not None:
            if event == "sqlite3.connect":
                self._safely(opened.add, arguments[0], is_write=False)
            if self.contacts is not None:
                self._safely(self.contacts.hear, event, arguments, sys._getframe(1))  # noqa: SLF001


def _note_open(opened: OpenedFiles, path: object, mode: object = None, flags: object = 0, *_: object) -> None:
    if isinstance(mode, str):
        opened.add(path, is_write=any(letter in mode for letter in "wax+"))
    else:
        opened.add(path, is_write=isinstance(flags, int) and bool(flags & _WRITING))


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
