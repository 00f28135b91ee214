"""The verbs, as plain functions that return values. Every front end parses, calls one of these, and shows the result.

Names are imported when first used, so that a front end pays for what it calls and nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ithtel.commands.analysis import Analysis, SideAnalysis, analyze
    from ithtel.commands.data import load_nav
    from ithtel.commands.demo import Demo, demo
    from ithtel.commands.logs import read_session, timeline
    from ithtel.commands.seeding import seed

_HOMES = {
    "Analysis": "analysis",
    "SideAnalysis": "analysis",
    "analyze": "analysis",
    "load_nav": "data",
    "Demo": "demo",
    "demo": "demo",
    "read_session": "logs",
    "timeline": "logs",
    "seed": "seeding",
}

__all__ = [
    "Analysis",
    "Demo",
    "SideAnalysis",
    "analyze",
    "demo",
    "load_nav",
    "read_session",
    "seed",
    "timeline",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
