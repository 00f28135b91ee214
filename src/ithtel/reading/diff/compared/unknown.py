"""`not_compared`, `not_compared_text`: the values of which two sessions do not show whether they are equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.events.notebook import OF_A_RECORD, TOO_LARGE
from ithtel.reading.diff.verdict import NotCompared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ithtel.reading.diff.verdict import Departure
    from ithtel.reading.history.values import Execution, History

OMITTED = "omitted: over the time allowed"
UNKNOWN = "no fingerprint was recorded"
_COMPARED_OTHERWISE = ("a random generator: ", "a function is code", "a class is code", "a module is code", OF_A_RECORD)
"""Reasons of values that are compared as random streams or as source, or that only show the record."""
_OWN = "ithtel."


def not_compared(a: Execution, b: Execution, departures: Iterable[Departure] = ()) -> Iterator[NotCompared]:
    """Yield the values of two runs of a cell that at least one of the sessions has no fingerprint of.

    Those of which a departure is known already are left out.
    """
    departed = {each.name.partition(".")[0] for each in departures if each.kind == "value"}
    without = {name for cell in (a, b) for name, value in cell.values.items() if value.fingerprint is None}
    for name in sorted({*a.skipped, *b.skipped, *without} - departed):
        values = [cell.values.get(name) for cell in (a, b)]
        if all(value is not None and value.fingerprint is not None for value in values):
            continue
        reasons = [
            cell.skipped.get(name) or (value and value.reason) for cell, value in zip((a, b), values, strict=True)
        ]
        reason = next((each for each in reasons if each), UNKNOWN)
        is_own = any(value is not None and value.type.startswith(_OWN) for value in values)
        if not is_own and not reason.startswith(_COMPARED_OTHERWISE) and "belongs to ithtel" not in reason:
            yield NotCompared(what=name, cell=a.label, reason=OMITTED if reason == TOO_LARGE else reason)


def without_fingerprints(a: History, b: History) -> Iterator[NotCompared]:
    """Yield an entry for a session that was recorded without any fingerprints."""
    for history, which in ((a, "first"), (b, "second")):
        if history.config.get("fingerprint") == "off":
            yield NotCompared(what="all values", reason=f"fingerprint=off in the {which} session")
