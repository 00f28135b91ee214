"""Several series at once: each side in a session, and so a log, of its own; one bad file does not stop the rest."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from ithtel.commands import shown
from ithtel.commands.analysis import SIDES, Analysis, analyze
from ithtel.commands.data import data_load, load_nav
from ithtel.commands.seeding import seed as seed_all
from ithtel.errors import InputError, IthtelError, did_you_mean
from ithtel.ith.synthetic import synthetic_nav
from ithtel.recording.process import start
from ithtel.recording.recorded import emit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np

SYNTHETIC = "synthetic:student_t5"
LEAST_BARS = 2


@dataclass(kw_only=True)
class Batch:
    """What the analysis of several series came to."""

    analyses: list[Analysis] = field(default_factory=list)
    problems: list[IthtelError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def summary(self) -> pd.DataFrame:
        """Return one row a series and side, in the order in which they were given, with the reasons."""
        return shown.stacked([shown.summary_rows(analysis) for analysis in self._in_order()])

    def epochs(self) -> pd.DataFrame:
        """Return the epochs of all series, in the same order."""
        return shown.stacked([analysis.epochs for analysis in self._in_order()])

    def _in_order(self) -> list[Analysis]:
        names = list(dict.fromkeys(analysis.nav.name for analysis in self.analyses))
        return sorted(self.analyses, key=lambda analysis: names.index(analysis.nav.name))


def analyze_files(
    files: Sequence[Path],
    *,
    synthetic: int | None = None,
    side: str = "both",
    hurdle: str | float = "mdd",
    periods_per_year: float | None = None,
    date: str = "Date",
    nav: str = "NAV",
    seed: int = 42,
    log_dir: str | None = None,
) -> Batch:
    """Analyse NAV files, or a synthetic NAV; record each side in `{log_dir}/ndjson/{side}_ith.jsonl`.

    Each log is complete in itself: seed, data, algorithm, epochs, result. What is wrong with a file is collected in
    `problems`, and the others are analysed all the same.

    Raises:
        InputError: An argument is of no use for any file: an unknown side or hurdle, fewer than 2 synthetic bars.
    """
    if synthetic is not None and synthetic < LEAST_BARS:
        raise InputError(f"--synthetic {synthetic}: at least {LEAST_BARS} bars are needed")
    batch = Batch()
    experiment = f"exp_{secrets.token_hex(6)}"
    bad: dict[str, IthtelError] = {}
    if side not in SIDES:
        raise InputError(f"no side {side!r}{did_you_mean(side, SIDES)}")
    for one in SIDES[side]:
        with start(f"{one}_ith", log_dir=log_dir, experiment_id=experiment) as session:
            if session.notice and session.notice not in batch.notices:
                batch.notices.append(session.notice)
            generator = seed_all(seed).generator
            for name, load in _loaders(files, synthetic, generator, date, nav):
                try:
                    series = load()
                except IthtelError as error:
                    bad.setdefault(name, error)
                    continue
                batch.analyses.append(analyze(series, one, hurdle, periods_per_year))
    batch.problems = list(bad.values())
    return batch


def _loaders(
    files: Sequence[Path], synthetic: int | None, generator: np.random.Generator, date: str, nav: str
) -> list[tuple[str, Callable[[], pd.Series]]]:
    if synthetic is not None:
        return [(SYNTHETIC, partial(_synthetic, synthetic, generator))]
    return [(str(path), partial(load_nav, path, date, nav)) for path in files]


def _synthetic(n_bars: int, generator: np.random.Generator) -> pd.Series:
    """Make a NAV, and record that it was made and not measured."""
    series = pd.Series(synthetic_nav(n_bars, generator), name="synthetic")
    emit(data_load(SYNTHETIC, series.to_frame(), series))
    return series
