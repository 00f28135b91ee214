"""`cohens_d` and `cliffs_delta`: effect sizes, which measure a difference independently of its p-value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ithtel.events import CliffsDeltaResult, CohensDResult
from ithtel.events.statistics import CliffsDeltaDetails, CohensDDetails
from ithtel.recording.recorded import recorded
from ithtel.stats.hypothesis import COMPONENT, Hypothesis
from ithtel.stats.sample import ROUNDING, finite, take_sample, unbounded

if TYPE_CHECKING:
    from ithtel.stats.sample import Floats

Label = Literal["negligible", "small_tradable", "medium_strong", "large_suspicious"]

D_BOUNDS = (0.1, 0.3, 0.6)
DELTA_BOUNDS = (0.05, 0.15, 0.30)
_LABELS: tuple[Label, ...] = ("negligible", "small_tradable", "medium_strong", "large_suspicious")


@recorded(COMPONENT)
def cohens_d(x: Any, y: Any, *, alpha: float = 0.05, subject: str | None = None) -> CohensDResult:  # noqa: ANN401
    """Return Cohen's d of two independent samples: (mean(x) - mean(y)) / pooled standard deviation.

    The pooled variance weighs each sample's variance (n - 1) by its n - 1. Labels of |d| are ours: below .1
    `negligible`, .3 `small_tradable`, .6 `medium_strong`, else `large_suspicious` (look for look-ahead).

    Args:
        x: One column of numbers, shape (n,).
        y: Another, shape (m,), in the same unit.
        alpha: Recorded only.
        subject: What is compared; the names of the Series if not given.

    Raises:
        InputError: `x` or `y` is not one column of real numbers.

    Source: Cohen, Statistical Power Analysis for the Behavioral Sciences (2nd ed. 1988), section 2.5.

    >>> round(cohens_d([3, 4, 5], [1, 2, 3]).effect_size, 6)
    2.0
    """
    one, other = take_sample(x, "x"), take_sample(y, "y")
    hypothesis = Hypothesis(test_name="cohens_d", samples=[one, other], alpha=alpha, subject=subject)
    a, b = one.values, other.values
    if min(len(a), len(b)) < 2:  # noqa: PLR2004 - a variance needs two
        return hypothesis.not_tested(CohensDResult, f"{len(a)} and {len(b)} values; at least 2 each are needed")
    if reason := unbounded(a, b):
        return hypothesis.not_tested(CohensDResult, reason)
    sd_pooled = _pooled(a, b)
    if not sd_pooled > ROUNDING * max(np.abs(a).max(), np.abs(b).max()):
        return hypothesis.not_tested(CohensDResult, "neither sample varies")
    d = float((a.mean() - b.mean()) / sd_pooled)
    return hypothesis.result(
        CohensDResult,
        decision=_label(d, D_BOUNDS),
        effect_size=d,
        details=CohensDDetails(
            n_x=len(a),
            n_y=len(b),
            mean_x=finite(a.mean()),
            mean_y=finite(b.mean()),
            sd_pooled=finite(sd_pooled),
            label_bounds=list(D_BOUNDS),
        ),
    )


@recorded(COMPONENT)
def cliffs_delta(x: Any, y: Any, *, alpha: float = 0.05, subject: str | None = None) -> CliffsDeltaResult:  # noqa: ANN401
    """Return Cliff's delta of two samples: (#{x > y} - #{x < y}) / (n m), +1 when every x exceeds every y.

    It is 2U/(n m) - 1 with U of x (`statistic`). Infinite values are ordered like any others. Labels of |delta|: below
    .05 `negligible`, .15 `small_tradable`, .30 `medium_strong`, else `large_suspicious` (look for look-ahead).

    Args:
        x: One column of numbers, shape (n,).
        y: Another, shape (m,).
        alpha: Recorded only.
        subject: What is compared; the names of the Series if not given.

    Raises:
        InputError: `x` or `y` is not one column of real numbers.

    Source: Cliff, Dominance statistics, Psychological Bulletin 114 (1993) 494-509.

    >>> cliffs_delta([4, 5], [1, 2, 3]).effect_size
    1.0
    """
    one, other = take_sample(x, "x"), take_sample(y, "y")
    hypothesis = Hypothesis(test_name="cliffs_delta", samples=[one, other], alpha=alpha, subject=subject)
    n_x, n_y = len(one.values), len(other.values)
    if not n_x or not n_y:
        return hypothesis.not_tested(CliffsDeltaResult, f"{n_x} and {n_y} values; at least 1 each is needed")
    n_greater, n_less = count_pairs(one.values, other.values)
    n_ties = n_x * n_y - n_greater - n_less
    delta = (n_greater - n_less) / (n_x * n_y)
    return hypothesis.result(
        CliffsDeltaResult,
        decision=_label(delta, DELTA_BOUNDS),
        statistic=n_greater + n_ties / 2,
        effect_size=delta,
        details=CliffsDeltaDetails(
            n_x=n_x,
            n_y=n_y,
            n_greater=n_greater,
            n_less=n_less,
            n_ties=n_ties,
            label_bounds=list(DELTA_BOUNDS),
        ),
    )


def count_pairs(x: Floats, y: Floats) -> tuple[int, int]:
    """Return the number of pairs with x > y and of pairs with x < y, in time O((n + m) log m).

    >>> count_pairs(np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    (1, 2)
    """
    ordered = np.sort(y)
    n_greater = int(np.searchsorted(ordered, x, side="left").sum())
    n_not_less = int(np.searchsorted(ordered, x, side="right").sum())
    return n_greater, len(x) * len(y) - n_not_less


def _pooled(a: Floats, b: Floats) -> float:
    weighted = (len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)
    return float(np.sqrt(weighted / (len(a) + len(b) - 2)))


def _label(size: float, bounds: tuple[float, float, float]) -> Label:
    return _LABELS[sum(abs(size) >= bound for bound in bounds)]
