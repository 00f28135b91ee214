"""A ledger lists tests in order, finds repetitions, and knows what it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel import events as ev
from ledgers import HASHES, ledger, result

if TYPE_CHECKING:
    from ithtel.reading.ledger.values import Ledger


def test_every_test_stands_in_order_with_how_many_came_before() -> None:
    """On how many subjects and samples."""
    made = ledger(result("s", data="a"), result("t", data="a", subject="y"), result("t", data="b", subject="y"))
    assert [(1, 0, 0, 1, 1), (2, 1, 1, 2, 1), (3, 2, 2, 2, 2)] == [
        (e.number, e.n_before, e.n_hypotheses_before, e.n_subjects, e.n_data) for e in made.entries
    ]
    assert [1, 1, 1] == [e.cell for e in made.entries]


def test_the_same_hypothesis_on_the_same_data_counts_once() -> None:
    """The p-value of the first test counts; the repetition gets the same adjusted values."""
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
    """Samples with most hypotheses come first; a result without a p-value is not a test."""
    made = ledger(
        result("r", data="a"), result("s", data="a"), result("r", data="b", p=0.01), result("s", data="b"),
        result("t", data="b"), result("t", data="c"), result("describe", p=None, data="c"),
    )  # fmt: skip
    assert [(HASHES["b"], 3, 1), (HASHES["a"], 2, 0)] == [
        (s.input_hash, s.n_hypotheses, s.n_rejected) for s in made.shared_samples
    ]
