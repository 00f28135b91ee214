"""Progress on a terminal."""

from __future__ import annotations

import io

import pytest

from ithtel.viewer.progress import TerminalProgress


class Terminal(io.StringIO):
    """A stream that says that it is a terminal, or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        """Say so."""
        return self._is_terminal


@pytest.mark.parametrize(("is_terminal", "seconds", "is_shown"), [(True, 3, True), (True, 1, False), (False, 3, False)])
def test_it_shows_on_a_terminal_after_two_seconds(is_terminal: bool, seconds: float, is_shown: bool) -> None:
    """Elsewhere, and before, not a byte."""
    stream, times = Terminal(is_terminal=is_terminal), iter([0.0, *[seconds] * 20])
    with TerminalProgress(stream, clock=lambda: next(times)) as progress:
        for i in range(5):
            progress(i, 5, "regimes")
    assert is_shown == bool(stream.getvalue())
    assert is_shown == ("regimes" in stream.getvalue())


def test_it_leaves_nothing_behind() -> None:
    """Its line is erased at the end."""
    stream, times = Terminal(is_terminal=True), iter([0.0, *[9.0] * 20])
    with TerminalProgress(stream, clock=lambda: next(times)) as progress:
        progress(0, 2, "regimes")
    assert stream.getvalue().rstrip().endswith("\x1b[2K")
