"""A timeline becomes something to look at."""

from __future__ import annotations

from ithtel.viewer.figure import Picture, figure, save
from ithtel.viewer.theme import THEMES, Theme, ThemeName

__all__ = ["THEMES", "Picture", "Theme", "ThemeName", "figure", "save"]
