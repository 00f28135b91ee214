"""Tests of the user's own, on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ithtel import stats
from ithtel.commands.starting import running_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ithtel.events import HypothesisResult


def log_hypothesis_result(  # noqa: PLR0917 - the order of the older quick start
    hypothesis_id: str | None = None,
    test_name: str = "",
    statistic: float | None = None,
    p_value: float | None = None,
    decision: str = "",
    effect_size: float | None = None,
    alpha: float = 0.05,
    context: Mapping[str, Any] | None = None,
    *,
    subject: str | None = None,
    sample: object = None,
    reason: str | None = None,
) -> HypothesisResult:
    """Record the result of a test of your own, in a session `script` if none runs.

    Arguments, errors and result are those of `ithtel.stats.log_hypothesis_result`, which records only where a session
    runs already.

    Args:
        hypothesis_id: Your name of the hypothesis; made from the rest where there is none.
        test_name: What was done, such as `permutation_test`.
        statistic: Its statistic, or None.
        p_value: Between 0 and 1, or None.
        decision: What was decided; `not_tested` where nothing could be.
        effect_size: How large, or None.
        alpha: The level that was set beforehand.
        context: Anything else, recorded as it is.
        subject: What was tested: a column, a strategy.
        sample: The data (one or two dimensions), to be counted and fingerprinted; not kept.
        reason: Why it was not tested.

    Raises:
        InputError: `test_name` or `decision` is empty, or `p_value` or `alpha` is no probability.

    Example:
        >>> import ithtel, tempfile
        >>> with ithtel.start("example", log_dir=tempfile.mkdtemp()):
        ...     ithtel.log_hypothesis_result("h1", "t_test", 2.1, 0.04, "different").p_value
        0.04
    """
    running_session()
    return stats.log_hypothesis_result(
        hypothesis_id, test_name, statistic, p_value, decision, effect_size, alpha, context,
        subject=subject, sample=sample, reason=reason,
    )  # fmt: skip
