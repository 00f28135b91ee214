"""`LedgerPicture` and `ledger_html`: a ledger as a picture of its p-values, and as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.plain_text import count, place
from ithtel.reading.ledger import text as ledger_text
from ithtel.viewer.figure import Drawn
from ithtel.viewer.html import and_more, fragment
from ithtel.viewer.p_values import PValue, draw_p_values
from ithtel.viewer.tables import frame_table
from ithtel.viewer.theme import theme_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ithtel.reading.ledger.values import Entry, Ledger

MAX_ROWS = 20


class LedgerPicture(Drawn):
    """The p-values of a ledger as a notebook shows them: as a picture, or as its sentences."""

    def __init__(self, ledger: Ledger, *, theme: str = "auto") -> None:
        theme_of(theme)
        self.ledger = ledger
        self.theme = theme

    def figure(self) -> Figure:
        """Return a new matplotlib figure: the p-values in ascending order, one per hypothesis."""
        p_values = _p_values(self.ledger)
        title = f"{count(len(p_values), 'p-value')}, sorted · {place(self.ledger.name)}"
        return draw_p_values(p_values, theme_of(self.theme), title=title)

    def __repr__(self) -> str:
        return ledger_text.text(self.ledger)


def ledger_html(ledger: Ledger) -> str:
    """Return the ledger as HTML: what it covers, what it found, the first tests."""
    tests = ledger_text.display_frame(ledger).head(MAX_ROWS)
    n_more = len(ledger.entries) - len(tests)
    return fragment(
        f"Ledger of {place(ledger.name)}",
        *ledger_text.coverage_lines(ledger.coverage),
        ledger_text.finding_lines(ledger),
        frame_table(tests) if len(tests) else "",
        and_more(n_more, ".frame()"),
    )


def _p_values(ledger: Ledger) -> list[PValue]:
    """Return the p-values that the adjustments count, in ascending order: the first of each hypothesis."""
    first: dict[int, Entry] = {}
    for entry in ledger.entries:
        if entry.p_value is not None and entry.benjamini_hochberg is not None:
            first.setdefault(entry.number if entry.repeats is None else entry.repeats, entry)
    entries = sorted(first.values(), key=lambda entry: (entry.p_value or 0.0, entry.number))
    return [
        PValue(entry.p_value or 0.0, entry.benjamini_hochberg or 0.0, entry.alpha,
               f"{entry.subject} · {entry.test_name.rpartition('.')[2]}")
        for entry in entries
    ]  # fmt: skip
