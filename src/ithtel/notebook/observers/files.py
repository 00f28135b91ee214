"""`Files`: the files that a cell read and wrote, with their digests."""

from __future__ import annotations

import os
import queue
import stat
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

import msgspec

from ithtel.errors import IthtelError
from ithtel.events import FileRead, FileWrite
from ithtel.events.format.files import is_log
from ithtel.notebook.cells.run import COMPONENT
from ithtel.notebook.observers.file_tap import OpenedFiles, file_tap, is_noise
from ithtel.provenance.files import fingerprint_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun, Safely
    from ithtel.recording.session import Session

AT_ONCE_BYTES = 1_000_000
"""A larger file is digested in the background: 1 MB takes about 1 ms."""
MAX_FILES = 200
"""Files of one cell that are recorded. More than that are a data set, for which its folder is enough."""
_WAIT_S = 5.0


class Files:
    """Observes which files a cell opens, and which existing files its text names: C++ code opens files unnoticed."""

    def __init__(self, shell: InteractiveShell, safely: Safely, session: Callable[[], Session | None]) -> None:
        self.shell = shell
        self._safely = safely
        self._session = session
        self._watched: dict[str, tuple[OpenedFiles, dict[str, tuple[int, int, int] | None]]] = {}
        self._known: dict[str, tuple[str, str]] = {}
        self._since_ns = time.time_ns()
        self._background = Background()

    def before(self, run: CellRun) -> None:
        """Start listening."""
        if not run.cell.is_off:
            opened, named = OpenedFiles(), {path: _state(path) for path in _paths(run.report.flow.file_strings)}
            self._watched[run.cell.span_id] = opened, named
            file_tap.listen(opened, self._safely)

    def after(self, run: CellRun) -> None:
        """Record which files were read and written."""
        watched = self._watched.pop(run.cell.span_id, None)
        if watched is None:
            return
        opened, named = watched
        file_tap.stop(opened)
        if not opened.read and not opened.written and not named:
            return
        touched = dict.fromkeys(opened.read, False) | dict.fromkeys(opened.written, True)
        for path, before in named.items():
            now = _state(path)
            if now is not None:
                touched.setdefault(path, now != before)
        kept = self._of_the_user(touched)
        for path in kept[:MAX_FILES]:
            self._note(run, path, is_write=touched[path], is_read=path in opened.read)
        if len(kept) > MAX_FILES:
            run.extend(skipped={**run.report.skipped, "files": f"{len(kept) - MAX_FILES} more than {MAX_FILES}"})

    def close(self) -> None:
        """Stop listening."""
        file_tap.stop()

    def _note(self, run: CellRun, path: str, *, is_write: bool, is_read: bool) -> None:
        try:
            status = Path(path).stat()
        except OSError:
            return  # already removed: a temporary file
        if not Path(path).is_file():
            return
        size, mtime = status.st_size, status.st_mtime_ns
        if is_write and is_read:  # what it held when it was read is no longer known
            run.record(FileRead(path=path, sha256=None, size_bytes=size, mtime_ns=mtime))
        kind = FileWrite if is_write else FileRead
        event = kind(path=path, sha256=None, size_bytes=size, mtime_ns=mtime)
        if size > AT_ONCE_BYTES and (session := self._session()) is not None:
            self._background.put(session, partial(self._emit_later, session, run.cell.span_id, event))
            return
        digest = _digest(path, mtime)
        run.record(msgspec.structs.replace(event, sha256=digest))
        self._compare(run, path, digest, kind)

    def _emit_later(self, session: Session, span_id: str, event: FileRead | FileWrite) -> None:
        digest = _digest(event.path, event.mtime_ns)
        if not session.is_closed:
            session.emit(msgspec.structs.replace(event, sha256=digest), component=COMPONENT, span_id=span_id)
        self._compare(None, event.path, digest, type(event))

    def _compare(self, run: CellRun | None, path: str, digest: str | None, kind: type[FileRead | FileWrite]) -> None:
        """Warn if a file is no longer what an earlier cell read."""
        if digest is None:
            return
        label = "" if run is None else run.cell.label
        known = self._known.get(path)
        if run is not None and known is not None and known[0] != digest:
            name = Path(path).name
            if kind is FileRead:
                run.warn("changed_file", f"{name} has changed since {known[1]} read or wrote it", [name])
            elif known[1] != label:
                run.warn("changed_file", f"{name}, which {known[1]} read or wrote, was overwritten", [name])
        self._known[path] = (digest, label or (known[1] if known else "an earlier cell"))

    def _of_the_user(self, paths: Iterable[str]) -> list[str]:
        """Return the files that are data, not caches, code or logs."""
        own = self._own_folder()
        kept = [path for path in paths if not (is_noise(path) or (own and path.startswith(own)))]
        code = self._code_files() if kept else frozenset()  # looks at all modules: 1 ms with pandas loaded
        return [path for path in kept if path not in code and not self._is_new_log(path)]

    def _is_new_log(self, path: str) -> bool:
        """Return whether a file is a log of something that ran meanwhile: its times and ids are not an input."""
        if not is_log(Path(path)):
            return False
        state = _state(path)
        return state is not None and state[0] >= self._since_ns

    def _own_folder(self) -> str:
        session = self._session()
        return "" if session is None or session.path is None else f"{session.path.absolute().parent.parent}/"

    def _code_files(self) -> frozenset[str]:
        """Return the files of imported modules: `module.loaded` records those."""
        files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
        return frozenset(file for file in files if isinstance(file, str))


class Background:
    """Runs actions one after the other in a thread, which starts with the first action."""

    def __init__(self) -> None:
        self._todo: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._sessions: WeakSet[Session] = WeakSet()

    def put(self, session: Session, action: Callable[[], None]) -> None:
        """Run `action` soon. `session` waits for it before it ends, for a few seconds."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="ithtel-files", daemon=True)
            self._thread.start()
        if session not in self._sessions:
            self._sessions.add(session)
            session.on_close(partial(self.wait, _WAIT_S))
        self._todo.put(action)

    def wait(self, timeout_s: float) -> None:
        """Wait until all actions so far are done."""
        done = threading.Event()
        self._todo.put(done.set)
        if self._thread is not None and self._thread.is_alive():
            done.wait(timeout_s)

    def _run(self) -> None:
        file_tap.deaf.add(threading.get_ident())
        while True:
            self._todo.get()()


def _paths(texts: Iterable[str]) -> Iterator[str]:
    """Yield the paths that texts may name."""
    for text in texts:
        try:
            yield str(Path(text).expanduser().absolute())
        except (OSError, ValueError, RuntimeError):
            continue


def _state(path: str) -> tuple[int, int, int] | None:
    """Return what changes when a file is written; None if there is no file."""
    try:
        status = os.stat(path)  # noqa: PTH116 - pathlib takes three times as long
    except (OSError, ValueError):
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _digest(path: str, mtime_ns: int) -> str | None:
    """Return the digest of a file; None if it has changed since `mtime_ns` or cannot be read."""
    try:
        found = fingerprint_file(path)
    except (IthtelError, OSError):
        return None
    return found.sha256 if found.mtime_ns == mtime_ns else None
