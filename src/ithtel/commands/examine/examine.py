"""`examine` and `Examination`: the statistical examination of a NAV or of features, recorded while it runs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd

from ithtel.commands.ith.features import features as features_of
from ithtel.commands.ith.nav import as_nav
from ithtel.errors import InputError, MissingPackageError
from ithtel.events import AlgorithmInit, AlgorithmResult
from ithtel.events.values import canonical_digest
from ithtel.ith.check import columns_of
from ithtel.ith.features import DEFAULT_LOOKBACKS
from ithtel.recording.process import current
from ithtel.stats.examine.examination import Examiner
from ithtel.stats.examine.findings import Findings
from ithtel.stats.examine.sentences import sentences
from ithtel.stats.hypothesis import COMPONENT, check_alpha
from ithtel.stats.regime import DEFAULT_LOOKBACK
from ithtel.stats.sample import digest
from ithtel.version import __version__
from ithtel.viewer.html import and_more, fragment
from ithtel.viewer.tables import frame_table

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ithtel.events import Json
    from ithtel.ith.nav import Nav
    from ithtel.recording.session import Session
    from ithtel.stats.examine.examination import Progress

DEFAULT_SEED = 42
MAX_ROWS = 20
FEATURES, SUMMARY, REPORT = "features.parquet", "summary.json", "report.html"


class Examination(Findings):
    """The findings of `examine`; `.summary()` has one row per column, `.tests()` one row per test."""

    def report(self) -> str:
        """Return the report: one HTML page that needs no other file."""
        from ithtel.viewer.examine.page import page

        return page(self)

    def json(self) -> str:
        """Return the input, the decisions and every number as JSON; missing numbers are null."""
        tests = self.tests()
        value = {
            "name": self.name,
            "n_bars": len(self.features),
            "input_hash": _input_hash(self),
            "columns": [column.name for column in self.columns],
            "lookbacks": sorted({column.lookback for column in self.columns if column.lookback is not None}),
            "alpha": self.alpha,
            "seed": self.seed,
            "regime_lookback": None if self.nav is None else self.regime_lookback,
            "findings": self.findings(),
            "decisions": self.counts(),
            "summary": _rows(self.summary().reset_index()),
            "tests": _rows(tests),
        }
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"

    def save(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write `features.parquet`, `summary.json` and `report.html` into `folder`, and return their paths.

        Raises:
            MissingPackageError: pyarrow is not installed.
        """
        require_pyarrow()
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        paths = [place / name for name in (FEATURES, SUMMARY, REPORT)]
        self.features.to_parquet(paths[0], engine="pyarrow")
        paths[1].write_text(self.json(), encoding="utf-8", newline="\n")
        paths[2].write_text(self.report(), encoding="utf-8", newline="\n")
        return paths

    def findings(self) -> list[str]:
        """Return the main findings as sentences."""
        return sentences(self)

    def __repr__(self) -> str:
        return "\n".join([self._title(), *(f"  {line}" for line in self.findings())])

    def _repr_html_(self) -> str:
        summary = frame_table(self.summary().head(MAX_ROWS), has_labels=True)
        return fragment(self._title(), self.findings(), summary, and_more(len(self.columns) - MAX_ROWS, ".summary()"))

    def _title(self) -> str:
        return f"Examination of {self.name}: {len(self.columns)} columns, {len(self.results)} tests"


def examine(
    data: ArrayLike | pd.Series | pd.DataFrame,
    lookbacks: Sequence[int] | int = DEFAULT_LOOKBACKS,
    alpha: float = 0.05,
    seed: int = DEFAULT_SEED,
    *,
    nav: ArrayLike | pd.Series | None = None,
    regime_lookback: int = DEFAULT_LOOKBACK,
    progress: Progress | None = None,
) -> Examination:
    """Examine a NAV, or a table of features: distribution, regimes, dimensions, structure over time, redundancy.

    If a session is running, each test is recorded as soon as it has run. The same seed gives the same result.

    Args:
        data: A NAV, shape (n,), one positive value per bar: its features are computed. Or a table of features, shape
            (n, k), such as `ithtel.features` returns; of those only the squashed columns are examined, because the
            raw ones (`_epochs`, `_raw_cv`) carry the same information.
        lookbacks: Bars per window, if features are computed.
        alpha: The level of every test.
        seed: The seed of the bootstraps; each column has its own stream.
        nav: The series that a table of features comes from, shape (n,): then its regimes are examined too.
        regime_lookback: The number of bars by which the regime of a bar is classified, at least 250.
        progress: Called before each step with the steps done, the steps in total, and the part that comes next.

    Raises:
        InputError: The NAV has a bad bar, columns are not numbers, or an option is out of range.
        MissingPackageError: An extra package is missing: `pip install 'ithtel[stats]'`.

    Source: each test of `ithtel.stats` names its own.

    Example:
        >>> import ithtel
        >>> found = ithtel.examine({"a": [0.1, 0.5, 0.3] * 9, "b": [0.2, 0.9, 0.1] * 9})
        >>> found.summary().shape
        (2, 8)
    """
    check_alpha(alpha)
    table, series, name = _taken(data, nav, lookbacks)
    examiner = Examiner(
        name=name,
        features=table,
        nav=None if series is None else series.values,
        alpha=alpha,
        seed=seed,
        regime_lookback=regime_lookback,
    )
    session = current()
    if session is None:
        return _run(examiner, progress)
    run_id = _begin(session, examiner)
    examination = _run(examiner, progress)
    _end(session, run_id, examination)
    return examination


