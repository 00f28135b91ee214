"""`attribute`, `waterfall`: which epoch a profit came from, as a table and as a picture, from the log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.commands.log.listing import Listing
from ithtel.commands.log.source import log_of
from ithtel.errors import InputError, did_you_mean
from ithtel.reading.attribution import attribution_frame
from ithtel.viewer.theme import theme_of
from ithtel.viewer.waterfall import Waterfall

if TYPE_CHECKING:
    import os

    import pandas as pd

    from ithtel.reading.lines.log import Log
    from ithtel.recording.session import Session


def attribute(log: str | os.PathLike[str] | Log | Session, *, run_id: str | None = None) -> pd.DataFrame:
    """Return where the profit of each recorded ITH run came from: one row per epoch, and one for the open rest.

    Only the log is read; the data are not needed. Each part spans from one epoch to the next, so their `nav_change` and
    `log_return` add up to those of the whole series, up to rounding.

    Args:
        log: A log file, folder or glob, `LOG@-2` for the session before the latest, a `Log`, or a session.
        run_id: Only this run, such as `analysis.bull.run_id`. Each forked worker may have a run of that id.

    Returns:
        A table with `series`, `position_type`, `run_id`; `part` (`epoch`, or `open`: from the last epoch to the end),
        `epoch_index`; `bar_from`, `bar_to`, `time_from`, `time_to`, `nav_from`, `nav_to`; `gain` (of the position: a
        bear gains as the NAV falls), `nav_change`, `log_return`, `share` (of the log return of the whole run),
        `worst_drawdown` within the part (bear: runup), and `decision_id` (the open decision: the last one before, by
        the time of the bars if decisions lie among them, else by their order in the log). `session_id` is added if
        the log holds several sessions; `pid` if several processes of a session (forked workers) had runs: each
        process counts its own from `bull-1`.

    Raises:
        InputError: There is no such run.
        MissingFileError: There is no such file.
        LogError: It is not a log.

    Example:
        >>> import ithtel, tempfile
        >>> with ithtel.start("example", log_dir=tempfile.mkdtemp()) as session:
        ...     found = ithtel.analyze([1, 1.06, 1, 1.12, 1.1], side="bull", hurdle=0.05)
        ...     parts = ithtel.attribute(session)
        >>> parts["part"].tolist(), round(float(parts["nav_change"].sum()), 12)
        (['epoch', 'epoch', 'open'], 0.1)
    """
    source = log_of(log)
    return attribution_frame(source) if run_id is None else _parts_of(source, run_id)


def list_parts(source: str | os.PathLike[str]) -> Listing:
    """Return the attribution of a log, and the lines that could not be read.

    Raises:
        InputError: There is no ITH run in the log.
    """
    log = log_of(source)
    return Listing(frame=_parts_of(log), problems=log.problems)


def waterfall(
    log: str | os.PathLike[str] | Log | Session, theme: str = "auto", *, run_id: str | None = None
) -> Waterfall:
    """Return the attribution of a log as a picture: one bar from NAV to NAV per part, and one for the whole.

    Args:
        log: As `attribute` takes it.
        theme: `light`, `dark`, or `auto` for a picture that is readable on both.
        run_id: Only this run, such as `analysis.bull.run_id`; if not given, the last six.

    Raises:
        InputError: There is no such theme, or no such ITH run in the log.
        MissingFileError: There is no such file.
        LogError: It is not a log.
    """
    theme_of(theme)
    return Waterfall(_parts_of(log_of(log), run_id), theme=theme)


def _parts_of(log: Log, run_id: str | None = None) -> pd.DataFrame:
    parts = attribution_frame(log)
    if not len(parts):
        raise InputError(f"{log.name}: no ITH run in this log; record one with ithtel.analyze or ithtel.EpochDetector")
    if run_id is None:
        return parts
    chosen = parts[parts["run_id"] == run_id].reset_index(drop=True)
    if not len(chosen):
        raise InputError(f"{log.name}: no ITH run {run_id!r}{did_you_mean(run_id, set(parts['run_id'].dropna()))}")
    return chosen
