"""`ithtel.commands.outcome`, as pickles of 0.1 name it: now `ithtel.commands.ith.result`."""

from __future__ import annotations

import warnings

from ithtel.commands.ith.result import Analysis, SideAnalysis

__all__ = ["Analysis", "SideAnalysis"]

warnings.warn(
    "this object was pickled by an earlier ithtel (ithtel.commands.outcome): pickle it again,"
    " because the next release cannot load it",
    DeprecationWarning,
    stacklevel=2,
)
