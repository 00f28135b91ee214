"""`ithtel.commands.series`, as pickles of 0.1 name it: now `ithtel.commands.ith.nav`."""

from __future__ import annotations

import warnings

from ithtel.commands.ith.nav import Nav

__all__ = ["Nav"]

warnings.warn(
    "this object was pickled by an earlier ithtel (ithtel.commands.series): pickle it again,"
    " because the next release cannot load it",
    DeprecationWarning,
    stacklevel=2,
)
