"""`ledger`: every hypothesis test in a log, in order, with adjusted p-values and warnings, as a table and a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel import stats
from ithtel.commands.log.source import log_of
from ithtel.reading.ledger import text as ledger_text
from ithtel.reading.ledger.build import build
from ithtel.reading.ledger.values import Ledger as PlainLedger

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import pandas as pd

    from ithtel.reading.lines.log import Log
    from ithtel.reading.lines.record import Problem, Record
    from ithtel.recording.session import Session
    from ithtel.viewer.ledger import LedgerPicture


class Ledger(PlainLedger, frozen=True, kw_only=True):
    """The tests of a log, in order; see `ledger`."""

    problems: tuple[Problem, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return one row per test: its name, its raw and adjusted p-values, and the number of tests before it."""
        return ledger_text.frame(self)

    def shown(self) -> pd.DataFrame:
        """Return the table as displays show it, with text and counts only."""
        return ledger_text.display_frame(self)

    def json(self) -> str:
        """Return everything as JSON: what the ledger covers, its warnings, and every test in full precision."""
        return ledger_text.json(self)

    def picture(self, theme: str = "auto") -> LedgerPicture:
        """Return a picture of the sorted p-values and the line of Benjamini and Hochberg.

        Raises:
            InputError: There is no such theme.
        """
        from ithtel.viewer.ledger import LedgerPicture

        return LedgerPicture(self, theme=theme)

    def __repr__(self) -> str:
        return ledger_text.text(self)

    def _repr_html_(self) -> str:
        from ithtel.viewer.ledger import ledger_html

        return ledger_html(self)


def ledger(source: str | os.PathLike[str] | Log | Session) -> Ledger:
    """Return the ledger of a log: every test in order, the number of tests before it, adjusted p-values, and warnings.

    Args:
        source: A log file, folder or glob; `LOG@-2` for the session before the latest, `LOG@all` for all
            sessions together; a `Log`; or a session.

    Raises:
        MissingFileError: There is no such file.
        LogError: It is not a log.
        MissingPackageError: statsmodels is not installed.

    Source: Bonferroni; Holm, Scandinavian Journal of Statistics 6 (1979) 65-70; Benjamini and Hochberg, JRSS B 57
    (1995) 289-300.

    Example:
        >>> import ithtel, tempfile
        >>> with ithtel.start("example", log_dir=tempfile.mkdtemp()) as session:
        ...     for p in (0.01, 0.04, 0.2):
        ...         _ = ithtel.log_hypothesis_result(test_name="t", p_value=p, decision="?")
        ...     ithtel.ledger(session).frame()["benjamini_hochberg"].round(3).tolist()
        [0.03, 0.06, 0.2]
    """
    log = log_of(source)
    made = ledger_of(log, name=log.name)
    return msgspec.structs.replace(made, problems=tuple(log.problems))


def ledger_of(records: Iterable[Record], *, name: str) -> Ledger:
    """Return the ledger of any records."""
    plain = build(records, stats.adjust_p_values, name=name)
    return Ledger(**{field: getattr(plain, field) for field in PlainLedger.__struct_fields__})
