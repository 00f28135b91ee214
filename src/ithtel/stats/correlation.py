"""`spearman` and `select`: the rank correlation of columns, and which columns it makes redundant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ithtel.errors import InputError
from ithtel.events import CorrelationResult, SelectionResult
from ithtel.events.structure import CorrelationDetails, DroppedColumn, RedundantPair, SelectionDetails
from ithtel.recording.recorded import recorded
from ithtel.stats.extra import require
from ithtel.stats.hypothesis import COMPONENT, Hypothesis
from ithtel.stats.sample import Table, finite, is_constant, take_table, unbounded

if TYPE_CHECKING:
    from ithtel.stats.sample import Floats

MIN_ROWS = 10
REDUNDANT_RHO = 0.95


@recorded(COMPONENT)
def spearman(
    data: Any,  # noqa: ANN401 - a table
    *,
    threshold: float = REDUNDANT_RHO,
    alpha: float = 0.05,
    subject: str | None = None,
) -> CorrelationResult:
    """Return Spearman's rho of every pair of columns (SciPy), such as one feature at several lookbacks.

    `redundant` if some |rho| exceeds the threshold, else `distinct`. The raw p-values of pairs are in `details`;
    `p_value` is set only if there is a single pair. Infinite values are ranked like any other.

    Args:
        data: A DataFrame, a mapping of columns, or an array, shape (rows, columns); only complete rows are used,
            and fewer than 10 are not tested; constant columns are left out and named.
        threshold: The |rho| above which two columns are redundant; ithtel's own.
        alpha: Recorded only.
        subject: What is examined.

    Raises:
        InputError: `data` is not a table of real numbers, two columns have one name, or the threshold is not in [0, 1].
        MissingPackageError: SciPy is not installed.

    Source: Spearman, American Journal of Psychology 15 (1904) 72-101.

    >>> spearman({"a": range(10), "b": [x**3 for x in range(10)]}).decision
    'redundant'
    """
    _check_share("threshold", threshold)
    table = take_table(data)
    hypothesis = Hypothesis(
        test_name="spearman", samples=[table], alpha=alpha, subject=subject, parameters={"threshold": float(threshold)}
    )
    constant = _constant(table)
    varying = table.without(constant)
    if reason := _fault(varying, constant):
        return hypothesis.not_tested(CorrelationResult, reason)
    rho, p_values = _correlate(varying.values)
    strongest = _strongest(rho)
    pairs = _redundant(varying.names, rho, threshold)
    details = CorrelationDetails(
        n_rows=len(varying.values),
        columns=varying.names,
        constant_columns=constant,
        threshold=float(threshold),
        rho=[[finite(value) for value in row] for row in rho],
        p_values=[[finite(value) for value in row] for row in p_values],
        redundant_pairs=pairs,
    )
    return hypothesis.result(
        CorrelationResult,
        decision="redundant" if pairs else "distinct",
        statistic=strongest,
        p_value=p_values[0, 1] if len(rho) == 2 else None,  # noqa: PLR2004 - one pair
        effect_size=strongest,
        details=details,
    )


@recorded(COMPONENT)
def select(
    data: Any,  # noqa: ANN401 - a table
    *,
    min_variance: float = 0.0,
    max_correlation: float = REDUNDANT_RHO,
    alpha: float = 0.05,
    subject: str | None = None,
) -> SelectionResult:
    """Return the columns that remain without those that hardly vary and those that duplicate an earlier one.

    In the order given, a column stays if its variance (divisor n) exceeds `min_variance` and its |rho| (Spearman) with
    every column that stays before it is at most `max_correlation`.

    Args:
        data: A DataFrame, a mapping of columns, or an array, shape (rows, columns); only complete rows are used,
            and fewer than 10 are not tested.
        min_variance: In the columns' own squared unit; constant columns are dropped at any value.
        max_correlation: Above it the later column of a pair is dropped; ithtel's own.
        alpha: Recorded only.
        subject: What is examined.

    Raises:
        InputError: `data` is not a table of real numbers, two columns have one name, or a bound is out of range.
        MissingPackageError: SciPy is not installed.

    Source: the first step is scikit-learn's VarianceThreshold; Hall, Correlation-based feature selection (1999).

    >>> data = {"a": range(10), "b": [x**3 for x in range(10)], "c": [1] * 10}
    >>> select(data).details.selected
    ['a']
    """
    _check_share("max_correlation", max_correlation)
    if not np.isfinite(min_variance) or min_variance < 0:
        raise InputError(f"min_variance must be at least 0, got {min_variance!r}")
    table = take_table(data)
    bounds = {"min_variance": float(min_variance), "max_correlation": float(max_correlation)}
    hypothesis = Hypothesis(test_name="select", samples=[table], alpha=alpha, subject=subject, parameters=bounds)
    n_rows, n_columns = table.values.shape
    if n_rows < MIN_ROWS or not n_columns:
        reason = f"{n_rows} complete rows of {n_columns} columns; at least {MIN_ROWS} rows are needed"
        return hypothesis.not_tested(SelectionResult, reason)
    if too_large := unbounded(table.values):
        return hypothesis.not_tested(SelectionResult, too_large)
    flat = _flat(table, min_variance)
    varying = table.without([column.name for column in flat])
    repeated = _repeated(varying, max_correlation)
    dropped = [*flat, *repeated]
    gone = {column.name for column in dropped}
    selected = [name for name in table.names if name not in gone]
    return hypothesis.result(
        SelectionResult,
        decision="selected",
        statistic=len(selected),
        effect_size=len(selected) / n_columns,
        details=SelectionDetails(n_rows=n_rows, selected=selected, dropped=dropped, **bounds),
    )


def _fault(varying: Table, constant: list[str]) -> str | None:
    n_rows, n_columns = varying.values.shape
    if n_rows < MIN_ROWS:
        return f"{n_rows} complete rows; at least {MIN_ROWS} are needed"
    if n_columns < 2:  # noqa: PLR2004 - a pair
        named = f" ({', '.join(constant)} constant)" if constant else ""
        return f"{n_columns} columns that vary{named}; at least 2 are needed"
    return None


def _constant(table: Table) -> list[str]:
    return table.constant if len(table.values) else []


def _check_share(name: str, value: float) -> None:
    if not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
        raise InputError(f"{name} must be between 0 and 1, got {value!r}")


def _correlate(values: Floats) -> tuple[Floats, Floats]:
    """Return rho and p of each pair of columns; for a single pair SciPy returns numbers instead of matrices."""
    found = require("scipy.stats").spearmanr(values)
    rho, p_values = np.asarray(found.statistic), np.asarray(found.pvalue)
    if rho.ndim == 0:
        return np.array([[1.0, rho], [rho, 1.0]]), np.array([[0.0, p_values], [p_values, 0.0]])
    return rho, p_values


def _strongest(rho: Floats) -> float:
    upper = rho[np.triu_indices(len(rho), 1)]
    return float(upper[np.abs(upper).argmax()])


def _redundant(names: list[str], rho: Floats, threshold: float) -> list[RedundantPair]:
    rows, columns = np.nonzero(np.triu(np.abs(rho) > threshold, 1))
    return [RedundantPair(x=names[i], y=names[j], rho=finite(rho[i, j])) for i, j in zip(rows, columns, strict=True)]


def _flat(table: Table, min_variance: float) -> list[DroppedColumn]:
    columns = zip(table.names, table.values.T, strict=True)
    return [
        DroppedColumn(name=name, cause="variance", value=finite(column.var()), kept=None)
        for name, column in columns
        if is_constant(column) or column.var() <= min_variance
    ]


def _repeated(table: Table, max_correlation: float) -> list[DroppedColumn]:
    if len(table.names) < 2:  # noqa: PLR2004 - a pair
        return []
    rho, _ = _correlate(table.values)
    kept: list[int] = []
    dropped: list[DroppedColumn] = []
    for j, name in enumerate(table.names):
        like = [i for i in kept if abs(rho[i, j]) > max_correlation]
        if like:
            value, other = finite(rho[like[0], j]), table.names[like[0]]
            dropped.append(DroppedColumn(name=name, cause="correlation", value=value, kept=other))
        else:
            kept.append(j)
    return dropped
