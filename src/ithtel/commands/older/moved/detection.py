"""`ithtel.commands.detection`, as pickles of 0.1 name it: now `ithtel.commands.ith.detector`."""

from __future__ import annotations

import warnings

from ithtel.commands.ith.detector import Epoch, EpochDetector

__all__ = ["Epoch", "EpochDetector"]

warnings.warn(
    "this object was pickled by an earlier ithtel (ithtel.commands.detection): pickle it again,"
    " because the next release cannot load it",
    DeprecationWarning,
    stacklevel=2,
)
