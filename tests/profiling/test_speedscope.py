"""Profiles in the format of speedscope.app."""

from __future__ import annotations

import json

import pytest

from ithtel.profiling import speedscope
from ithtel.profiling.frames import Frame
from ithtel.profiling.stacks import Stacks


def own(function: str, line: int = 1) -> Frame:
    """Return a frame of the user's own code."""
    return Frame(function, "hot.py", line, "own")


STACKS = Stacks({
    (own("<module>"), own("burn", 6)): 70, (own("<module>"), own("burn", 7)): 20, (own("<module>"), own("load")): 10,
})  # fmt: skip


def test_speedscope_gets_its_format() -> None:
    """Frames once, stacks as indices, seconds as weights."""
    document = json.loads(speedscope.encode(STACKS, name="cell 3", rate_hz=100))
    (sampled,) = document["profiles"]
    names = [frame["name"] for frame in document["shared"]["frames"]]
    assert ["<module>", "burn"] == [names[i] for i in sampled["samples"][0]]
    assert {"name": "burn", "file": "hot.py", "line": 6} in document["shared"]["frames"]
    assert 1.0 == pytest.approx(sum(sampled["weights"]))
    assert sampled["endValue"] == pytest.approx(sum(sampled["weights"]))


def test_the_same_samples_are_the_same_file() -> None:
    """The order in which samples were taken does not matter."""
    again = Stacks(dict(reversed(STACKS.counts.items())))
    assert speedscope.encode(STACKS, name="n", rate_hz=100) == speedscope.encode(again, name="n", rate_hz=100)
    assert STACKS.folded() == again.folded()
