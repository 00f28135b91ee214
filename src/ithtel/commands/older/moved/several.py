"""`ithtel.commands.several`, as pickles of 0.1 name it: now `ithtel.commands.ith.result`."""

from __future__ import annotations

import warnings

from ithtel.commands.ith.result import Analyses

__all__ = ["Analyses"]

warnings.warn(
    "this object was pickled by an earlier ithtel (ithtel.commands.several): pickle it again,"
    " because the next release cannot load it",
    DeprecationWarning,
    stacklevel=2,
)
