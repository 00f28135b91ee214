"""`analyze_files`: analyse the series of several files.

Each side has its own session and therefore its own log. A bad file does not stop the others.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from ithtel.commands.data.load_nav import data_load, load_nav
from ithtel.commands.ith.analyze import Analysis, analyze
from ithtel.commands.ith.compute import request_of
from ithtel.commands.ith.result import ranked, stacked, summary_rows
from ithtel.commands.session.seed import seed as seed_all
from ithtel.errors import InputError, IthtelError, MissingFileError
from ithtel.ith.synthetic import synthetic_nav
from ithtel.recording.process import start
from ithtel.recording.recorded import emit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np

SYNTHETIC = "synthetic:student_t5"
MIN_BARS = 2
TABLES = (".csv", ".tsv", ".parquet", ".pq")


@dataclass(kw_only=True)
class Batch:
    """The analyses of several series, the errors of files that could not be read, and notices for the user."""

    analyses: list[Analysis] = field(default_factory=list)
    problems: list[IthtelError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def summary(self) -> pd.DataFrame:
        """Return one row per series and side, with the reasons; if there are several series, the fittest first."""
        table = stacked([summary_rows(analysis) for analysis in self._in_order()])
        return ranked(table) if len(self._names()) > 1 else table

    def epochs(self) -> pd.DataFrame:
        """Return the epochs of all series, in the order in which they were given."""
        return stacked([analysis.epochs for analysis in self._in_order()])

    def _names(self) -> list[str]:
        return list(dict.fromkeys(analysis.nav.name for analysis in self.analyses))

    def _in_order(self) -> list[Analysis]:
        names = self._names()
        return sorted(self.analyses, key=lambda analysis: names.index(analysis.nav.name))


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The names of the columns of a file; see `load_nav`."""

    date: str = "Date"
    nav: str = "NAV"
    returns: str | None = None
    prices: str | None = None

    def load(self, path: Path, name: str) -> pd.Series:
        """Load a NAV from these columns and name it `name`."""
        return load_nav(path, self.date, self.nav, returns=self.returns, prices=self.prices).rename(name)


def analyze_files(
    files: Sequence[Path],
    *,
    synthetic: int | None = None,
    side: str = "both",
    hurdle: str | float = "mdd",
    periods_per_year: float | None = None,
    columns: Columns | None = None,
    seed: int = 42,
    log_dir: str | None = None,
    trace: bool = False,
) -> Batch:
    """Analyse NAV files, or a synthetic NAV; record each side in `{log_dir}/ndjson/{side}_ith.jsonl`.

    All CSV and Parquet files of a folder are analysed, in the order of their names. Each log is complete: seed, data,
    algorithm, epochs, result. If a file cannot be read, its error is added to `problems`, and the others are analysed.

    Raises:
        InputError: An argument cannot be used with any file: the side or the hurdle is unknown, or there are fewer than
            2 synthetic bars.
    """
    if synthetic is not None and synthetic < MIN_BARS:
        raise InputError(f"--synthetic must be at least {MIN_BARS} bars, got {synthetic}")
    sides = request_of(side, hurdle, periods_per_year=periods_per_year).sides
    batch = Batch()
    bad: dict[str, IthtelError] = {}
    paths = _expanded(files, bad)
    experiment = f"exp_{secrets.token_hex(6)}"
    for one in sides:
        with start(f"{one}_ith", log_dir=log_dir, experiment_id=experiment) as session:
            if session.notice and session.notice not in batch.notices:
                batch.notices.append(session.notice)
            loaders = _loaders(paths, synthetic, seed_all(seed).generator, columns or Columns())
            for series in _loaded(loaders, bad):
                batch.analyses.append(analyze(series, one, hurdle, periods_per_year, trace=trace))
    batch.problems = list(bad.values())
    return batch


def _loaded(loaders: Sequence[tuple[str, Callable[[], pd.Series]]], bad: dict[str, IthtelError]) -> Iterator[pd.Series]:
    """Yield the series one after the other; add the error of each that cannot be loaded to `bad`."""
    for name, load in loaders:
        try:
            series = load()
        except IthtelError as error:
            bad.setdefault(name, error)
            continue
        yield series


def _expanded(paths: Sequence[Path], bad: dict[str, IthtelError]) -> list[Path]:
    """Return the files of folders, of patterns that no shell has expanded, and those that are named themselves."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in TABLES and file.is_file())
            if not inside:
                bad[str(path)] = MissingFileError(f"no {', '.join(TABLES)} file in the folder {str(path)!r}")
            files += inside
        elif "*" in path.name and not path.exists():
            files += sorted(path.parent.glob(path.name)) or [path]
        else:
            files.append(path)
    return list(dict.fromkeys(files))


def _loaders(
    files: Sequence[Path], synthetic: int | None, generator: np.random.Generator, columns: Columns
) -> list[tuple[str, Callable[[], pd.Series]]]:
    if synthetic is not None:
        return [(SYNTHETIC, partial(_synthetic, synthetic, generator))]
    n_files = Counter(path.stem for path in files)
    names = [path.stem if n_files[path.stem] == 1 else str(path) for path in files]
    return [(str(path), partial(columns.load, path, name)) for path, name in zip(files, names, strict=True)]


def _synthetic(n_bars: int, generator: np.random.Generator) -> pd.Series:
    """Make a NAV, and record that it is synthetic."""
    series = pd.Series(synthetic_nav(n_bars, generator), name="synthetic")
    emit(data_load(SYNTHETIC, series.to_frame(), series))
    return series
