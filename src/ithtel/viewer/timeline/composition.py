"""`compose`: panels and lanes on one figure, without pyplot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ithtel.plain_text import count
from ithtel.viewer.figure import DPI
from ithtel.viewer.labels import SIZE, legible
from ithtel.viewer.timeline.lanes import draw_lanes, lanes_height
from ithtel.viewer.timeline.panels import LEFT, draw_panel, panel_height

if TYPE_CHECKING:
    from ithtel.reading.timeline.timeline import Timeline
    from ithtel.reading.timeline.values import SeriesPanel
    from ithtel.viewer.theme import Theme

MAX_PANELS = 6
_EDGE = 0.14
NOTE = 0.26
"""Height in inches of a line above the panels."""


def compose(timeline: Timeline, theme: Theme, width: float) -> Figure:
    """Return a figure that is `width` inches wide and as high as its content needs."""
    panels = _distinct(timeline.panels)
    shown, n_more = panels[-MAX_PANELS:], max(0, len(panels) - MAX_PANELS)
    heights = [panel_height(panel, width) for panel in shown]
    bottom = lanes_height(timeline)
    is_empty = not shown and not bottom
    total = sum(heights) + bottom + _EDGE + (3 * NOTE if is_empty else NOTE * bool(n_more))
    figure = Figure(figsize=(width, total), dpi=DPI, facecolor=theme.background or "none")
    FigureCanvasAgg(figure)
    top = total - _EDGE / 2
    if is_empty:
        _write(figure, f"{timeline.name}: nothing to draw yet", theme, x=0.5, y=0.5, ha="center")
    if n_more:
        note_omitted(figure, n_more, theme)
        top -= NOTE
    for panel, height in zip(shown, heights, strict=True):
        draw_panel(figure, panel, theme, top=top)
        top -= height
    if bottom:
        draw_lanes(figure, timeline, theme, top=top)
    return figure


def note_omitted(figure: Figure, n_more: int, theme: Theme) -> None:
    """Write into the first `NOTE` inches how many earlier runs are not drawn."""
    width, total = figure.get_size_inches()
    text, y = f"{count(n_more, 'earlier series run')} not drawn", 1 - NOTE / 2 / total
    _write(figure, text, theme, x=LEFT / width, y=y, ha="left")


def _write(figure: Figure, text: str, theme: Theme, **place: Any) -> None:  # noqa: ANN401 - matplotlib's own
    figure.text(s=legible(text), color=theme.muted, fontsize=SIZE, va="center", parse_math=False, **place)


def _distinct(panels: tuple[SeriesPanel, ...]) -> list[SeriesPanel]:
    """Return the panels without those that a later run repeats: the same series, sides and epochs."""
    latest = {
        (panel.name, panel.n_bars, panel.last, tuple((run.side, run.hurdle, run.epochs) for run in panel.runs)): panel
        for panel in panels
    }
    return list(latest.values())
