"""Small SVG drawings."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.viewer.svg import Scale, curve, dot, drawing, line, rect, text, ticks


def test_a_drawing_is_xml_with_a_label() -> None:
    """Text is escaped; a title is shown under the pointer."""
    parts = [text(0, 1, "a < b", "muted"), line(0, 0, 1, 1), rect(0, 0, 2, 2, "bar", "x & y", 0.5), dot(1, 1, 3, "fit")]
    root = ET.fromstring(drawing(10, 20, parts, label="one"))  # noqa: S314 - our own
    assert ("0 0 10 20", "one") == (root.get("viewBox"), root.get("aria-label"))
    assert ["text", "line", "rect", "circle"] == [part.tag for part in root]
    assert ("a < b", "x & y", "0.5") == (root[0].text, root[2].findtext("title"), root[2].get("fill-opacity"))


def test_a_curve_is_interrupted_where_it_has_no_value() -> None:
    """It continues with a new start."""
    path = ET.fromstring(curve([0, 1, 2, 3], [0, 1, math.nan, 3], "own"))  # noqa: S314 - our own
    assert "M0 0L1 1M3 3" == path.get("d")


@pytest.mark.parametrize(("value", "place"), [(1, 0), (10, 50), (100, 100), (1000, 100), (0.1, 0)])
def test_a_logarithmic_scale_ends_at_its_edges(value: float, place: float) -> None:
    """Values outside are drawn at the edge."""
    assert place == pytest.approx(Scale(low=1, high=100, start=0, end=100, is_log=True)(value))


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_are_inside_and_evenly_spaced(low: float, span: float) -> None:
    """At most seven of them."""
    found = ticks(low, low + span)
    assert 1 <= len(found) <= 7
    assert all(low - 1e-6 * span <= tick <= low + span + 1e-6 * span for tick in found)
