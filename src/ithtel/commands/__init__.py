"""The verbs, as plain functions that return values. Every front end parses, calls one of these, and shows the result.

Names are imported when first used, so that a front end pays for what it calls and nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ithtel.commands.analysis import Analysis, SideAnalysis, analyze
    from ithtel.commands.attribution import attribute, list_parts, waterfall
    from ithtel.commands.auditing import Ledger, ledger
    from ithtel.commands.batch import Batch, analyze_files
    from ithtel.commands.checking import Checked, check, check_notebook
    from ithtel.commands.comparing import changed, diff
    from ithtel.commands.data import load_nav
    from ithtel.commands.decisions import log_decision
    from ithtel.commands.detection import Epoch, EpochDetector
    from ithtel.commands.diagnosing import Diagnosis, doctor
    from ithtel.commands.drawing import timeline
    from ithtel.commands.examined import Examined, examine_files
    from ithtel.commands.examining import Examination, examine
    from ithtel.commands.featuring import features
    from ithtel.commands.hypotheses import log_hypothesis_result
    from ithtel.commands.logs import list_epochs, list_events, log_of, read_session
    from ithtel.commands.replaying import Replay, replay, write_notebook
    from ithtel.commands.seeding import restore, seed, spawn
    from ithtel.commands.several import Analyses
    from ithtel.commands.showcase import Demo, demo
    from ithtel.commands.stamping import Origin, stamp, whence
    from ithtel.commands.steplog import ITHStepLogger, compare_step_logs
    from ithtel.commands.tracing import lineage

_HOMES = {
    "Analyses": "several",
    "Epoch": "detection",
    "EpochDetector": "detection",
    "ITHStepLogger": "steplog",
    "attribute": "attribution",
    "compare_step_logs": "steplog",
    "list_parts": "attribution",
    "log_decision": "decisions",
    "changed": "comparing",
    "Checked": "checking",
    "check": "checking",
    "check_notebook": "checking",
    "Origin": "stamping",
    "stamp": "stamping",
    "whence": "stamping",
    "Replay": "replaying",
    "replay": "replaying",
    "write_notebook": "replaying",
    "diff": "comparing",
    "waterfall": "attribution",
    "Analysis": "analysis",
    "SideAnalysis": "analysis",
    "analyze": "analysis",
    "Batch": "batch",
    "analyze_files": "batch",
    "list_epochs": "logs",
    "list_events": "logs",
    "load_nav": "data",
    "Demo": "showcase",
    "demo": "showcase",
    "log_of": "logs",
    "read_session": "logs",
    "timeline": "drawing",
    "Diagnosis": "diagnosing",
    "doctor": "diagnosing",
    "lineage": "tracing",
    "restore": "seeding",
    "seed": "seeding",
    "spawn": "seeding",
    "features": "featuring",
    "log_hypothesis_result": "hypotheses",
    "Ledger": "auditing",
    "ledger": "auditing",
    "Examination": "examining",
    "examine": "examining",
    "Examined": "examined",
    "examine_files": "examined",
}

__all__ = [
    "Analyses",
    "Analysis",
    "Batch",
    "Checked",
    "Demo",
    "Diagnosis",
    "Epoch",
    "EpochDetector",
    "Examination",
    "Examined",
    "ITHStepLogger",
    "Ledger",
    "Origin",
    "Replay",
    "SideAnalysis",
    "analyze",
    "analyze_files",
    "attribute",
    "changed",
    "check",
    "check_notebook",
    "compare_step_logs",
    "demo",
    "diff",
    "doctor",
    "examine",
    "examine_files",
    "features",
    "ledger",
    "lineage",
    "list_epochs",
    "list_events",
    "list_parts",
    "load_nav",
    "log_decision",
    "log_hypothesis_result",
    "log_of",
    "read_session",
    "replay",
    "restore",
    "seed",
    "spawn",
    "stamp",
    "timeline",
    "waterfall",
    "whence",
    "write_notebook",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
