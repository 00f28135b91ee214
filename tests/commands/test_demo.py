"""`demo` analyses real data, records it and draws a picture."""

from __future__ import annotations

from pathlib import Path

import ithtel
from ithtel.commands.demo import demo
from ithtel.events import AlgorithmResult, SeedSet


def test_the_demo_leaves_a_complete_log_and_a_picture() -> None:
    """The log has the seed and both sides; the picture is a PNG file in the given folder."""
    made = demo(seed=7, artifacts="pictures")
    log = ithtel.read(made.log)
    assert [7] == [event.seed for event in log.events(SeedSet)]
    assert 2 == len(list(log.events(AlgorithmResult)))
    assert Path("pictures/demo.png") == made.picture
    assert b"\x89PNG" == made.picture.read_bytes()[:4]


def test_the_demo_analyses_google() -> None:
    """Its result is that of `analyze`."""
    expected = ithtel.analyze(ithtel.datasets.google(), periods_per_year=252)
    assert repr(expected) == repr(demo().analysis)
