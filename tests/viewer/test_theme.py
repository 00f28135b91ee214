"""Colours of pictures and pages."""

from __future__ import annotations

import pytest

from ithtel.errors import InputError
from ithtel.viewer.theme import THEMES, contrast, theme_of


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_strokes_can_be_read(theme: str) -> None:
    """Text and lines have a contrast of at least 3 to 1 on their background; `auto` on white and near black both."""
    colours = THEMES[theme]
    backgrounds = [colours.background] if colours.background else ["#ffffff", "#111111"]
    assert min(contrast(stroke, ground) for stroke in colours.strokes() for ground in backgrounds) >= 3


def test_an_unknown_theme_is_an_error() -> None:
    """The error suggests the nearest name."""
    with pytest.raises(InputError, match=r"no theme 'drak' \(did you mean 'dark'\?\)"):
        theme_of("drak")


def test_sides_have_colours_of_their_own() -> None:
    """A series without a side is drawn in the colour of text."""
    light = THEMES["light"]
    assert (light.bull, light.bear, light.ink) == (light.side("bull"), light.side("bear"), light.side(None))


def test_roles_are_those_that_have_a_colour() -> None:
    """`auto` has no background."""
    assert "background" in THEMES["dark"].roles()
    assert "background" not in THEMES["auto"].roles()
