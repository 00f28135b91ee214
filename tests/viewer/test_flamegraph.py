"""The flamegraph as SVG: the same for the same samples, legible, safe."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from ithtel.profiling.flamegraph import boxes
from ithtel.profiling.frames import Frame
from ithtel.profiling.stacks import Stacks
from ithtel.viewer import flamegraph as drawing
from ithtel.viewer.flamegraph import flamegraph, profile_html
from ithtel.viewer.theme import THEMES, contrast

SVG = "{http://www.w3.org/2000/svg}"


def own(function: str, line: int = 1) -> Frame:
    """Return a frame of the user's own code."""
    return Frame(function, "hot.py", line, "own")


STACKS = Stacks({
    (own("<module>"), own("burn", 6)): 70, (own("<module>"), own("burn", 7)): 20, (own("<module>"), own("load")): 10,
})  # fmt: skip


def drawn(stacks: Stacks, title: str = "t") -> str:
    """Return the flamegraph of `stacks`."""
    return flamegraph(boxes(stacks), stacks.n_samples, title=title)


def test_the_hottest_function_is_on_top_and_the_widest() -> None:
    """Lines of one function are one frame."""
    root = ET.fromstring(drawn(STACKS))  # noqa: S314 - our own drawing
    placed = {frame.find(f"{SVG}text").text: frame for frame in root.iter(f"{SVG}svg") if frame.get("class")}
    assert ("0.0000%", "90.0000%") == (placed["burn"].get("x"), placed["burn"].get("width"))
    assert ("90.0000%", "10.0000%") == (placed["load"].get("x"), placed["load"].get("width"))
    assert float(placed["burn"].get("y") or 0) < float(placed["<module>"].get("y") or 0)


def test_names_are_escaped() -> None:
    """A function and a file may have any name."""
    evil = drawn(Stacks({(Frame("<script>&\"'", "a<b>.py", 1, "own"),): 12}), title="<b>")
    assert "<script>&" in (ET.fromstring(evil).find(f".//{SVG}g/{SVG}svg/{SVG}text").text or "")  # noqa: S314
    shown = profile_html("<img>", ["<i>"], [("1 %", "1 %", "f", "a<b>.py:1")], evil)
    assert "<iframe" in shown
    for bad in ("<img>", "<i>", "a<b>"):
        assert bad not in shown


def test_the_same_samples_are_the_same_picture() -> None:
    """The order in which samples were taken does not matter."""
    again = Stacks(dict(reversed(STACKS.counts.items())))
    assert drawn(STACKS) == drawn(again)


def test_the_file_carries_its_facts() -> None:
    """As JSON in its metadata."""
    root = ET.fromstring(flamegraph([], 0, title="t", facts='{"a": "<"}'))  # noqa: S314 - our own drawing
    assert '{"a": "<"}' == root.findtext(f"{SVG}metadata")


@pytest.mark.parametrize(("theme", "part"), [("light", 0), ("dark", 1)])
def test_text_is_legible_on_every_colour(theme: str, part: int) -> None:
    """The contrast is at least 4.5 to 1; paper and ink are those of the timeline."""
    rules = drawing._STYLE.split("@media")[part]
    fills = dict(re.findall(r"\.([\w, .]+?) \{ fill: (#\w{6})", rules))
    assert (THEMES[theme].background, THEMES[theme].ink) == (fills["paper"], fills["ink"])
    rects = {names.split()[0]: colour for names, colour in re.findall(r"\.(\w+ rect) \{ fill: (#\w{6})", rules)}
    for names, colour in re.findall(r"((?:\.\w+ text(?:, )?)+) \{ fill: (#\w{6})", rules):
        for name in re.findall(r"\.(\w+) text", names):
            assert contrast(rects[name], colour) >= 4.5, name
    assert contrast(fills["paper"], fills["muted"]) >= 4.5