def _run(examiner: Examiner, progress: Progress | None) -> Examination:
    found = examiner.run(progress)
    return Examination(**{field: getattr(found, field) for field in Findings.__dataclass_fields__})


def _taken(data: Any, nav: Any, lookbacks: Sequence[int] | int) -> tuple[pd.DataFrame, Nav | None, str]:  # noqa: ANN401
    """Return the features, the NAV if there is one, and the name of the examination."""
    if (columns := columns_of(data)) is not None:
        data = _frame(columns)
    if _is_table(data):
        table = data if isinstance(data, pd.DataFrame) else _frame(data)
        series = None if nav is None else as_nav(nav, on_bad="raise")
        return table, series, "features" if series is None else series.name
    if nav is not None:
        raise InputError("nav can only be given with a table of features, but data is a NAV itself")
    series = as_nav(data.iloc[:, 0] if isinstance(data, pd.DataFrame) else data, on_bad="raise")
    index = data.index if isinstance(data, pd.Series | pd.DataFrame) else None
    return features_of(pd.Series(series.values, index=index), lookbacks), series, series.name


def _frame(columns: Any) -> pd.DataFrame:  # noqa: ANN401
    try:
        return pd.DataFrame(columns)
    except ValueError as error:
        raise InputError(f"features do not make a table: {error}") from error


def _is_table(data: Any) -> bool:  # noqa: ANN401
    """Return whether these are features: several columns, or one with the name of a feature."""
    if isinstance(data, pd.DataFrame):
        return data.shape[1] != 1 or str(data.columns[0]).startswith("ith_")
    return isinstance(data, dict) or np.ndim(data) == 2  # noqa: PLR2004 - rows and columns


def _begin(session: Session, examiner: Examiner) -> str:
    """Write `algorithm.init`, before anything is tested."""
    config: Json = {
        "columns": [column.name for column in examiner.columns],
        "alpha": examiner.alpha,
        "seed": examiner.seed,
        "regime_lookback": examiner.regime_lookback,
    }
    run_id = session.new_run_id("examination")
    event = AlgorithmInit(
        run_id=run_id,
        algorithm_name=COMPONENT,
        version=__version__,
        random_seed=int(examiner.seed),
        config=config,
        config_hash=canonical_digest(config),
        input_hash=_input_hash(examiner),
    )
    session.emit(event, component=COMPONENT)
    return run_id


def _end(session: Session, run_id: str, found: Examination) -> None:
    """Write `algorithm.result`: the number of tests, and the digest of all results."""
    output_hash = hashlib.sha256(msgspec.json.encode(list(found.results))).hexdigest()
    event = AlgorithmResult(
        run_id=run_id,
        algorithm_name=COMPONENT,
        final_metrics={"n_tests": len(found.results), "decisions": found.counts()},
        output_hash=f"sha256:{output_hash}",
        duration_ms=None,
    )
    session.emit(event, component=COMPONENT)


def _input_hash(given: Examiner | Findings) -> str:
    """Return the digest of the NAV, or of the features if there is no NAV."""
    return digest(given.nav if given.nav is not None else given.features.to_numpy(dtype=np.float64))


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a table
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else None if value is pd.NA else value


def require_pyarrow() -> None:
    """Raise if pyarrow, which writes features.parquet, is not installed.

    Raises:
        MissingPackageError: It is not installed.
    """
    try:
        import pyarrow as pa  # noqa: F401
    except ImportError as error:
        raise MissingPackageError("writing features.parquet needs pyarrow: pip install 'ithtel[query]'") from error
