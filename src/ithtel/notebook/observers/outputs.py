"""`Outputs`: what cells show. Each call that shows something is passed on first, unchanged, and then examined.

`sys.stdout` and `sys.stderr` are watched at `write` of the very object (as IPython itself does), displays and results
at the shell's publisher and display hook, for as long as a cell runs. All threads go through these. What goes to a file
or another object that a cell has put in the place of `sys.stdout` is not shown, and not watched.
"""

from __future__ import annotations

import io
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from ithtel.notebook.observers.cell_display import CellDisplay, Kind
from ithtel.provenance.volatile.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun

    Report = Callable[[Exception], None]
    KeepPictures = Callable[[], Callable[[bytes], object] | None]


class Tap:
    """A watched method of one object: each call goes to the original and then to `look`."""

    def __init__(self, target: Any, name: str, look: Callable[..., None], report: Report) -> None:  # noqa: ANN401
        self._target, self._name = target, name
        self._was_its_own = name in getattr(target, "__dict__", {})
        self._original = original = getattr(target, name)

        def watched(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            result = original(*args, **kwargs)
            try:
                look(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - handed to the one boundary: this is within the user's print
                report(error)
            return result

        self._watched = watched
        setattr(target, name, watched)

    def remove(self) -> None:
        """Restore the original. If other code has replaced ours meanwhile, leave it: ours only passes calls on."""
        if getattr(self._target, self._name, None) is not self._watched:
            return
        if self._was_its_own:
            setattr(self._target, self._name, self._original)
        else:
            delattr(self._target, self._name)


class ShownStreams:
    """The streams that people see: those that were in place when recording began.

    A `StringIO` is not one: it is there because the first cell is captured.
    """

    def __init__(self) -> None:
        self._known: dict[str, object] = {}

    def shown(self) -> list[object]:
        """Return the streams for output and errors, as they were the first time that they were real."""
        return [self._shown(name) for name in ("stdout", "stderr")]

    def _shown(self, name: str) -> object:
        now = getattr(sys, name)
        known = self._known.get(name)
        if known is not None and not getattr(known, "closed", False):
            return known
        if not isinstance(now, io.StringIO):
            self._known[name] = now
        return now


class Outputs:
    """Observes what running cells show. Output of another thread belongs to the cell that began last."""

    def __init__(
        self,
        shell: InteractiveShell,
        report: Report,
        keep_pictures: KeepPictures = lambda: None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.shell = shell
        self._report = report
        self._keep_pictures = keep_pictures
        self._surroundings = surroundings or Surroundings()
        self._of: dict[str, CellDisplay] = {}
        self._displays: dict[int, CellDisplay] = {}
        self._latest: CellDisplay | None = None
        self._taps: list[Tap] = []
        self._streams = ShownStreams()
        self._lock = threading.RLock()

    def before(self, run: CellRun) -> None:
        """Start watching."""
        if run.cell.is_off:
            return
        run.look = self._surroundings.look(run.cell.source)
        if run.cell.settings.record_outputs == "none":
            return
        with self._lock:
            display = CellDisplay(run.look)
            self._latest = self._displays[threading.get_ident()] = self._of[run.cell.span_id] = display
            display.keep = self._keep_pictures()
            if not self._taps:
                self._watch()

    def after(self, run: CellRun) -> None:
        """Stop watching, and record what was shown."""
        ours = self._of.pop(run.cell.span_id, None)
        if ours is None:
            return
        with self._lock:
            for thread in [thread for thread, display in self._displays.items() if display is ours]:
                del self._displays[thread]
            self._latest = next(reversed(self._displays.values()), None)
            if not self._displays:
                self.close()
        run.overhead += ours.digest_s
        shown: Counter[str] = Counter()
        for event in ours.events(run.cell.execution_count, with_text=run.cell.settings.record_outputs == "text"):
            shown.update(event.volatile or {})
            run.record(event)
        run.extend(shown=dict(shown))

    def close(self) -> None:
        """Stop watching."""
        while self._taps:
            self._taps.pop().remove()

    def _watch(self) -> None:
        shell = self.shell
        stdout, stderr = self._streams.shown()
        targets: list[tuple[object, str, Callable[..., None]]] = [
            (stdout, "write", self._writer("stdout")),
            (stderr, "write", self._writer("stderr")),
            (shell.display_pub, "publish", self._on_display),
            (shell.display_pub, "clear_output", self._on_clear),
            (shell.displayhook, "write_format_data", self._on_result),
        ]
        for target, name, look in targets:
            try:
                self._taps.append(Tap(target, name, look, self._report))
            except (AttributeError, TypeError):  # an object that takes no attributes cannot be watched
                continue

    def _current(self) -> CellDisplay | None:
        return self._displays.get(threading.get_ident()) or self._latest

    def _writer(self, kind: Kind) -> Callable[..., None]:
        """Return the function that receives the chunks of a stream, except what IPython prints as a result or an error.

        It runs within the user's `print`, a thousand times in a row: 1.5 µs with all that it calls.
        """
        shell, displays, ident = self.shell, self._displays, threading.get_ident
        displayhook = shell.displayhook if hasattr(shell.displayhook, "is_active") else None
        publisher = shell.display_pub if hasattr(shell.display_pub, "is_publishing") else None

        def write(text: str = "", *_: object) -> None:
            display = displays.get(ident()) or self._latest
            if display is None or type(text) is not str or getattr(shell, "showing_traceback", False):
                return
            if displayhook is not None and displayhook.is_active:
                return
            if publisher is not None and publisher.is_publishing:
                return
            if kind == "stderr" and _is_traceback():
                return
            display.write(kind, text)

        return write

    def _on_display(self, data: Any = None, *_: object, **options: Any) -> None:  # noqa: ANN401
        transient = options.get("transient") or {}
        self._show("display", data, transient.get("display_id"), update=bool(options.get("update")))

    def _on_result(self, data: Any = None, *_: object, **__: object) -> None:  # noqa: ANN401
        self._show("result", data)

    def _on_clear(self, wait: Any = False, *_: object) -> None:  # noqa: ANN401
        display = self._current()
        if display is not None:
            display.clear(wait=bool(wait))

    def _show(self, kind: Kind, data: Any, display_id: str | None = None, *, update: bool = False) -> None:  # noqa: ANN401
        display = self._current()
        if display is not None and isinstance(data, dict):
            began = time.perf_counter()
            display.show(kind, data, display_id, update=update)
            display.digest_s += time.perf_counter() - began


def _is_traceback() -> bool:
    """Return whether IPython is printing the traceback of an exception, as it does itself for exception groups."""
    if sys.exc_info()[1] is None:
        return False
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the documented way to the caller's frames
    while frame is not None:
        if frame.f_code.co_name == "showtraceback":
            return True
        frame = frame.f_back
    return False
