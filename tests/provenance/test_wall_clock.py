"""The clock of the record is the clock of the machine."""

from __future__ import annotations

import time

from ithtel.provenance.wall_clock import WallClock


def test_it_is_the_clock_of_the_machine() -> None:
    """Nothing is moved unless a replay asks for it."""
    before = time.time_ns()
    assert before <= WallClock().time_ns() <= time.time_ns()
