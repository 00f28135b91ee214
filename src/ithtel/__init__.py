"""ithtel records a notebook session as NDJSON, draws it, and can run it again.

In a notebook: `%load_ext ithtel`. In a script: `ithtel.start("name")`. See `ithtel.analyze` for what it is about.
Each name is imported when it is first used: `import ithtel` itself loads next to nothing.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ithtel.version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ithtel import datasets, errors, events, stats
    from ithtel.commands.analysis import Analysis, SideAnalysis, analyze
    from ithtel.commands.attribution import attribute, waterfall
    from ithtel.commands.auditing import Ledger, ledger
    from ithtel.commands.comparing import diff
    from ithtel.commands.data import load_nav
    from ithtel.commands.decisions import log_decision
    from ithtel.commands.detection import Epoch, EpochDetector
    from ithtel.commands.drawing import timeline
    from ithtel.commands.examining import Examination, examine
    from ithtel.commands.featuring import features
    from ithtel.commands.hypotheses import log_hypothesis_result
    from ithtel.commands.quickstart import (
        fingerprint_array,
        fingerprint_frame,
        get_trace_id,
        log_algorithm_init,
        log_algorithm_result,
        log_data_load,
        log_epoch_detected,
        set_trace_id,
        setup_ndjson_logger,
    )
    from ithtel.commands.seeding import seed, spawn
    from ithtel.commands.several import Analyses
    from ithtel.commands.stamping import stamp, whence
    from ithtel.commands.starting import start
    from ithtel.commands.steplog import ITHStepLogger, compare_step_logs
    from ithtel.errors import IthtelError
    from ithtel.ith.fitness import Bounds
    from ithtel.ith.synthetic import synthetic_nav
    from ithtel.provenance.context import ProvenanceContext
    from ithtel.provenance.files import fingerprint_file
    from ithtel.provenance.fingerprint import fingerprint
    from ithtel.provenance.randomness import capture_random_state, restore_random_state
    from ithtel.reading import Log, read
    from ithtel.recording.process import current, stop
    from ithtel.recording.session import Session
    from ithtel.recording.settings import Settings
    from ithtel.stats.capture import capture_scipy

# name → the module that has it; a module itself where both are the same
_HOMES = {
    "Analyses": "ithtel.commands.several",
    "Analysis": "ithtel.commands.analysis",
    "Bounds": "ithtel.ith.fitness",
    "Epoch": "ithtel.commands.detection",
    "EpochDetector": "ithtel.commands.detection",
    "Examination": "ithtel.commands.examining",
    "ITHStepLogger": "ithtel.commands.steplog",
    "IthtelError": "ithtel.errors",
    "Ledger": "ithtel.commands.auditing",
    "Log": "ithtel.reading",
    "ProvenanceContext": "ithtel.provenance.context",
    "Session": "ithtel.recording.session",
    "Settings": "ithtel.recording.settings",
    "SideAnalysis": "ithtel.commands.analysis",
    "analyze": "ithtel.commands.analysis",
    "attribute": "ithtel.commands.attribution",
    "capture_random_state": "ithtel.provenance.randomness",
    "capture_scipy": "ithtel.stats.capture",
    "compare_step_logs": "ithtel.commands.steplog",
    "current": "ithtel.recording.process",
    "datasets": "ithtel.datasets",
    "diff": "ithtel.commands.comparing",
    "errors": "ithtel.errors",
    "events": "ithtel.events",
    "examine": "ithtel.commands.examining",
    "features": "ithtel.commands.featuring",
    "fingerprint": "ithtel.provenance.fingerprint",
    "fingerprint_array": "ithtel.commands.quickstart",
    "fingerprint_file": "ithtel.provenance.files",
    "fingerprint_frame": "ithtel.commands.quickstart",
    "get_trace_id": "ithtel.commands.quickstart",
    "ledger": "ithtel.commands.auditing",
    "load_nav": "ithtel.commands.data",
    "log_algorithm_init": "ithtel.commands.quickstart",
    "log_algorithm_result": "ithtel.commands.quickstart",
    "log_data_load": "ithtel.commands.quickstart",
    "log_decision": "ithtel.commands.decisions",
    "log_epoch_detected": "ithtel.commands.quickstart",
    "log_hypothesis_result": "ithtel.commands.hypotheses",
    "read": "ithtel.reading",
    "restore_random_state": "ithtel.provenance.randomness",
    "seed": "ithtel.commands.seeding",
    "set_trace_id": "ithtel.commands.quickstart",
    "setup_ndjson_logger": "ithtel.commands.quickstart",
    "spawn": "ithtel.commands.seeding",
    "stamp": "ithtel.commands.stamping",
    "start": "ithtel.commands.starting",
    "stats": "ithtel.stats",
    "stop": "ithtel.recording.process",
    "synthetic_nav": "ithtel.ith.synthetic",
    "timeline": "ithtel.commands.drawing",
    "whence": "ithtel.commands.stamping",
    "waterfall": "ithtel.commands.attribution",
}

__all__ = [
    "Analyses",
    "Analysis",
    "Bounds",
    "Epoch",
    "EpochDetector",
    "Examination",
    "ITHStepLogger",
    "IthtelError",
    "Ledger",
    "Log",
    "ProvenanceContext",
    "Session",
    "Settings",
    "SideAnalysis",
    "__version__",
    "analyze",
    "attribute",
    "capture_random_state",
    "capture_scipy",
    "compare_step_logs",
    "current",
    "datasets",
    "diff",
    "errors",
    "events",
    "examine",
    "features",
    "fingerprint",
    "fingerprint_array",
    "fingerprint_file",
    "fingerprint_frame",
    "get_trace_id",
    "ledger",
    "load_nav",
    "log_algorithm_init",
    "log_algorithm_result",
    "log_data_load",
    "log_decision",
    "log_epoch_detected",
    "log_hypothesis_result",
    "read",
    "restore_random_state",
    "seed",
    "set_trace_id",
    "setup_ndjson_logger",
    "spawn",
    "stamp",
    "start",
    "stats",
    "stop",
    "synthetic_nav",
    "timeline",
    "waterfall",
    "whence",
]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Begin to record the cells of `shell`: `%load_ext ithtel`."""
    collects = gc.isenabled()
    gc.disable()  # with pandas loaded, collecting all garbage in the midst of the import doubles its 43 ms
    try:
        from ithtel.notebook import extension
    finally:
        if collects:
            gc.enable()

    extension.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Stop recording, and take out of `shell` all that was put in: `%unload_ext ithtel`."""
    from ithtel.notebook import extension

    extension.unload(shell)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'ithtel' has no attribute {name!r}")
    module = import_module(home)
    return module if home == f"ithtel.{name}" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
