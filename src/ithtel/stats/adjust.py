"""`adjust_p_values`: p-values adjusted for the number of tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ithtel.errors import InputError
from ithtel.stats.extra import require

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class AdjustedPValues:
    """P-values in the order given, adjusted by three methods; None for a test without a p-value."""

    n_tests: int
    raw: list[float | None]
    bonferroni: list[float | None]
    holm: list[float | None]
    benjamini_hochberg: list[float | None]


def adjust_p_values(p_values: Sequence[float | None]) -> AdjustedPValues:
    """Return `p_values` adjusted by Bonferroni, Holm and Benjamini-Hochberg (statsmodels `multipletests`).

    None and NaN (tests without a p-value) stay None and do not count. The ledger passes one p-value per hypothesis:
    the same hypothesis tested again on the same data counts once.

    Args:
        p_values: One per hypothesis, each from 0 to 1.

    Raises:
        InputError: A p-value is not between 0 and 1.
        MissingPackageError: statsmodels is not installed.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65-70; Benjamini and Hochberg, JRSS B 57 (1995) 289-300.

    >>> adjust_p_values([0.01, None, 0.04]).bonferroni
    [0.02, None, 0.08]
    """
    raw = [None if p is None or np.isnan(p) else float(p) for p in p_values]
    if bad := [p for p in raw if p is not None and not 0 <= p <= 1]:
        raise InputError(f"p_values must be between 0 and 1, got {bad[0]!r}")
    return AdjustedPValues(
        n_tests=sum(p is not None for p in raw),
        raw=raw,
        bonferroni=_adjust(raw, "bonferroni"),
        holm=_adjust(raw, "holm"),
        benjamini_hochberg=_adjust(raw, "fdr_bh"),
    )


def _adjust(raw: list[float | None], method: str) -> list[float | None]:
    known = [p for p in raw if p is not None]
    if not known:
        return list(raw)
    adjusted = iter(require("statsmodels.stats.multitest").multipletests(known, method=method)[1].tolist())
    return [None if p is None else next(adjusted) for p in raw]
