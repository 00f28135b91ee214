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


REPRS = [
    "<function f at {}>", "<function <lambda> at {}>", "<function f.<locals>.g at {}>",
    "<generator object <genexpr> at {}>",
    "[<__main__.A object at {}>, <__main__.A object at {}>] and more", "<weakref at {}; to 'A' at {}>",
    "<bound method A.f of <__main__.A object at {}>>", '<code object f at {}, file "x.py", line 1>',
    "<Future at {} state=finished returned int>", "&lt;__main__.A object at {}&gt;", "<td>&lt;A object at {}&gt;</td>",
    "<function f() -> int at {}>", "<A of x > 3 at {}>", "0    <__main__.A object at {}...",
]  # fmt: skip


@pytest.mark.parametrize("text", REPRS)
def test_reprs_of_objects_are_the_same_in_every_run(text: str) -> None:
    """Whatever stands around the address in the repr, also as HTML."""
    one, other = (stable(text.replace("{}", address)) for address in ("0x7f3a5c001d30", "0x000001F2ABCDEF10"))
    assert one == other == text.replace("{}", "0x…")


@pytest.mark.parametrize(
    "text",
    ["{}", "'{}'", "flags {} set", "crc at {}", "<b>crc</b> at {}", "<A at 0x…> {}", "a < b at {}", "<A value={}>",
     "<A\nat {}", "commit {}: <A at 0x…>"],
)  # fmt: skip
def test_a_number_in_hexadecimal_is_a_result(text: str) -> None:
    """A hash or a flag word that differs is displayed differently."""
    numbers = map(hex, (12345678, 12345679))
    one, other = (text.replace("{}", number) for number in numbers)
    assert [one, other] == [stable(one), stable(other)]


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
