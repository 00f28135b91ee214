"""Timelines to draw, and what is on a figure."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from matplotlib import image
from matplotlib.text import Text

from factories import Writer, log_of, quickstart, walk
from ithtel.reading.timeline.build import timeline
from ithtel.viewer.figure import render

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

    from ithtel import events as ev
    from ithtel.reading.timeline.timeline import Timeline

NAV = walk(400)
QUICK = timeline(log_of(quickstart(NAV)))


def of(*events: ev.Event) -> Timeline:
    """Return the timeline of a session that emits `events` outside any cell."""
    writer = Writer().start()
    for event in events:
        writer.emit(event)
    return timeline(log_of(writer))


def words(drawn: Figure) -> list[str]:
    """Return all text on a figure."""
    return [text.get_text() for text in drawn.findobj(Text) if text.get_text()]


def pixels(drawn: Figure) -> np.ndarray:
    """Return a figure as an array of red, green, blue, alpha."""
    return image.imread(io.BytesIO(render(drawn, "png", scale=1)))
