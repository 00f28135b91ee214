"""`timeline`: a log as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.commands.log.source import log_of
from ithtel.reading.timeline.build import timeline as timeline_of
from ithtel.viewer.theme import theme_of
from ithtel.viewer.timeline.timeline import Picture

if TYPE_CHECKING:
    import os

    from ithtel.reading.lines.log import Log
    from ithtel.recording.session import Session


def timeline(source: str | os.PathLike[str] | Log | Session, theme: str = "auto") -> Picture:
    """Return a log as a picture: its series with the epochs, its cells, seeds, data and algorithms in order.

    Args:
        source: A log file, folder or glob, `LOG@-2` for the session before the latest, a `Log`, or a session.
        theme: `light`, `dark`, or `auto` for a picture that is readable on both.

    Raises:
        InputError: There is no such theme.
        MissingFileError: There is no such file.
        LogError: It is not a log.
    """
    theme_of(theme)
    return Picture(timeline_of(log_of(source)), theme=theme)
