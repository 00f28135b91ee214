"""`analyze_files`: analyse the series of several files.

Each side has its own session and therefore its own log. A bad file does not stop the others.
"""

from __future__ import annotations

import secrets
import warnings
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from ithtel.commands.data.load_nav import Loaded, data_load, read_nav
from ithtel.commands.ith.analyze import Analysis, analyze
from ithtel.commands.ith.compute import request_of
from ithtel.commands.ith.result import ranked, stacked, summary_rows
from ithtel.commands.session.seed import seed as seed_all
from ithtel.errors import InputError, IthtelError, MissingFileError, PlausibilityWarning
from ithtel.ith.synthetic import synthetic_nav
from ithtel.recording.process import start
from ithtel.recording.recorded import emit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np

    from ithtel.stats.examine.examination import Progress

SYNTHETIC = "synthetic:student_t5"
MIN_BARS = 2
TABLES = (".csv", ".tsv", ".parquet", ".pq")


@dataclass(kw_only=True)
class Batch:
    """The analyses of several series, the errors of files that could not be read, and notices for the user.

    `is_interrupted` means that the user stopped the work: the analyses are those that were finished.
    """

    analyses: list[Analysis] = field(default_factory=list)
    problems: list[IthtelError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    is_interrupted: bool = False

    def add(self, analysis: Analysis) -> None:
        """Keep an analysis that is finished, and its notices."""
        self.analyses.append(analysis)
        self.notice(*analysis.notices)

    def notice(self, *texts: str) -> None:
        """Keep notices that are not known yet."""
        self.notices += [text for text in dict.fromkeys(texts) if text not in self.notices]

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

    def load(self, path: Path, name: str) -> Loaded:
        """Load a NAV from these columns and name it `name`; nothing is recorded."""
        loaded = read_nav(path, self.date, self.nav, returns=self.returns, prices=self.prices)
        return replace(loaded, series=loaded.series.rename(name))


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
    progress: Progress | None = None,
    finished: Callable[[Analysis], None] | None = None,
) -> Batch:
    """Analyse NAV files, or a synthetic NAV; record each side in `{log_dir}/ndjson/{side}_ith.jsonl`.

    All CSV and Parquet files of a folder are analysed, in the order of their names. Each log is complete: seed, data,
    algorithm, epochs, result. If a file cannot be read, its error is added to `problems`, and the others are analysed.
    A file is parsed once, whatever the number of sides. Ctrl-C ends the work and keeps what is finished.

    Args:
        files: CSV or Parquet files, or folders of them.
        synthetic: The number of bars of a synthetic NAV, instead of files.
        side: As for `analyze`.
        hurdle: As for `analyze`.
        periods_per_year: As for `analyze`.
        columns: The columns of the files.
        seed: The seed of every random stream.
        log_dir: Folder of the logs; `logs` if not given.
        trace: As for `analyze`.
        progress: Called before each analysis with the analyses made, their total, and the name of the next.
        finished: Called with each analysis as soon as it is finished and recorded.

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
    loaded: dict[str, Loaded] = {}
    steps = _Steps(total=len(sides) * (len(paths) or 1), progress=progress)
    try:
        for one in sides:
            with start(f"{one}_ith", log_dir=log_dir, experiment_id=experiment) as session, _as_notices():
                batch.notice(*([session.notice] if session.notice else []))
                loaders = _loaders(paths, synthetic, seed_all(seed).generator, columns or Columns())
                for series in _loaded(loaders, loaded, bad, steps):
                    batch.add(analyze(series, one, hurdle, periods_per_year, trace=trace))
                    if finished is not None:
                        finished(batch.analyses[-1])
    except KeyboardInterrupt:
        batch.is_interrupted = True
        batch.notice(f"interrupted after {len(batch.analyses)} of {steps.total} analyses; those are kept")
    batch.problems = list(bad.values())
    return batch


@dataclass(kw_only=True)
class _Steps:
    """Counts the analyses for the progress."""

    total: int
    progress: Progress | None
    n_made: int = 0

    def next(self, name: str) -> None:
        if self.progress is not None:
            self.progress(self.n_made, self.total, name)
        self.n_made += 1


@contextmanager
def _as_notices() -> Iterator[None]:
    """Silence warnings about implausible numbers: a batch reports them as notices."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PlausibilityWarning)
        yield


def _loaded(
    loaders: Sequence[tuple[str, Callable[[], Loaded]]],
    loaded: dict[str, Loaded],
    bad: dict[str, IthtelError],
    steps: _Steps,
) -> Iterator[pd.Series]:
    """Yield the series one after the other, and record that each was loaded.

    What was parsed for an earlier side is taken from `loaded`; the error of each that cannot be loaded is in `bad`.
    """
    for name, load in loaders:
        steps.next(name)
        if name in bad:
            continue
        try:
            found = loaded.get(name) or load()
        except IthtelError as error:
            bad[name] = error
            continue
        loaded[name] = found
        if found.event is not None:
            emit(found.event)
        yield found.series


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
) -> list[tuple[str, Callable[[], Loaded]]]:
    if synthetic is not None:
        return [(SYNTHETIC, partial(_synthetic, synthetic, generator))]
    n_files = Counter(path.stem for path in files)
    names = [path.stem if n_files[path.stem] == 1 else str(path) for path in files]
    return [(str(path), partial(columns.load, path, name)) for path, name in zip(files, names, strict=True)]


def _synthetic(n_bars: int, generator: np.random.Generator) -> Loaded:
    """Make a NAV, and the event that says that it is synthetic."""
    series = pd.Series(synthetic_nav(n_bars, generator), name="synthetic")
    return Loaded(series=series, event=data_load(SYNTHETIC, series.to_frame(), series))
