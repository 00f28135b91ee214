"""`Ledger`, `Entry`, `Coverage`: the statistical tests of a log in order, with their adjusted p-values."""

from __future__ import annotations

from typing import Literal

import msgspec

METHODS = ("bonferroni", "holm", "benjamini_hochberg")

Source = Literal["ithtel.stats", "logged", "scipy.stats"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One test, and its position among the others."""

    number: int
    test_name: str
    subject: str
    decision: str
    statistic: float | None
    p_value: float | None
    """The p-value that decided: of Mann-Whitney between regimes the effective one."""
    bonferroni: float | None = None
    holm: float | None = None
    benjamini_hochberg: float | None = None
    alpha: float
    effect_size: float | None
    n_samples: int | None
    n_before: int
    """The number of earlier tests, including repeated ones."""
    n_hypotheses_before: int
    """The number of different hypotheses tested earlier."""
    n_subjects: int
    """The number of different subjects so far."""
    n_data: int
    """The number of different known samples so far."""
    repeats: int | None
    """The number of the earlier test of the same hypothesis on the same data, if any."""
    lost_by: list[str] = []
    """The adjustments after which the rejection (p < alpha) no longer holds."""
    reason: str | None
    source: Source
    event_type: str
    hypothesis_id: str
    input_hash: str | None
    cell: int | None
    session_id: str

    @property
    def is_rejected(self) -> bool:
        """Whether the p-value is below the level, before any adjustment."""
        return self.p_value is not None and self.p_value < self.alpha


class Repetition(msgspec.Struct, frozen=True, kw_only=True):
    """A question that was asked of one subject several times, until the answer changed."""

    test_name: str
    subject: str
    numbers: list[int]
    decisions: list[str]
    n_data: int | None
    """The number of different samples; None if not all are known."""
    alphas: list[float]


class SharedSample(msgspec.Struct, frozen=True, kw_only=True):
    """One sample tested under several hypotheses."""

    input_hash: str
    subjects: list[str]
    numbers: list[int]
    n_hypotheses: int
    n_rejected: int


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Which tests a ledger covers, and which it may have missed."""

    n_stats: int
    n_logged: int
    n_scipy: int
    is_scipy_captured: bool
    captured_from: int | None
    """The number of tests in the ledger when the capture was first switched on."""
    names_not_seen: list[str]
    n_pauses: int
    n_lost: int


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """All tests of a log in order, what the ledger covers, and what an auditor asks first."""

    name: str
    coverage: Coverage
    entries: list[Entry]
    n_hypotheses: int
    """The number of different hypotheses that have a p-value: those that are adjusted."""
    repetitions: list[Repetition]
    shared_samples: list[SharedSample]

    @property
    def lost(self) -> list[Entry]:
        """The tests whose rejection does not survive Benjamini-Hochberg, the mildest of the three adjustments."""
        return [entry for entry in self.entries if "benjamini_hochberg" in entry.lost_by]
