"""`examine_files`: examine files, record the tests in a separate log, and write the report into a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.commands.data.load_nav import load_nav
from ithtel.commands.data.tables import read_table
from ithtel.commands.examine.examine import DEFAULT_SEED, Examination, examine, require_pyarrow
from ithtel.commands.session.seed import seed as seed_all
from ithtel.errors import InputError
from ithtel.events import DataLoad
from ithtel.ith.features import DEFAULT_LOOKBACKS
from ithtel.provenance.files import fingerprint_file
from ithtel.recording.file.folders import make_private_folder
from ithtel.recording.process import start
from ithtel.stats.hypothesis import COMPONENT
from ithtel.stats.regime import DEFAULT_LOOKBACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ithtel.recording.session import Session
    from ithtel.stats.examine.examination import Progress

ARTIFACTS = "artifacts"


@dataclass(frozen=True, kw_only=True)
class Examined:
    """The examination of files, and where it was written."""

    examination: Examination
    paths: list[Path]
    log: Path | None
    notice: str | None


def examine_files(
    nav: Path | None,
    features: Path | None = None,
    *,
    lookbacks: Sequence[int] = DEFAULT_LOOKBACKS,
    alpha: float = 0.05,
    seed: int = DEFAULT_SEED,
    regime_lookback: int = DEFAULT_LOOKBACK,
    out: Path | None = None,
    date: str = "Date",
    column: str = "NAV",
    log_dir: str | None = None,
    progress: Progress | None = None,
) -> Examined:
    """Examine a NAV file, or a file of its features; record it in `{log_dir}/ndjson/statistical_examination.jsonl`.

    Args:
        nav: CSV or Parquet, with a date and a NAV column.
        features: Parquet, one column per feature; with `nav`, one row per bar of it.
        lookbacks: Bars per window, if features are computed.
        alpha: The level of every test.
        seed: The seed of the bootstraps, and of every other random stream.
        regime_lookback: The number of bars by which the regime of a bar is classified.
        out: Folder of the report; `artifacts/examination/{name}` if not given.
        date: The column of the times.
        column: The column of the NAV.
        log_dir: Folder of the log; `logs` if not given.
        progress: As for `examine`.

    Raises:
        InputError: Neither file is given, or their content cannot be examined.
        MissingFileError: A file does not exist.
        MissingPackageError: An extra package is missing.
    """
    if nav is None and features is None:
        raise InputError("pass a NAV file, --parquet FEATURES, or both")
    require_pyarrow()
    with start(COMPONENT, log_dir=log_dir) as session:
        seed_all(seed)
        series = None if nav is None else load_nav(nav, date, column)
        data, beside = (series, None) if features is None else (_load_features(features, session, series), series)
        assert data is not None  # noqa: S101 - for the type checker: one of the files is given
        found = examine(data, lookbacks, alpha, seed, nav=beside, regime_lookback=regime_lookback, progress=progress)
        paths = found.save(_folder(found.name) if out is None else out)
    return Examined(examination=found, paths=paths, log=session.path, notice=session.notice)


def _folder(name: str) -> Path:
    make_private_folder(Path(ARTIFACTS))
    return Path(ARTIFACTS) / "examination" / "".join(c if c.isalnum() or c in "-_." else "_" for c in name)


def _load_features(path: Path, session: Session, nav: pd.Series | None) -> pd.DataFrame:
    """Read features, with the times of the NAV that they come from and without an index written with them."""
    frame = read_table(path).frame
    numbers = frame.select_dtypes("number").drop(columns="index", errors="ignore")
    content = fingerprint_file(path)
    event = DataLoad(
        source_path=str(path),
        sha256_hash=content.sha256,
        input_hash=None,
        size_bytes=content.size_bytes,
        row_count=len(frame),
        column_count=frame.shape[1],
        schema={str(name): str(dtype) for name, dtype in frame.dtypes.items()},
        value_range={},
    )
    session.emit(event)
    return numbers if nav is None or len(nav) != len(numbers) else numbers.set_axis(nav.index)
