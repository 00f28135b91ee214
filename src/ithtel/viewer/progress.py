"""Progress on a terminal: nothing for two seconds, then a bar, then nothing again."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO

    from rich.progress import Progress, TaskID

DELAY_S = 2.0


class TerminalProgress:
    """Shows how far something is, on standard error, where that is a terminal; a context manager."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._began = clock()
        self._bar: tuple[Progress, TaskID] | None = None

    def __call__(self, n_made: int, n_steps: int, part: str, /) -> None:
        """Show that `n_made` of `n_steps` are done, and that `part` is under way."""
        if self._bar is None and self._stream.isatty() and self._clock() - self._began >= DELAY_S:
            self._bar = self._begin(n_steps)
        if self._bar is not None:
            bar, task = self._bar
            bar.update(task, completed=n_made, total=n_steps, description=part)

    def _begin(self, n_steps: int) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        bar = Progress(*columns, console=Console(file=self._stream), transient=True)
        bar.start()
        return bar, bar.add_task("", total=n_steps)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None
