"""The verbs, as plain functions that return values. Every front end parses, calls one of these, and shows the result.

Names are imported when first used, so that a front end pays for what it calls and nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ithtel.commands.analysis import Analysis, SideAnalysis, analyze
    from ithtel.commands.batch import Batch, analyze_files
    from ithtel.commands.data import load_nav
    from ithtel.commands.featuring import features
    from ithtel.commands.hypotheses import log_hypothesis_result
    from ithtel.commands.logs import list_epochs, list_events, read_session, timeline
    from ithtel.commands.seeding import seed
    from ithtel.commands.showcase import Demo, demo

_HOMES = {
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
    "read_session": "logs",
    "timeline": "logs",
    "seed": "seeding",
    "features": "featuring",
    "log_hypothesis_result": "hypotheses",
}

__all__ = [
    "Analysis",
    "Batch",
    "Demo",
    "SideAnalysis",
    "analyze",
    "analyze_files",
    "demo",
    "features",
    "list_epochs",
    "list_events",
    "load_nav",
    "log_hypothesis_result",
    "read_session",
    "seed",
    "timeline",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
