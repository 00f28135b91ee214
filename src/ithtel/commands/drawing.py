"""An analysis as a picture: the one that its record gives, made from a record in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.commands.record import Run
from ithtel.events import Provenance
from ithtel.reading import Log
from ithtel.reading.timeline import timeline
from ithtel.recording.session import Session
from ithtel.recording.settings import Settings
from ithtel.recording.sink import MemorySink
from ithtel.viewer.figure import figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ithtel.commands.outcome import Analysis


def draw(analysis: Analysis, theme: str = "auto") -> Figure:
    """Draw a series with its epochs, without the cells around them."""
    sink = MemorySink()
    provenance = Provenance(session_id="sess_drawing", git_sha=None, input_hash=None, random_seed=None)
    session = Session(analysis.nav.name, sink, Settings(), provenance)
    for side in analysis.sides:
        run = Run.begin(session, side.side, side.config, input_hash=None)
        run.finish(analysis.nav, side, duration_ms=0.0)
    session.close()
    return figure(timeline(Log.from_lines(sink.lines())), theme=theme)
