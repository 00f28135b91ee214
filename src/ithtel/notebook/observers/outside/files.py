"""`Files`: the files that a cell read and wrote, with their digests."""

from __future__ import annotations

import os
import queue
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakSet

import msgspec

from ithtel.errors import IthtelError
from ithtel.events import FileRead, FileWrite
from ithtel.events.format.files import is_log
from ithtel.notebook.cells.run import COMPONENT
from ithtel.notebook.observers.outside.file_tap import Earlier, FileState, OpenedFiles, file_state, file_tap, is_noise
from ithtel.provenance.file_content import file_content
from ithtel.provenance.files import fingerprint_file
from ithtel.provenance.wall_clock import wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun, Safely
    from ithtel.recording.file.object_store import Keeper
    from ithtel.recording.session import Session

AT_ONCE_BYTES = 1_000_000
"""A larger file is digested in the background: 1 MB takes about 1 ms."""
MAX_FILES = 200
"""Files of one cell that are recorded. More than that are a data set, for which its folder is enough."""
MAX_WATCHED = 32
"""Files that earlier cells wrote and may still write to, because they are open."""
_WAIT_S = 5.0


class Files:
    """Observes which files a cell opens, and which existing files its text names: C++ code opens files unnoticed."""

    def __init__(self, shell: InteractiveShell, safely: Safely, session: Callable[[], Session | None]) -> None:
        self.shell = shell
        self._safely = safely
        self._session = session
        self._watched: dict[str, tuple[OpenedFiles, dict[str, FileState | None]]] = {}
        self._known: dict[str, tuple[str, str]] = {}
        self._written: dict[str, None] = {}
        self._made_folders: set[str] = set()
        self._since_ns = wall_clock.time_ns()
        self._background = Background()

    def before(self, run: CellRun) -> None:
        """Start listening."""
        if not run.cell.is_off:
            named = dict.fromkeys(_paths(run.report.flow.file_strings)) | self._written
            opened, before = (
                OpenedFiles(keep_contents=self._keeper() is not None),
                {path: file_state(path) for path in named},
            )
            self._watched[run.cell.span_id] = opened, before
            file_tap.listen(opened, self._safely)

    def after(self, run: CellRun) -> None:
        """Record which files were read and written."""
        watched = self._watched.pop(run.cell.span_id, None)
        if watched is None:
            return
        opened, before = watched
        file_tap.stop(opened)
        self._made_folders |= opened.made_folders.keys()
        if not opened.read and not opened.written and not opened.databases and not before:
            return
        touched = _touched(opened, before, set(self._written) - set(_paths(run.report.flow.file_strings)))
        kept = self._of_the_user(touched)
        for path in kept[:MAX_FILES]:
            self._note(run, path, touched[path])
        if len(kept) > MAX_FILES:
            run.extend(skipped={**run.report.skipped, "files": f"{len(kept) - MAX_FILES} more than {MAX_FILES}"})

    def close(self) -> None:
        """Stop listening."""
        file_tap.stop()

    def _note(self, run: CellRun, path: str, touch: Touch) -> None:
        state = file_state(path)
        if state is None:
            return  # already removed: a temporary file
        earlier = touch.earlier
        if touch.is_read and touch.has_changed:  # its content at the end of the cell is not what was read
            was = earlier.state or state
            event: FileRead | FileWrite = FileRead(
                path=path, sha256=earlier.sha256, size_bytes=was.size_bytes, mtime_ns=was.mtime_ns
            )
            run.record(event)
            if (keeper := self._keeper()) is not None and earlier.content is not None:
                keeper.store.put(earlier.content, earlier.sha256)
            if not touch.is_write:
                return
        size, mtime = state.size_bytes, state.mtime_ns
        if touch.is_write:
            event = FileWrite(
                path=path, sha256=None, size_bytes=size, mtime_ns=mtime, existed=earlier.state is not None,
                made_folder=self._made_folder(path),
            )  # fmt: skip
            self._written.pop(path, None)
            self._written = dict([*self._written.items(), (path, None)][-MAX_WATCHED:])
        else:
            event = FileRead(path=path, sha256=None, size_bytes=size, mtime_ns=mtime)
        if size > AT_ONCE_BYTES and (session := self._session()) is not None:
            where = session, run.cell.span_id, event
            self._background.put(session, partial(self._emit_later, *where), partial(_emit, *where))
            return
        event = _digested(event)
        run.record(event)
        self._compare(run, path, event.sha256, type(event))

    def _keeper(self) -> Keeper | None:
        """Return what keeps the inputs of cells, None if they are not kept."""
        session = self._session()
        keeper = None if session is None else session.keeper
        return keeper if keeper is not None and "inputs" in keeper.kinds else None

    def _made_folder(self, path: str) -> str | None:
        """Return the outermost folder around a file that the session made."""
        if not self._made_folders:
            return None
        around = (str(folder) for folder in reversed(Path(path).parents))
        return next((folder for folder in around if folder in self._made_folders), None)

    def _emit_later(self, session: Session, span_id: str, event: FileRead | FileWrite) -> None:
        event = _digested(event)
        _emit(session, span_id, event)
        self._compare(None, event.path, event.sha256, type(event))

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
        state = file_state(path)
        return state is not None and state.mtime_ns >= self._since_ns

    def _own_folder(self) -> str:
        session = self._session()
        return "" if session is None or session.path is None else f"{session.path.absolute().parent.parent}/"

    def _code_files(self) -> frozenset[str]:
        """Return the files of imported modules: `module.loaded` records those."""
        files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
        return frozenset(
            os.path.abspath(file) if "/.." in file else file  # noqa: PTH100 - a path of sys.path may hold `..`
            for file in files
            if isinstance(file, str)
        )


