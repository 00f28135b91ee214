"""Whole pages from templates."""

from __future__ import annotations

import jinja2
import pytest

from ithtel.version import __version__
from ithtel.viewer.html import element
from ithtel.viewer.pages import render


def test_values_are_escaped_and_markup_is_not() -> None:
    """As everywhere."""
    text = render("diff", title="<t>", body=element("p", "x"))
    assert "<h1>&lt;t&gt;</h1>" in text
    assert "<p>x</p>" in text


def test_a_missing_value_is_an_error() -> None:
    """A page is never silently incomplete."""
    with pytest.raises(jinja2.UndefinedError, match="body"):
        render("diff", title="t")


def test_a_page_has_the_colours_of_both_themes() -> None:
    """The report follows the mode of the browser, and names the version that wrote it."""
    text = render("examine", name="n", facts="", sentences=[], sections=[])
    assert "prefers-color-scheme: dark" in text
    assert 2 == text.count("--ink: #")
    assert f"ithtel {__version__}" in text
