"""`figure` and `Picture`: a timeline as a matplotlib figure, and as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.errors import InputError
from ithtel.viewer.figure import DPI, Drawn, plain_style
from ithtel.viewer.theme import theme_of
from ithtel.viewer.timeline.composition import compose

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ithtel.reading.timeline.timeline import Timeline

MIN_WIDTH, MAX_WIDTH = 320, 6000


def figure(timeline: Timeline, *, theme: str = "auto", width: float = 800) -> Figure:
    """Draw `timeline`: each series with its epochs, then what ran, in order of execution.

    Args:
        timeline: What to draw.
        theme: `light`, `dark`, or `auto`: transparent, legible on both.
        width: In pixels at 100 dots per inch; the height follows from the content.

    Raises:
        InputError: There is no such theme, or the width is out of range.

    >>> from ithtel.reading.timeline.timeline import Timeline
    >>> figure(Timeline(name="demo")).get_size_inches()[0]
    np.float64(8.0)
    """
    colours = theme_of(theme)
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        raise InputError(f"width must be {MIN_WIDTH} to {MAX_WIDTH} pixels, got {width}")
    with plain_style():
        return compose(timeline, colours, width / DPI)


class Picture(Drawn):
    """A timeline as a notebook shows it.

    >>> from ithtel.reading.timeline.timeline import Timeline
    >>> Picture(Timeline(name="demo"))
    demo · no cells
    """

    def __init__(self, timeline: Timeline, *, theme: str = "auto", width: float = 800) -> None:
        self.timeline = timeline
        self.theme = theme
        self.width = width

    def figure(self) -> Figure:
        """Return a new matplotlib figure."""
        return figure(self.timeline, theme=self.theme, width=self.width)

    def __repr__(self) -> str:
        return self.timeline.text()
