"""The ledger: order, repetition, families, what it covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from factories import Writer
from ithtel import events as ev
from ithtel.events.statistics import HypothesisDetails
from ithtel.reading.ledger import text as ledger_text
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
    """Return a test of somebody's own."""
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


def test_every_test_stands_in_order_with_how_many_came_before() -> None:
    """On how many subjects and samples."""
    made = ledger(result("s", data="a"), result("t", data="a", subject="y"), result("t", data="b", subject="y"))
    assert [(1, 0, 0, 1, 1), (2, 1, 1, 2, 1), (3, 2, 2, 2, 2)] == [
        (e.number, e.n_before, e.n_hypotheses_before, e.n_subjects, e.n_data) for e in made.entries
    ]
    assert [1, 1, 1] == [e.cell for e in made.entries]


def test_the_same_hypothesis_on_the_same_data_counts_once() -> None:
    """With the p-value of the first time; the repetition carries what that one got."""
    made = ledger(result("t", p=0.02), result("s", p=0.3), result("t", p=0.01))
    assert 2 == made.n_hypotheses
    assert [None, None, 1] == [e.repeats for e in made.entries]
    assert [0.04, 0.6, 0.04] == [e.bonferroni for e in made.entries]
    assert 2 == made.entries[2].n_hypotheses_before


def test_other_data_are_another_hypothesis() -> None:
    """Also under an id of the user's own; unknown data with other numbers too."""
    made = ledger(
        result(data="a", hypothesis_id="H1"), result(data="b", hypothesis_id="H1"),
        result(p=0.5, data=None, hypothesis_id="H1"), result(p=0.4, data=None, hypothesis_id="H1"),
        result(p=0.4, data=None, hypothesis_id="H1"),
    )  # fmt: skip
    assert 4 == made.n_hypotheses
    assert [None, None, None, None, 4] == [e.repeats for e in made.entries]


def test_tests_without_a_p_value_stand_there_but_do_not_count() -> None:
    """Nor do those that could not be made."""
    made = ledger(result("s", p=None), result("t", p=0.03, decision="no"), result("u", p=None, decision="not_tested"))
    assert (3, 1) == (len(made.entries), made.n_hypotheses)
    assert [None, 0.03, None] == [e.bonferroni for e in made.entries]


def test_a_rejection_that_does_not_survive_is_named() -> None:
    """By which adjustment; one that was none cannot be lost."""
    made = ledger(result("s", p=0.03), result("t", p=0.01), result("u", p=0.5))
    assert [["bonferroni", "benjamini_hochberg"], [], []] == [e.lost_by for e in made.entries]
    assert ["s"] == [e.test_name for e in made.lost]
    assert any(line.startswith("Does not survive: #1 s of x: yes (p 0.03") for line in ledger_text.finding_lines(made))


def test_what_an_effect_decides_is_not_lost() -> None:
    """Shapiro-Wilk is decided by W."""
    shapiro = ev.ShapiroWilkResult(
        hypothesis_id="s", test_name="shapiro_wilk", statistic=0.995, p_value=0.04, effect_size=None, alpha=0.05,
        decision="normal", subject="x", n_samples=9, n_dropped=0, input_hash=HASHES["a"], details=None,
    )  # fmt: skip
    assert [[], []] == [e.lost_by for e in ledger(shapiro, result("t", p=0.5)).entries]


def test_a_test_repeated_until_it_passed_is_found() -> None:
    """On other data, or on the same at another level; not one whose answer stayed."""
    other_data = ledger(*(result("t", p=p, data=d) for p, d in ((0.4, "a"), (0.2, "b"), (0.01, "c"))))
    assert ([1, 2, 3], ["no", "no", "yes"], 3) == _first(other_data)
    same_data = ledger(result("t", p=0.07), result("t", p=0.07, alpha=0.1, decision="yes"))
    assert ([1, 2], ["no", "yes"], 1) == _first(same_data)
    assert [0.05, 0.1] == same_data.repetitions[0].alphas
    assert [] == ledger(result("t", p=0.4, data="a"), result("t", p=0.3, data="b")).repetitions


def _first(made: Ledger) -> tuple[list[int], list[str], int | None]:
    one = made.repetitions[0]
    return one.numbers, one.decisions, one.n_data


