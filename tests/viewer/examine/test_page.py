"""The report of an examination."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from ithtel.viewer.examine.page import page

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings


def test_it_loads_nothing_from_elsewhere(found: Findings) -> None:
    """No address, no file beside it, no script; `url(#a)` is a part of the page itself."""
    assert [] == re.findall(r"https?://|\bsrc=|url\((?!#)|<script|<link|@import", page(found))


def test_it_has_light_and_dark_and_every_part(found: Findings) -> None:
    """Each with its drawing."""
    text = page(found)
    assert "prefers-color-scheme: dark" in text
    parts = ("multiplicity", "distribution", "regimes", "differences", "dimensions", "time", "correlation",
             "selection", "columns", "tests")  # fmt: skip
    for part in parts:
        assert f'<h2 id="{part}">' in text
    assert text.count("<svg") >= 8


def test_its_drawings_are_well_formed(found: Findings) -> None:
    """Each SVG is XML, and no coordinate is missing."""
    for drawing in re.findall(r"<svg.*?</svg>", page(found), re.DOTALL):
        ET.fromstring(drawing)  # noqa: S314 - our own
        assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', drawing)


def test_names_are_escaped(plain: Findings) -> None:
    """A column may have any name."""
    assert "<i>" not in page(plain)
    assert "&lt;i&gt;&amp;" in page(plain)


def test_the_same_findings_are_the_same_page(found: Findings) -> None:
    """Byte for byte."""
    assert page(found) == page(found)


def test_parts_without_content_are_left_out(plain: Findings) -> None:
    """Without a NAV there are no regimes."""
    assert '<h2 id="regimes">' not in page(plain)
    assert '<h2 id="selection">' in page(plain)
