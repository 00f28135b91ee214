"""A lineage as a graph."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from factories import Writer, log_of
from ithtel.errors import InputError
from ithtel.reading.history.build import history
from ithtel.reading.lineage.lineage import lineage
from ithtel.viewer.lineage import LineageView

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def view() -> LineageView:
    """The graph of `b`, made from `a`."""
    log = Writer().start().cell("a = 1", writes=["a"]).cell("b = a", reads=["a"], writes=["b"])
    return LineageView(lineage(history(log_of(log)), "b"), graph=True)


def test_there_is_a_box_per_step_and_an_arc_per_use(view: LineageView) -> None:
    """The arc has the name that is used."""
    root = ET.fromstring(view.svg())  # noqa: S314 - our own
    assert (2, 1) == (len(root.findall(f"{SVG}rect")), len(root.findall(f"{SVG}path")))
    assert "a" == root.findtext(f"{SVG}path/{SVG}title")
    assert "lineage of b" == root.get("aria-label")


def test_only_svg_is_written(view: LineageView) -> None:
    """Another suffix is an error, and no file is left."""
    assert view.svg() + "\n" == view.save("b.svg").read_text(encoding="utf-8")
    with pytest.raises(InputError, match=r"expected a \.svg file"):
        view.save("b.png")
    assert not Path("b.png").exists()


def test_the_text_needs_no_graph(view: LineageView) -> None:
    """SVG is in the bundle only if it was asked for."""
    assert {"text/plain": repr(view)} == LineageView(view.lineage)._repr_mimebundle_()
    assert repr(view) == view._repr_mimebundle_()["text/plain"]
