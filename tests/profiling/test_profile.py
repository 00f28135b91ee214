"""A profile as text and as a notebook shows it."""

from __future__ import annotations

import pytest

from ithtel.profiling.frames import Frame
from ithtel.profiling.profile import Profile, percent
from ithtel.profiling.stacks import Stacks


def own(function: str, line: int = 1) -> Frame:
    """Return a frame of the user's own code."""
    return Frame(function, "hot.py", line, "own")


STACKS = Stacks({
    (own("<module>"), own("burn", 6)): 70, (own("<module>"), own("burn", 7)): 20, (own("<module>"), own("load")): 10,
})  # fmt: skip
PROFILE = Profile(stacks=STACKS, target="cell 3", rate_hz=100, duration_s=1.0, sampler="py-spy")


def test_the_text_is_a_table_of_the_hottest() -> None:
    """Without a time, a process or a path of this machine."""
    assert (
        "profile of cell 3: 100 samples at 100 Hz by py-spy\n"
        "   own  total  function  hottest line\n"
        "  90 %   90 %  burn      hot.py:6\n"
        "  10 %   10 %  load      hot.py:1\n"
        "     –  100 %  <module>  hot.py:1"
    ) == repr(PROFILE)


def test_few_samples_and_another_sampler_are_said() -> None:
    """In text and HTML, instead of a picture of chance."""
    few = Profile(stacks=Stacks({(own("f"),): 2}), target="cell", rate_hz=100, duration_s=0.02, sampler="in-process",
                  reason="py-spy is not installed")  # fmt: skip
    for shown in (few.text(), few.html()):
        assert "<iframe" not in shown
        assert "too short to profile: repeat the work in a loop, or raise --rate" in shown
        assert "py-spy is not installed. Sampled from within instead: waiting counts as work" in shown


def test_nothing_sampled_is_no_picture() -> None:
    """But it is reported."""
    nothing = Profile(stacks=Stacks({}), target="cell", rate_hz=100, duration_s=0.0, sampler="py-spy")
    assert "iframe" not in nothing.html()
    assert "profile of cell: 0 samples at 100 Hz by py-spy\n  too short" in nothing.text()


def test_names_are_escaped() -> None:
    """Target, reason, function and file may hold anything."""
    evil = Stacks({(Frame("<script>", "a<b>.py", 1, "own"),): 12})
    profile = Profile(stacks=evil, target="<img>", rate_hz=100, duration_s=1.0, sampler="py-spy", reason="<i>")
    assert "<iframe" in profile.html()
    for bad in ("<img>", "<i>", "a<b>", "<script>"):
        assert bad not in profile.html()


@pytest.mark.parametrize(("part", "text"), [(0.8765, "88 %"), (0.001, "<1 %"), (0.0, "–")])
def test_percent_is_short(part: float, text: str) -> None:
    """Without decimals."""
    assert text == percent(part)
