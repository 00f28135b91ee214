"""`ithtel.commands.series`, as pickles of 0.1 name it: now `ithtel.ith.nav`."""

from __future__ import annotations

import warnings
from typing import Any

from ithtel.ith import nav
from ithtel.ith.check import contiguous, is_positive_finite

__all__ = ["Nav"]

warnings.warn(
    "this object was pickled by an earlier ithtel (ithtel.commands.series): pickle it again,"
    " because the next release cannot load it",
    DeprecationWarning,
    stacklevel=2,
)


class Nav(nav.Nav):
    """A series that 0.1 pickled, without `is_positive`; it becomes a `Nav` of today when it is loaded."""

    __slots__ = ()

    def __setstate__(self, state: list[Any]) -> None:
        """Set the fields of 0.1 and the one that was added since."""
        values, name, times = state
        is_positive = len(values) > 0 and is_positive_finite(values)
        fields = {"values": contiguous(values), "name": name, "times": times, "is_positive": is_positive}
        for field, value in {**fields, "__class__": nav.Nav}.items():
            object.__setattr__(self, field, value)
