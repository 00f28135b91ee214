"""The picture of a series and its epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.commands.ith.recorded_run import Run
from ithtel.events import Provenance
from ithtel.reading.lines.log import Log
from ithtel.reading.timeline.build import timeline as timeline_of
from ithtel.recording.file.sink import MemorySink
from ithtel.recording.session import Session
from ithtel.recording.settings import Settings
from ithtel.viewer.theme import theme_of
from ithtel.viewer.timeline.timeline import Picture

if TYPE_CHECKING:
    from ithtel.commands.ith.result import Analysis


def picture_of(analysis: Analysis, theme: str = "auto") -> Picture:
    """Return a series with its epochs and levels as a picture, without the cells around them."""
    theme_of(theme)
    sink = MemorySink()
    provenance = Provenance(session_id="sess_drawing", git_sha=None, input_hash=None, random_seed=None)
    session = Session(analysis.nav.name, sink, Settings(), provenance)
    for side in analysis.sides:
        run = Run.begin(session, side.side, side.config, input_hash=None)
        run.finish(analysis.nav, side, duration_ms=0.0)
    session.close()
    whole = timeline_of(Log.from_lines(sink.lines()))
    return _SeriesPicture(msgspec.structs.replace(whole, name=analysis.nav.name, algorithms=(), marks=()), theme=theme)


class _SeriesPicture(Picture):
    """A picture of series only, whose text does not say that there are no cells."""

    def __repr__(self) -> str:
        return super().__repr__().partition("\n\n")[2]
