"""Figures as files and in pages: the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest

from drawings import QUICK
from ithtel.errors import InputError
from ithtel.viewer.figure import inline_svg, render, save
from ithtel.viewer.theme import THEMES
from ithtel.viewer.timeline.timeline import figure


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_timeline_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    """Two files are equal under any style of the user, and have no date or version in them."""
    first = save(figure(QUICK), tmp_path / f"a.{kind}").read_bytes()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9, "svg.hashsalt": None}):
        second = save(figure(QUICK), tmp_path / f"b.{kind.upper()}").read_bytes()
    assert first == second
    assert b"Matplotlib v" not in first
    assert b"dc:date" not in first


def test_nobodys_settings_are_touched() -> None:
    """RcParams are as before, and pyplot knows of no figure."""
    before = dict(mpl.rcParams)
    render(figure(QUICK), "svg")
    assert dict(mpl.rcParams) == before


def test_another_suffix_is_refused() -> None:
    """Only PNG and SVG are written."""
    with pytest.raises(InputError, match=r"cannot write a picture to 'a\.pdf': expected a \.png or \.svg file"):
        save(figure(QUICK), "a.pdf")
    assert not Path("a.pdf").exists()


def test_an_inline_figure_takes_its_colours_from_the_page() -> None:
    """The style sheet gives colours and font; no namespace, metadata or fixed size is left."""
    text = inline_svg(figure(QUICK, theme="light"), THEMES["light"], label="a < b")
    assert text.startswith('<svg viewBox="0 0 ')
    assert 'aria-label="a &lt; b"' in text
    assert "var(--ink)" in text
    for absent in ("http", THEMES["light"].ink, "DejaVu", "metadata"):
        assert absent not in text


def test_an_inline_figure_is_the_same_twice() -> None:
    """Its ids do not depend on the process."""
    one, two = (inline_svg(figure(QUICK, theme="light"), THEMES["light"], label="x") for _ in range(2))
    assert one == two
