"""Text that fits and that the font can show."""

from __future__ import annotations

import warnings

import pytest
from matplotlib.figure import Figure

from drawings import NAV, of, words
from factories import ith_run
from ithtel.viewer.figure import render
from ithtel.viewer.labels import fit, write
from ithtel.viewer.timeline.timeline import figure


def test_glyphs_that_the_font_lacks_become_boxes() -> None:
    """A name in another script is drawn without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = figure(of(*ith_run(NAV, 0.1, series="$x_{$ 漢字").events))
        render(drawn, "svg")
    assert any("□□" in text for text in words(drawn))


@pytest.mark.parametrize(("inches", "text"), [(2.0, "result"), (0.25, "res…"), (0.1, "")])
def test_text_is_cut_to_its_place(inches: float, text: str) -> None:
    """Text that would keep fewer than three letters is left out."""
    assert text == fit("result", inches)


def test_a_dollar_starts_no_formula() -> None:
    """Text is written unchanged."""
    axes = Figure().add_axes((0, 0, 1, 1))
    assert "$a$" == write(axes, 0, 0, "$a$").get_text()
    assert not axes.texts[0].get_parse_math()