class Touch(NamedTuple):
    """What a cell did to a file."""

    is_read: bool
    is_write: bool
    has_changed: bool
    """Whether it is no longer what it was when the cell opened it."""
    earlier: Earlier


class Background:
    """Runs actions one after the other in a thread, which starts with the first action."""

    def __init__(self) -> None:
        self._todo: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._sessions: WeakSet[Session] = WeakSet()
        self._pending: dict[Callable[[], None], Callable[[], None]] = {}

    def put(self, session: Session, action: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Run `action` soon. `session` waits for it before it ends, for a few seconds; then `otherwise` is run."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="ithtel-files", daemon=True)
            self._thread.start()
        if session not in self._sessions:
            self._sessions.add(session)
            session.on_close(partial(self.wait, _WAIT_S))
        self._pending[action] = otherwise
        self._todo.put(action)

    def wait(self, timeout_s: float) -> None:
        """Wait until all actions so far are done; of those that are not done in time, run the other action."""
        done = threading.Event()
        self._todo.put(done.set)
        if self._thread is not None and self._thread.is_alive():
            done.wait(timeout_s)
        for otherwise in list(self._pending.values()):
            otherwise()
        self._pending.clear()

    def _run(self) -> None:
        file_tap.deaf.add(threading.get_ident())
        while True:
            action = self._todo.get()
            try:
                action()
            finally:
                self._pending.pop(action, None)


def _paths(texts: Iterable[str]) -> Iterator[str]:
    """Yield the paths that texts may name."""
    for text in texts:
        try:
            yield os.path.abspath(Path(text).expanduser())  # noqa: PTH100 - pathlib keeps `..`
        except (OSError, ValueError, RuntimeError):
            continue


def _touched(opened: OpenedFiles, before: dict[str, FileState | None], unnamed: set[str]) -> dict[str, Touch]:
    """Return the files that a cell read or wrote.

    Args:
        opened: What Python opened.
        before: The states before the cell of files that its text names, and of files that earlier cells wrote.
        unnamed: The files of `before` that its text does not name: they count only if they have changed.
    """
    touched: dict[str, Touch] = {}
    for path, earlier in opened.read.items():
        was_there = earlier.state is not None  # else the cell tried in vain to read it
        has_changed = earlier.state != file_state(path)
        touched[path] = Touch(is_read=was_there, is_write=not was_there, has_changed=has_changed, earlier=earlier)
    for path, earlier in opened.databases.items():
        has_changed = earlier.state != file_state(path)
        is_read = earlier.state is not None
        touched[path] = Touch(is_read=is_read, is_write=has_changed, has_changed=has_changed, earlier=earlier)
    for path, earlier in opened.written.items():
        was_there = path in opened.read and opened.read[path].state is not None
        is_read = was_there or earlier.sha256 is not None
        first = earlier._replace(state=before[path]) if path in before else earlier
        touched[path] = Touch(is_read=is_read, is_write=True, has_changed=True, earlier=first)
    for path, state in before.items():
        now = file_state(path)
        if path not in touched and now is not None and (now != state or path not in unnamed):
            is_write = now != state
            touched[path] = Touch(is_read=not is_write, is_write=is_write, has_changed=is_write, earlier=Earlier(state))
    return touched


def _emit(session: Session, span_id: str, event: FileRead | FileWrite) -> None:
    """Write an event as it is."""
    if not session.is_closed:
        session.emit(event, component=COMPONENT, span_id=span_id)


def _digested(event: FileRead | FileWrite) -> FileRead | FileWrite:
    """Return an event with the digest of its file, without one if the file has changed or cannot be read."""
    try:
        found = fingerprint_file(event.path)
        if found.mtime_ns != event.mtime_ns:
            return event
        if isinstance(event, FileRead):
            return msgspec.structs.replace(event, sha256=found.sha256)
        content = file_content(event.path)
        if fingerprint_file(event.path).sha256 != found.sha256:
            return event
    except (IthtelError, OSError):
        return event
    return msgspec.structs.replace(event, sha256=found.sha256, content=content.digest, reason=content.reason)
