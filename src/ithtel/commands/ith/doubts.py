"""`report_doubts`: report numbers that are hard to believe to the user, and record them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from ithtel.errors import PlausibilityWarning
from ithtel.recording.process import current

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPONENT = "ith"


def report_doubts(doubts: Iterable[str]) -> tuple[str, ...]:
    """Warn of each doubt, record it as a WARNING line if a session is running, and return them without repeats.

    The warning comes from one place for all callers, so that Python shows it once if a series is loaded and then
    analysed.

    >>> report_doubts([])
    ()
    """
    found = tuple(dict.fromkeys(doubts))
    session = current()
    for text in found:
        if session is not None:
            session.write("WARNING", text, b"{}", component=COMPONENT)
        warnings.warn(text, PlausibilityWarning, stacklevel=1)
    return found
