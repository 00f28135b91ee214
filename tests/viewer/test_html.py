"""Pieces of HTML: escaped unless they are markup."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from ithtel.viewer.html import and_more, element, fragment, items, joined, table

# what XML cannot hold, and what its parser normalises, is left out
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(TEXT, TEXT)
def test_any_text_stays_text(content: str, title: str) -> None:
    """As content and as an attribute it is read back unchanged."""
    read = ET.fromstring(element("p", content, title=title))  # noqa: S314 - our own
    assert (content or None, title) == (read.text, read.get("title"))


def test_markup_stays_markup() -> None:
    """An element inside an element is not escaped again."""
    assert "<p><b>&lt;</b></p>" == element("p", element("b", "<"))


def test_attributes_have_their_own_names() -> None:
    """`_` stands for `-`, one at the end is dropped, None leaves the attribute out."""
    assert '<a class="x" data-n="1"></a>' == element("a", class_="x", data_n=1, href=None)


def test_shapes_without_children_are_closed() -> None:
    """A paragraph without content is not."""
    assert ("<rect/>", "<p></p>") == (element("rect"), element("p"))


def test_parts_are_joined_and_escaped() -> None:
    """The separator stands between them."""
    assert "&lt;\n<b>x</b>" == joined(["<", element("b", "x")], "\n")


def test_a_fragment_has_a_line_per_part() -> None:
    """A string is a paragraph, a list of strings a list; what is empty is left out."""
    text = fragment("<t>", "one", ["a", "b"], "", [], Markup("<hr>"))
    assert "<p><b>&lt;t&gt;</b></p>\n<p>one</p>\n<ul><li>a</li><li>b</li></ul>\n<hr>" == text


def test_a_list_has_an_item_per_line() -> None:
    """Escaped."""
    assert "<ul><li>&lt;</li></ul>" == items(["<"])


def test_what_is_not_shown_is_counted() -> None:
    """If nothing is missing, there is no message."""
    assert "<p>and 12,000 more in <code>.frame()</code></p>" == and_more(12_000, ".frame()")
    assert not and_more(0, ".frame()")


def test_cells_of_a_table_have_one_format() -> None:
    """Six digits, one sign for what is missing, integers without separators."""
    text = table(["a", "b", "c", "d"], [[0.1 + 0.2, None, 12_345, True]])
    assert "<tr><td>0.3</td><td>–</td><td>12345</td><td>yes</td></tr>" in text


def test_numbers_and_labels_of_a_table_are_marked() -> None:
    """Numbers have a class; the first cell of a row may be its heading."""
    text = table(["", "p"], [["x", 0.5]], numeric=[False, True], has_labels=True)
    assert '<tr><th>x</th><td class="n">0.5</td></tr>' in text
