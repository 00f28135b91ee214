"""One look at a text, with everything that a session knows of its present."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ithtel.provenance.volatile.surroundings import Surroundings

if TYPE_CHECKING:
    import pytest


def test_a_text_without_volatile_parts_is_unchanged() -> None:
    """But for its padding."""
    assert ("hello 42", {}) == Surroundings().look().cleaned("hello 42")


def test_kinds_are_counted() -> None:
    """All in one text."""
    text = f"pid {os.getpid()} in {os.getcwd()} at {time.time()}"  # noqa: PTH109
    assert {"process id": 1, "folder": 1, "time of day": 1} == Surroundings().look().cleaned(text)[1]


def test_variables_are_known_by_their_address() -> None:
    """And what lists and dicts among them hold."""
    thing, part = object(), object()
    look = Surroundings(lambda: {"thing": thing, "parts": [part]}).look()
    assert look.is_alive(id(thing))
    assert look.is_alive(id(part))
    assert not look.is_alive(12_345_678_901)


def test_a_clock_that_is_set_back_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window reaches from the one to the other."""
    look = Surroundings().look()
    monkeypatch.setattr(time, "time", lambda: look.began - 100.0)
    assert look.window.holds(look.began - 100.0)


def test_long_text_takes_linear_time() -> None:
    """A megabyte of numbers takes no minute, whatever it looks like."""
    look = Surroundings().look("time.time()")
    for text in (
        "1" * 300_000,
        "a " * 150_000,
        "2026-11-" * 40_000,
        "12:" * 100_000,
        "/home/" * 60_000,
        "0.1 s " * 20_000,
    ):
        began = time.perf_counter()
        look.cleaned(text)
        assert time.perf_counter() - began < 10, text[:10]
