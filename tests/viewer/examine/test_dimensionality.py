"""Components and inflation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.viewer.examine.dimensionality import components, inflation

if TYPE_CHECKING:
    from ithtel.stats.examine.findings import Findings


def test_every_component_has_a_bar(found: Findings) -> None:
    """And the sentence beside them counts them."""
    text = components(found)
    assert 16 == text.count('class="bar"')
    assert "95 % of the variance: " in text


def test_every_column_has_its_inflation(found: Findings) -> None:
    """With the line above which it is high."""
    text = inflation(found)
    assert 16 == text.count("<rect")
    assert "10: high" in text


def test_names_are_escaped(plain: Findings) -> None:
    """A column may have any name."""
    assert "&lt;i&gt;&amp;" in inflation(plain)
