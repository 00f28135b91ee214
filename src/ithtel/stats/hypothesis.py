"""`Hypothesis`, `make_id`, `log_hypothesis_result`: what all tests share, and tests of the user's own."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ithtel.errors import InputError
from ithtel.events import NOT_TESTED, HypothesisResult, StatisticalResult
from ithtel.events.statistics import Details, HypothesisDetails
from ithtel.events.values import canonical_digest, to_json_value
from ithtel.recording.recorded import recorded
from ithtel.stats.sample import Sample, Table, digest, finite, take_sample, take_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.events import Json

R = TypeVar("R", bound=StatisticalResult)

UNNAMED = "unnamed"
ID_DIGITS = 16


COMPONENT = "statistical_examination"


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """One test to make: its name, its samples and its level.

    `parameters` are those that make it a different hypothesis. `alpha` and a generator's seed are not among them: the
    same test with another level or seed is the same hypothesis tested again.
    """

    test_name: str
    samples: Sequence[Sample | Table]
    alpha: float
    subject: str | None
    parameters: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_alpha(self.alpha)
        if self.subject is not None and not isinstance(self.subject, str):
            raise InputError(f"subject must be a string, got {type(self.subject).__name__}")

    @functools.cached_property
    def id(self) -> str:
        """The test's name and 16 digits: the same for the same test of the same data, in any session."""
        shapes = [list(sample.given.shape) for sample in self.samples]
        names = [sample.names for sample in self.samples if isinstance(sample, Table)]
        parameters = {**self.parameters, "shapes": shapes, "columns": names}
        return make_id(self.test_name, parameters, self.named_subject, self.input_hash)

    @property
    def named_subject(self) -> str:
        """The subject; if not given, the names of the samples."""
        names = [sample.name for sample in self.samples if sample.name is not None]
        return self.subject if self.subject is not None else " | ".join(names) or UNNAMED

    @functools.cached_property
    def input_hash(self) -> str:
        """The digest of the samples as given, one after the other."""
        return digest(*(sample.given for sample in self.samples))

    def result(
        self,
        kind: type[R],
        *,
        decision: str,
        details: Details | None,
        statistic: float | None = None,
        p_value: float | None = None,
        effect_size: float | None = None,
        reason: str | None = None,
    ) -> R:
        """Return the event of this test; numbers that are not finite become None."""
        return kind(
            hypothesis_id=self.id,
            test_name=self.test_name,
            statistic=finite(statistic),
            p_value=finite(p_value),
            effect_size=finite(effect_size),
            alpha=float(self.alpha),
            decision=decision,
            subject=self.named_subject,
            n_samples=sum(len(sample.values) for sample in self.samples),
            n_dropped=sum(sample.n_dropped for sample in self.samples),
            input_hash=self.input_hash,
            details=details,
            reason=reason,
        )

    def not_tested(self, kind: type[R], reason: str) -> R:
        """Return the event of a test that could not be made, with the reason."""
        return self.result(kind, decision=NOT_TESTED, details=None, reason=reason)


def make_id(test_name: str, parameters: Json, subject: str, input_hash: str | None) -> str:
    """Return the id of a hypothesis: deterministic, and different for a different sample.

    >>> make_id("adf", {}, "nav", "sha256:00") == make_id("adf", {}, "nav", "sha256:00")
    True
    >>> make_id("adf", {}, "nav", "sha256:00") == make_id("adf", {}, "nav", "sha256:01")
    False
    """
    value = {"test": test_name, "parameters": parameters, "subject": subject, "sample": input_hash}
    return f"{test_name}:{canonical_digest(value).removeprefix('sha256:')[:ID_DIGITS]}"


def check_alpha(alpha: float) -> float:
    """Return `alpha` as a float.

    Raises:
        InputError: It does not lie strictly between 0 and 1.
    """
    if not isinstance(alpha, int | float | np.number) or not 0 < alpha < 1:
        raise InputError(f"alpha must be above 0 and below 1, got {alpha!r}")
    return float(alpha)


@recorded(COMPONENT)
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
    """Record the result of a test of your own, and return it as an event.

    `ithtel.log_hypothesis_result` starts a session `script` if none is running;
    `ithtel.stats.log_hypothesis_result` records only if one is running already.

    Args:
        hypothesis_id: Your name of the hypothesis; made from the other arguments if not given.
        test_name: What was done, such as `permutation_test`.
        statistic: Its statistic, or None.
        p_value: Between 0 and 1, or None.
        decision: What was decided; `not_tested` if the test could not be made.
        effect_size: The size of the effect, or None.
        alpha: The level that was set beforehand.
        context: Anything else, recorded unchanged.
        subject: What was tested: a column, a strategy.
        sample: The data (one or two dimensions), to be counted and fingerprinted; not kept.
        reason: Why it was not tested.

    Raises:
        InputError: `test_name` or `decision` is empty, or `p_value` or `alpha` is out of range.

    >>> log_hypothesis_result("h1", "t_test", 2.1, 0.04, "different", sample=[1.0, 2.0]).n_samples
    2
    """
    _check(test_name, decision, p_value)
    bound = to_json_value(dict(context or {}))
    samples = [] if sample is None else [_sample(sample)]
    parameters = {"context": bound} if samples else {"context": bound, "numbers": [statistic, p_value, effect_size]}
    hypothesis = Hypothesis(test_name=test_name, samples=samples, alpha=alpha, subject=subject, parameters=parameters)
    return HypothesisResult(
        hypothesis_id=hypothesis_id or hypothesis.id,
        test_name=test_name,
        statistic=finite(statistic),
        p_value=finite(p_value),
        effect_size=finite(effect_size),
        alpha=float(alpha),
        decision=decision,
        subject=hypothesis.named_subject,
        n_samples=len(samples[0].values) if samples else None,
        n_dropped=samples[0].n_dropped if samples else None,
        input_hash=hypothesis.input_hash if samples else None,
        details=HypothesisDetails(context=bound),
        reason=reason,
    )


def _check(test_name: str, decision: str, p_value: float | None) -> None:
    for name, value in (("test_name", test_name), ("decision", decision)):
        if not isinstance(value, str) or not value:
            raise InputError(f"{name} must be a string that is not empty, got {value!r}")
    number = finite(p_value)
    if number is not None and not 0 <= number <= 1:
        raise InputError(f"p_value must be between 0 and 1, got {p_value!r}")


def _sample(values: object) -> Sample | Table:
    is_table = isinstance(values, Mapping) or len(getattr(values, "shape", ())) == 2  # noqa: PLR2004 - rows, columns
    return take_table(values, "sample") if is_table else take_sample(values, "sample")
