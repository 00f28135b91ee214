"""The format of a log: one frozen struct an event, the envelope, the names of files.

Both sides, the one that writes and the one that reads, meet here and nowhere else.
"""

from __future__ import annotations

from ithtel.events.base import SCHEMA_VERSION, Event, Json, UnknownEvent, event_type, short
from ithtel.events.catalogue import EVENTS, SECTIONS
from ithtel.events.decode import decode_envelope, decode_event
from ithtel.events.envelope import LEVELS, Envelope, ExceptionInfo, Provenance, fields_of, utc_timestamp
from ithtel.events.notebook import CellEnd, CellError, CellOutput, CellStart, Hazard, MimeContent
from ithtel.events.reproducibility import (
    AlgorithmInit,
    AlgorithmResult,
    ArrayFingerprint,
    DataLoad,
    FileRead,
    FileWrite,
    FrameFingerprint,
    IthMetrics,
    ObjectFingerprint,
    RngState,
    SeedSet,
    SeriesSketch,
    Sketch,
)
from ithtel.events.session import (
    CellPrior,
    EnvironmentChanged,
    GitState,
    LogSeal,
    ModuleLoaded,
    Note,
    RecordingLoss,
    RecordingPaused,
    RecordingResumed,
    SessionEnd,
    SessionStart,
)
from ithtel.events.trading import DecisionFeatures, DecisionSnapshot, DecisionThresholds, EpochDetected, IthStep

__all__ = [
    "EVENTS",
    "LEVELS",
    "SCHEMA_VERSION",
    "SECTIONS",
    "AlgorithmInit",
    "AlgorithmResult",
    "ArrayFingerprint",
    "CellEnd",
    "CellError",
    "CellOutput",
    "CellPrior",
    "CellStart",
    "DataLoad",
    "DecisionFeatures",
    "DecisionSnapshot",
    "DecisionThresholds",
    "EnvironmentChanged",
    "Envelope",
    "EpochDetected",
    "Event",
    "ExceptionInfo",
    "FileRead",
    "FileWrite",
    "FrameFingerprint",
    "GitState",
    "Hazard",
    "IthMetrics",
    "IthStep",
    "Json",
    "LogSeal",
    "MimeContent",
    "ModuleLoaded",
    "Note",
    "ObjectFingerprint",
    "Provenance",
    "RecordingLoss",
    "RecordingPaused",
    "RecordingResumed",
    "RngState",
    "SeedSet",
    "SeriesSketch",
    "SessionEnd",
    "SessionStart",
    "Sketch",
    "UnknownEvent",
    "decode_envelope",
    "decode_event",
    "event_type",
    "fields_of",
    "short",
    "utc_timestamp",
]
