"""The ledger: every statistical test that a log holds, in order, with what came before it and what is left of it."""

from __future__ import annotations

from typing import Literal

import msgspec

METHODS = ("bonferroni", "holm", "benjamini_hochberg")

Source = Literal["ithtel.stats", "logged", "scipy.stats"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One test, and where it stands among the others."""

    number: int
    test_name: str
    subject: str
    decision: str
    statistic: float | None
    p_value: float | None
    bonferroni: float | None = None
    holm: float | None = None
    benjamini_hochberg: float | None = None
    alpha: float
    effect_size: float | None
    n_samples: int | None
    n_before: int
    """Tests made before this one, repeated ones among them."""
    n_hypotheses_before: int
    """Different hypotheses tested before this one."""
    n_subjects: int
    """Different subjects up to this one."""
    n_data: int
    """Different samples up to this one, of those that are known."""
    repeats: int | None
    """The number of the test that this one repeats: the same hypothesis on the same data."""
    lost_by: list[str] = []
    """The adjustments that its rejection (p < alpha) does not survive."""
    reason: str | None
    source: Source
    event_type: str
    hypothesis_id: str
    input_hash: str | None
    cell: int | None
    session_id: str

    @property
    def is_rejected(self) -> bool:
        """Whether the raw p-value is below the level."""
        return self.p_value is not None and self.p_value < self.alpha


class Repetition(msgspec.Struct, frozen=True, kw_only=True):
    """One question asked of one subject several times, until the answer was another."""

    test_name: str
    subject: str
    numbers: list[int]
    decisions: list[str]
    n_data: int | None
    """Different samples; None where not all are known."""
    alphas: list[float]


class SharedSample(msgspec.Struct, frozen=True, kw_only=True):
    """One sample tested under several hypotheses."""

    input_hash: str
    subjects: list[str]
    numbers: list[int]
    n_hypotheses: int
    n_rejected: int


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger knows of, and what it cannot know of."""

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
    """What it covers, every test in order, and what an auditor asks first."""

    name: str
    coverage: Coverage
    entries: list[Entry]
    n_hypotheses: int
    """Different hypotheses that have a p-value: what the adjustments count."""
    repetitions: list[Repetition]
    shared_samples: list[SharedSample]

    @property
    def lost(self) -> list[Entry]:
        """The tests whose rejection does not survive Benjamini and Hochberg, the mildest of the three."""
        return [entry for entry in self.entries if "benjamini_hochberg" in entry.lost_by]
