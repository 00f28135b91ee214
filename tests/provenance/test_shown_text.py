"""Displayed text is reduced to what every run shares."""

from __future__ import annotations

import pytest

from ithtel.provenance.shown_text import stable

SVG = '<svg><dc:date>{date}</dc:date><path id="m{one}"/><path id="axes_1"/><use href="#m{one}" clip="url(#p{two})"/>'
SVG += '<clipPath id="p{two}"/></svg>'


def test_addresses_and_names_of_cell_files_are_replaced() -> None:
    """A short hexadecimal number is data."""
    assert "<A at 0x…> 0xff" == stable("<A at 0x7f3a5c001d30> 0xff")
    assert "<cell>:2: Warning" == stable("/var/ipykernel_4711/123.py:2: Warning")


def test_random_ids_of_an_svg_are_numbered() -> None:
    """Two drawings of the same figure become equal; ids that were chosen stay."""
    one = SVG.format(date="2026-01-25", one="0123456789", two="abcdef0123")
    other = SVG.format(date="2026-01-26", one="9876543210", two="0123abcdef")
    assert one != other
    assert stable(one, "image/svg+xml") == stable(other, "image/svg+xml")
    assert 'id="axes_1"' in stable(one, "image/svg+xml")


@pytest.mark.parametrize("mime", ["image/png", "application/json"])
def test_other_content_is_not_changed(mime: str) -> None:
    """Only text and SVG have such parts."""
    assert "0x7f3a5c001d30" == stable("0x7f3a5c001d30", mime)
