"""Progress on a terminal."""

from __future__ import annotations

import io
import re

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
            progress.progress(i, 5, "regimes")
    assert is_shown == bool(stream.getvalue())
    assert is_shown == ("regimes" in stream.getvalue())


def test_it_leaves_nothing_behind() -> None:
    """Its line is erased at the end."""
    stream, times = Terminal(is_terminal=True), iter([0.0, *[9.0] * 20])
    with TerminalProgress(stream, clock=lambda: next(times)) as progress:
        progress.progress(0, 2, "regimes")
    assert stream.getvalue().rstrip().endswith("\x1b[2K")


def started(stream: Terminal) -> TerminalProgress:
    """Return progress that began nine seconds ago."""
    times = iter([0.0, *[9.0] * 20])
    return TerminalProgress(stream, clock=lambda: next(times))


def test_the_text_of_a_cell_is_no_markup() -> None:
    """Its first line is shown as it is."""
    stream = Terminal(is_terminal=True)
    with started(stream) as progress:
        progress.progress(0, 2, "df['[/red]']\nsecond line")
    assert "df['[/red]']" in re.sub(r"\x1b\[[\d;]*m", "", stream.getvalue())
    assert "second" not in stream.getvalue()


def test_what_is_printed_meanwhile_goes_where_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output may be a file or a pipe: the bar does not take it over."""
    stream = Terminal(is_terminal=True)
    with started(stream) as progress:
        progress.progress(0, 2, "cells")
        print("result")  # noqa: T201
    assert "result\n" == capsys.readouterr().out
    assert "result" not in stream.getvalue()


def test_a_cleared_bar_returns_with_the_next_step() -> None:
    """So that something else can be printed in between."""
    stream = Terminal(is_terminal=True)
    with started(stream) as progress:
        progress.progress(0, 2, "first")
        progress.clear()
        assert stream.getvalue().rstrip().endswith("\x1b[2K")
        progress.progress(1, 2, "second")
    assert "second" in stream.getvalue()


def test_it_is_a_callback_itself() -> None:
    """For functions that take `progress`."""
    stream = Terminal(is_terminal=True)
    with started(stream) as progress:
        progress(0, 2, "regimes")
    assert "regimes" in stream.getvalue()
