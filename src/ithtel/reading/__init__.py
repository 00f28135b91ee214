"""The only code that reads logs: lines become records, records become tables and a timeline."""

from __future__ import annotations

from ithtel.reading.log import Log
from ithtel.reading.reader import read
from ithtel.reading.record import Problem, Record
from ithtel.reading.sessions import SessionInfo
from ithtel.reading.timeline import AlgorithmRun, Cell, EpochMark, Mark, SeriesPanel, Timeline, timeline

__all__ = [
    "AlgorithmRun",
    "Cell",
    "EpochMark",
    "Log",
    "Mark",
    "Problem",
    "Record",
    "SeriesPanel",
    "SessionInfo",
    "Timeline",
    "read",
    "timeline",
]
