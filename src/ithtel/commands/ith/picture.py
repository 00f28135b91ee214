"""`picture_of`: a series with its epochs, drawn from the events of its analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.reading.timeline.runs import panels_of
from ithtel.reading.timeline.timeline import Timeline
from ithtel.viewer.theme import theme_of
from ithtel.viewer.timeline.timeline import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.history.runs import RunEvent


def picture_of(name: str, events: Iterable[RunEvent], theme: str = "auto") -> Picture:
    """Return a picture of the series that `events` describe, with epochs and levels and without cells.

    Raises:
        InputError: There is no such theme.
    """
    theme_of(theme)
    return _SeriesPicture(Timeline(name=name, panels=panels_of(events)), theme=theme)


class _SeriesPicture(Picture):
    """A picture of series only, whose text does not mention cells."""

    def __repr__(self) -> str:
        return super().__repr__().partition("\n\n")[2]
