"""A log as a picture, and an analysis as the one that its record gives, made from a record in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.commands.logs import log_of
from ithtel.commands.record import Run
from ithtel.events import Provenance
from ithtel.reading import Log
from ithtel.reading.timeline import timeline as timeline_of
from ithtel.recording.session import Session
from ithtel.recording.settings import Settings
from ithtel.recording.sink import MemorySink
from ithtel.viewer.figure import Picture
from ithtel.viewer.theme import theme_of

if TYPE_CHECKING:
    import os

    from ithtel.commands.outcome import Analysis


def timeline(source: str | os.PathLike[str] | Log | Session, theme: str = "auto") -> Picture:
    """Return a log as a picture: its series with the epochs, its cells, seeds, data and algorithms in order.

    Args:
        source: A log file, folder or glob, `LOG@-2` for the session before the latest, a `Log`, or a session.
        theme: `light`, `dark`, or `auto` for a picture that is legible on both.

    Raises:
        InputError: There is no such theme.
        MissingFileError: There is no such file.
        LogError: It is not a log.
    """
    theme_of(theme)
    return Picture(timeline_of(log_of(source)), theme=theme)


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
