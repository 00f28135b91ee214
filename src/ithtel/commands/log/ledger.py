"""The audit: the ledger of a log, its p-values adjusted, to be read and drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel import stats
from ithtel.commands.log.source import read_session
from ithtel.reading.ledger import text as ledger_text
from ithtel.reading.ledger.build import build
from ithtel.reading.ledger.values import Ledger as PlainLedger
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.read import read
from ithtel.recording.session import Session

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import pandas as pd

    from ithtel.reading.lines.record import Problem, Record
    from ithtel.viewer.ledger import LedgerPicture


class Ledger(PlainLedger, frozen=True, kw_only=True):
    """What was tested, in order; see `ledger`."""

    problems: tuple[Problem, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return one row a test: what it was, its p-values raw and adjusted, how many came before it."""
        return ledger_text.frame(self)

    def shown(self) -> pd.DataFrame:
        """Return the table as displays show it, all of it text or counts."""
        return ledger_text.display_frame(self)

    def json(self) -> str:
        """Return everything as JSON: what it covers, what it finds, every test in full precision."""
        return ledger_text.json(self)

    def picture(self, theme: str = "auto") -> LedgerPicture:
        """Return the p-values, sorted, against the line of Benjamini and Hochberg.

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
    """Return the ledger of a log: every test in order, how many came before it, adjusted p-values, what to ask about.

    Args:
        source: A log file, folder or glob; `LOG@-2` for the session before the latest, `LOG@all` for all of them
            together; a `Log`; or a session.

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
    log = read_session(source) if isinstance(source, Session) else source if isinstance(source, Log) else read(source)
    made = ledger_of(log, name=log.name)
    return msgspec.structs.replace(made, problems=tuple(log.problems))


def ledger_of(records: Iterable[Record], *, name: str) -> Ledger:
    """Return the ledger of records, wherever they come from."""
    plain = build(records, stats.adjust_p_values, name=name)
    return Ledger(**{field: getattr(plain, field) for field in PlainLedger.__struct_fields__})
