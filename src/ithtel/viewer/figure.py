"""A timeline as a matplotlib figure, without pyplot and without touching anybody's settings."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ithtel.errors import InputError
from ithtel.reading.plain import count
from ithtel.viewer.labels import SANS, SIZE, legible
from ithtel.viewer.lanes import draw_lanes, lanes_height
from ithtel.viewer.panels import LEFT, draw_panel, panel_height
from ithtel.viewer.theme import Theme, ThemeName, theme_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.timeline import SeriesPanel, Timeline

DPI = 100
MIN_WIDTH, MAX_WIDTH = 320, 6000
MAX_PANELS = 6
_EDGE = 0.14
_NOTE = 0.26


def figure(timeline: Timeline, *, theme: ThemeName = "auto", width: float = 800) -> Figure:
    """Draw `timeline`: each series with its epochs, then what ran, in order of execution.

    Args:
        timeline: What to draw.
        theme: `light`, `dark`, or `auto`: transparent, legible on both.
        width: In pixels at 100 dots per inch; the height follows from the content.

    Raises:
        InputError: No such theme, or a width that nothing can be drawn in.

    >>> from ithtel.reading import Timeline
    >>> figure(Timeline(name="demo")).get_size_inches()[0]
    np.float64(8.0)
    """
    colours = theme_of(theme)
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        raise InputError(f"a width of {width} pixels: {MIN_WIDTH} to {MAX_WIDTH} are possible")
    with plain_style():
        return _draw(timeline, colours, width / DPI)


@contextlib.contextmanager
def plain_style() -> Iterator[None]:
    """Shut out the user's style for the time of drawing: the same timeline gives the same picture."""
    with matplotlib.style.context(["default", {"font.family": SANS, "svg.hashsalt": "ithtel", "path.simplify": True}]):
        yield


def _draw(timeline: Timeline, theme: Theme, width: float) -> Figure:
    panels = _distinct(timeline.panels)
    shown, n_more = panels[-MAX_PANELS:], max(0, len(panels) - MAX_PANELS)
    heights = [panel_height(panel, width) for panel in shown]
    bottom = lanes_height(timeline)
    nothing = not shown and not bottom
    total = sum(heights) + bottom + _EDGE + (3 * _NOTE if nothing else _NOTE * bool(n_more))
    figure = Figure(figsize=(width, total), dpi=DPI, facecolor=theme.background or "none")
    FigureCanvasAgg(figure)
    top = total - _EDGE / 2
    if nothing:
        _say(figure, f"{timeline.name}: nothing to draw yet", theme, x=0.5, y=0.5, ha="center")
    if n_more:
        y = 1 - _NOTE / 2 / total
        _say(figure, f"{count(n_more, 'earlier series run')} not drawn", theme, x=LEFT / width, y=y, ha="left")
        top -= _NOTE
    for panel, height in zip(shown, heights, strict=True):
        draw_panel(figure, panel, theme, top=top)
        top -= height
    if bottom:
        draw_lanes(figure, timeline, theme, top=top)
    return figure


def _say(figure: Figure, text: str, theme: Theme, **place: Any) -> None:  # noqa: ANN401 - matplotlib's own
    figure.text(s=legible(text), color=theme.muted, fontsize=SIZE, va="center", parse_math=False, **place)


def _distinct(panels: tuple[SeriesPanel, ...]) -> list[SeriesPanel]:
    """Return the panels without those that a later run repeats: the same series, sides and epochs."""
    latest = {
        (panel.name, panel.n_bars, panel.last, tuple((run.side, run.hurdle, run.epochs) for run in panel.runs)): panel
        for panel in panels
    }
    return list(latest.values())
