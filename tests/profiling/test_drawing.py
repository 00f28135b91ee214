"""The flamegraph, the table, speedscope's JSON: the same for the same samples, legible, safe."""

from __future__ import annotations

import itertools
import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.profiling import speedscope, svg
from ithtel.profiling.frames import Frame
from ithtel.profiling.profile import Profile
from ithtel.profiling.stacks import Stacks
from ithtel.viewer.theme import THEMES, contrast

SVG = "{http://www.w3.org/2000/svg}"


def own(function: str, line: int = 1) -> Frame:
    """Return a frame of the user's own."""
    return Frame(function, "hot.py", line, "own")


STACKS = Stacks({
    (own("<module>"), own("burn", 6)): 70, (own("<module>"), own("burn", 7)): 20, (own("<module>"), own("load")): 10,
})  # fmt: skip
PROFILE = Profile(stacks=STACKS, target="cell 3", rate_hz=100, duration_s=1.0, sampler="py-spy")


def test_the_hottest_function_is_on_top_and_the_widest() -> None:
    """Lines of one function are one frame."""
    root = ET.fromstring(svg.render(STACKS, title="t"))  # noqa: S314 - our own drawing
    placed = {frame.find(f"{SVG}text").text: frame for frame in root.iter(f"{SVG}svg") if frame.get("class")}  # type: ignore[union-attr]
    assert ("0.0000%", "90.0000%") == (placed["burn"].get("x"), placed["burn"].get("width"))
    assert ("90.0000%", "10.0000%") == (placed["load"].get("x"), placed["load"].get("width"))
    assert float(placed["burn"].get("y") or 0) < float(placed["<module>"].get("y") or 0)


@given(st.dictionaries(st.lists(st.sampled_from("abcd").map(own), min_size=1, max_size=5).map(tuple),
                       st.integers(1, 50), min_size=1, max_size=9))  # fmt: skip
def test_no_frame_is_wider_than_what_called_it(counts: dict[tuple[Frame, ...], int]) -> None:
    """Frames of one row do not overlap, each lies within one of the row below, the lowest row is everything."""
    boxes = svg.boxes(Stacks(counts))
    rows: dict[int, list[svg.Box]] = {}
    for box in boxes:
        rows.setdefault(box.depth, []).append(box)
    assert 1.0 == pytest.approx(sum(box.width for box in rows[0]))
    for depth, row in rows.items():
        row.sort(key=lambda box: box.left)
        for left, right in itertools.pairwise(row):
            assert left.left + left.width <= right.left + 1e-9
        for box in row if depth else []:
            assert any(o.left - 1e-9 <= box.left and box.left + box.width <= o.left + o.width + 1e-9
                       for o in rows[depth - 1])  # fmt: skip


def test_names_are_no_markup() -> None:
    """A function may be called anything."""
    evil = Stacks({(Frame("<script>&\"'", "a<b>.py", 1, "own"),): 12})
    drawn = svg.render(evil, title="<b>")
    assert "<script>&" in (ET.fromstring(drawn).find(f".//{SVG}g/{SVG}svg/{SVG}text").text or "")  # type: ignore[union-attr]  # noqa: S314
    profile = Profile(stacks=evil, target="<img>", rate_hz=100, duration_s=1.0, sampler="py-spy", reason="<i>")
    assert "<iframe" in profile.html()
    for bad in ("<img>", "<i>", "a<b>"):
        assert bad not in profile.html()


def test_the_same_samples_are_the_same_picture() -> None:
    """In whatever order they came."""
    again = Stacks(dict(reversed(STACKS.counts.items())))
    assert svg.render(STACKS, title="t") == svg.render(again, title="t")
    assert STACKS.folded() == again.folded()
    assert speedscope.encode(STACKS, name="n", rate_hz=100) == speedscope.encode(again, name="n", rate_hz=100)


@pytest.mark.parametrize(("theme", "part"), [("light", 0), ("dark", 1)])
def test_text_is_legible_on_every_colour(theme: str, part: int) -> None:
    """At 4.5 to 1 at least; paper and ink are those of the timeline."""
    rules = svg._STYLE.split("@media")[part]
    fills = dict(re.findall(r"\.([\w, .]+?) \{ fill: (#\w{6})", rules))
    assert (THEMES[theme].background, THEMES[theme].ink) == (fills["paper"], fills["ink"])
    rects = {names.split()[0]: colour for names, colour in re.findall(r"\.(\w+ rect) \{ fill: (#\w{6})", rules)}
    for names, colour in re.findall(r"((?:\.\w+ text(?:, )?)+) \{ fill: (#\w{6})", rules):
        for name in re.findall(r"\.(\w+) text", names):
            assert contrast(rects[name], colour) >= 4.5, name
    assert contrast(fills["paper"], fills["muted"]) >= 4.5


def test_the_text_is_a_table_of_the_hottest() -> None:
    """Without a time, a process or a path of this machine."""
    assert (
        "profile of cell 3: 100 samples at 100 Hz by py-spy\n"
        "   own  total  function  hottest line\n"
        "  90 %   90 %  burn      hot.py:6\n"
        "  10 %   10 %  load      hot.py:1\n"
        "     -  100 %  <module>  hot.py:1"
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
    """But it is said."""
    nothing = Profile(stacks=Stacks({}), target="cell", rate_hz=100, duration_s=0.0, sampler="py-spy")
    assert "iframe" not in nothing.html()
    assert "profile of cell: 0 samples at 100 Hz by py-spy\n  too short" in nothing.text()


def test_speedscope_gets_its_format() -> None:
    """Frames once, stacks as indices, seconds as weights."""
    document = json.loads(speedscope.encode(STACKS, name="cell 3", rate_hz=100))
    (sampled,) = document["profiles"]
    names = [frame["name"] for frame in document["shared"]["frames"]]
    assert ["<module>", "burn"] == [names[i] for i in sampled["samples"][0]]
    assert {"name": "burn", "file": "hot.py", "line": 6} in document["shared"]["frames"]
    assert 1.0 == pytest.approx(sum(sampled["weights"]))
    assert sampled["endValue"] == pytest.approx(sum(sampled["weights"]))
