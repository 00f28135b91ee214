"""`list_events`, `list_epochs`: what a log holds as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ithtel.errors import InputError, did_you_mean
from ithtel.events import EVENTS, event_type
from ithtel.reading.lines.read import read

if TYPE_CHECKING:
    import os

    import pandas as pd

    from ithtel.reading.lines.record import Problem


@dataclass(frozen=True, kw_only=True, eq=False)
class Listing:
    """A table made from a log, and the lines that could not be read."""

    frame: pd.DataFrame
    problems: list[Problem]


def list_events(source: str | os.PathLike[str], *, kind: str | None = None, summary: bool = False) -> Listing:
    """Return the lines of a log as a table, or their number by session, component and type.

    Raises:
        InputError: `kind` is neither an event type of the log nor one that this version knows.
    """
    log = read(source)
    frame = log.frame()
    if kind is not None:
        known = {event_type(event) for event in EVENTS} | {*frame["event_type"].dropna()}
        if kind not in known:
            raise InputError(f"no event type {kind!r}{did_you_mean(kind, known)}")
        frame = frame[frame["event_type"] == kind]
    if summary:
        keys = ["session_id", "component", "event_type"]
        frame = frame.fillna({"event_type": "(message)"}).groupby(keys, sort=True).size().reset_index(name="n_lines")
    else:
        frame = frame[["seq", "ts", "level", "component", "event_type", "msg"]]
    return Listing(frame=frame.reset_index(drop=True), problems=log.problems)


def list_epochs(source: str | os.PathLike[str]) -> Listing:
    """Return the epochs that a log holds."""
    log = read(source)
    return Listing(frame=log.epochs(), problems=log.problems)
