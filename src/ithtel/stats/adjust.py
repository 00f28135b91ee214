"""P-values adjusted for how many tests were made."""

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
    """P-values in the order given, adjusted in three ways; None where a test had none."""

    n_tests: int
    raw: list[float | None]
    bonferroni: list[float | None]
    holm: list[float | None]
    benjamini_hochberg: list[float | None]


def adjust_p_values(p_values: Sequence[float | None]) -> AdjustedPValues:
    """Return `p_values` adjusted by Bonferroni, Holm and Benjamini-Hochberg (statsmodels `multipletests`).

    None and NaN (tests without a p-value) stay None and do not count. The ledger gives one p-value a hypothesis: the
    same hypothesis tested again on the same data counts once.

    Args:
        p_values: One a hypothesis, each from 0 to 1.

    Raises:
        InputError: One is not from 0 to 1.
        MissingPackageError: statsmodels is not installed.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65-70; Benjamini and Hochberg, JRSS B 57 (1995) 289-300.

    >>> adjust_p_values([0.01, None, 0.04]).bonferroni
    [0.02, None, 0.08]
    """
    raw = [None if p is None or np.isnan(p) else float(p) for p in p_values]
    if bad := [p for p in raw if p is not None and not 0 <= p <= 1]:
        raise InputError(f"{bad[0]!r} is not a p-value; numbers from 0 to 1 are possible")
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
