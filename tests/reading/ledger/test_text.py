"""A ledger as sentences, as a table and as JSON."""

from __future__ import annotations

import msgspec
import pytest

from factories import Writer
from ithtel import events as ev
from ithtel.reading.ledger import text as ledger_text
from ithtel.reading.ledger.build import build
from ithtel.reading.lines.log import Log
from ledgers import double, ledger, result


def test_a_rejection_that_does_not_survive_is_named() -> None:
    """By which adjustment; one that was none cannot be lost."""
    made = ledger(result("s", p=0.03), result("t", p=0.01), result("u", p=0.5))
    assert [["bonferroni", "benjamini_hochberg"], [], []] == [e.lost_by for e in made.entries]
    assert ["s"] == [e.test_name for e in made.lost]
    assert any(line.startswith("Does not survive: #1 s of x: yes (p 0.03") for line in ledger_text.finding_lines(made))


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
    """Unknown values are missing, not zero."""
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
