"""`TerminalProgress`: a progress bar on standard error that appears after two seconds and leaves nothing behind."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from ithtel.plain_text import short

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO

    from rich.progress import Progress, TaskID

DELAY_S = 2.0
_MAX_TEXT = 50


class TerminalProgress:
    """Shows how far a long task is if standard error is a terminal; a context manager.

    >>> with TerminalProgress() as shown:
    ...     for n in range(3):
    ...         shown.progress(n, 3, "cells")
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._began = clock()
        self._bar: tuple[Progress, TaskID] | None = None

    def progress(self, n_done: int, n_total: int, text: str, /) -> None:
        """Show that `n_done` of `n_total` steps are done, and the first line of `text`: what is running now."""
        if self._bar is None and self._stream.isatty() and self._clock() - self._began >= DELAY_S:
            self._bar = self._start(n_total)
        if self._bar is not None:
            bar, task = self._bar
            bar.update(task, completed=n_done, total=n_total, description=short(text, _MAX_TEXT))

    def __call__(self, n_done: int, n_total: int, text: str, /) -> None:
        """Show progress: the object itself can be passed as a callback."""
        self.progress(n_done, n_total, text)

    def finished(self, result: object, /) -> None:
        """Print a result that is finished above the bar, if a bar is shown: what comes later may be interrupted."""
        if self._bar is not None:
            self._bar[0].print(str(result), markup=False, highlight=False)

    def clear(self) -> None:
        """Remove the bar, so that something else can be printed; the next step shows it again."""
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None

    def _start(self, n_total: int) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        # a text may be the source of a cell, in which `[red]` is not markup
        text = TextColumn("{task.description}", markup=False)
        columns = (text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        # without redirect_stdout, which would send what is printed to a file or a pipe to standard error
        bar = Progress(*columns, console=Console(file=self._stream), transient=True, redirect_stdout=False)
        bar.start()
        return bar, bar.add_task("", total=n_total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.clear()
