"""Ledgers of a few tests, with an adjustment that tests can predict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from factories import Writer
from ithtel import events as ev
from ithtel.events.statistics import HypothesisDetails
from ithtel.reading.ledger.build import build
from ithtel.reading.lines.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.reading.ledger.values import Ledger


HASHES = {name: "sha256:" + name * 64 for name in "abcdef"}


@dataclass
class Doubled:
    """A stand-in for the adjustments: Bonferroni times n, the others as they are."""

    bonferroni: list[float | None]
    holm: list[float | None]
    benjamini_hochberg: list[float | None]


def double(p_values: Sequence[float | None]) -> Doubled:
    """Adjust in a way that a test can see."""
    return Doubled([min(1.0, p * len(p_values)) for p in p_values], list(p_values), [min(1.0, 2 * p) for p in p_values])


def result(test: str = "t", p: float | None = 0.5, data: str | None = "a", **more: Any) -> ev.HypothesisResult:
    """Return a test that was logged by hand."""
    fields: dict[str, Any] = {
        "hypothesis_id": f"{test}:{data}", "test_name": test, "statistic": 1.0, "p_value": p, "effect_size": None,
        "alpha": 0.05, "decision": "yes" if p is not None and p < 0.05 else "no", "subject": "x", "n_samples": 9,
        "n_dropped": 0, "input_hash": None if data is None else HASHES[data],
        "details": HypothesisDetails(context={}), "reason": None,
    }  # fmt: skip
    return ev.HypothesisResult(**fields | more)


def ledger(*events: ev.Event, capture: dict[str, Any] | None = None) -> Ledger:
    """Return the ledger of events that one cell emitted."""
    writer = Writer().start()
    if capture is not None:
        writer.line(capture, msg="scipy.stats is watched")
    writer.cell("tests()", *events)
    return build(Log.from_lines(writer.lines), double, name="logs/study.jsonl")