def test_what_has_no_name_is_the_same_only_where_the_data_are() -> None:
    """Two unnamed samples are two questions; an id of the user's own names one."""
    assert (
        []
        == ledger(
            result("t", p=0.4, data="a", subject="unnamed"), result("t", p=0.01, data="b", subject="unnamed")
        ).repetitions
    )
    named = [result("t", p=p, data=None, subject="unnamed", hypothesis_id="H1") for p in (0.4, 0.01)]
    assert 1 == len(ledger(*named).repetitions)


def test_one_sample_under_many_hypotheses_is_found() -> None:
    """Those under most first, with how many were rejected; what has no p-value tests nothing."""
    made = ledger(
        result("r", data="a"), result("s", data="a"), result("r", data="b", p=0.01), result("s", data="b"),
        result("t", data="b"), result("t", data="c"), result("describe", p=None, data="c"),
    )  # fmt: skip
    assert [(HASHES["b"], 3, 1), (HASHES["a"], 2, 0)] == [
        (s.input_hash, s.n_hypotheses, s.n_rejected) for s in made.shared_samples
    ]


def test_it_says_first_what_it_covers() -> None:
    """Where tests come from, what was captured, what is missing."""
    plain = ledger(result(), result("scipy.stats.ttest_ind"))
    assert (0, 1, 1) == (plain.coverage.n_stats, plain.coverage.n_logged, plain.coverage.n_scipy)
    silent = ledger_text.coverage_lines(ledger(result()).coverage)
    assert silent[1].startswith("Calls of scipy.stats were not captured")
    watched = ledger(result(), capture={"capture": "scipy", "names_not_seen": ["ttest_ind"]})
    lines = ledger_text.coverage_lines(watched.coverage)
    assert lines[1].endswith("nor calls of names imported earlier (ttest_ind).")
    assert ledger_text.text(watched).splitlines()[1].strip() == lines[0]


def test_it_says_when_capture_began_and_what_was_lost() -> None:
    """It reports after how many tests capture began, and that pauses and lost events leave gaps."""
    writer = Writer().start()
    writer.emit(result())
    writer.line({"capture": "scipy", "names_not_seen": []}, msg="watched")
    writer.emit(ev.RecordingPaused(by="me"))
    writer.emit(ev.RecordingLoss(n_dropped=3, first_seq=1, last_seq=3, reason="full"))
    lines = ledger_text.coverage_lines(build(Log.from_lines(writer.lines), double, name="x").coverage)
    assert "were captured after test 1;" in lines[1]
    assert ["Recording was paused 1 time: tests made then are missing.",
            "3 events could not be written: tests among them are missing."] == lines[2:]  # fmt: skip


def test_without_tests_it_says_so() -> None:
    """And its table has its columns."""
    made = ledger()
    assert ["No test is recorded."] == ledger_text.finding_lines(made)
    assert (0, 0) == (len(ledger_text.frame(made)), made.n_hypotheses)
    assert "p_value" in ledger_text.frame(made).columns


def test_the_table_has_a_row_a_test_in_full_precision() -> None:
    """What is not known is missing, not zero."""
    frame = ledger_text.frame(ledger(result(p=0.1234567890123), result("s", p=None)))
    assert [1, 2] == frame["number"].tolist()
    assert 0.1234567890123 == frame["p_value"][0]
    assert frame[["p_value", "bonferroni", "repeats"]].iloc[1].isna().all()


def test_json_holds_everything_and_what_it_covers_first() -> None:
    """Readable by anything."""
    value = msgspec.json.decode(ledger_text.json(ledger(result(), result("s", p=0.01))))
    assert "covers" == next(iter(value))
    assert {"covers", "findings", "coverage", "entries", "repetitions", "shared_samples"} <= value.keys()
    assert 2 == len(value["entries"])


@pytest.mark.parametrize("n", [4, 40])
def test_many_findings_are_cut(n: int) -> None:
    """The first few, and how many more."""
    made = ledger(*(result(f"t{i}", p=0.03) for i in range(n)))
    lines = [line for line in ledger_text.finding_lines(made) if line.startswith("Does not survive")]
    assert min(n, 5) == len(lines)
    assert (n > 5) == any("more such decisions" in line for line in ledger_text.finding_lines(made))
