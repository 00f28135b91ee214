"""Cells that display the record are recognized: they follow from what they show."""

from __future__ import annotations

import pytest

from ithtel.reading.diff.diff import diff
from ithtel.reading.diff.record_views import RecordViews
from ithtel.reading.history.values import Execution
from research import Session, only, state, value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\n%timeline", True),
        ("found = %ithtel doctor", True),
        ("ithtel.ledger(ithtel.current())", True),
        ("it.read('logs/ndjson/notebook.jsonl').epochs()", True),
        ("timeline(log)", True),
        ("ithtel.analyze(nav)", False),
        ("other.read('nav.csv')", False),
        ("print('ithtel.ledger')", False),
    ],
)
def test_a_display_of_the_record_is_recognized(source: str, expected: bool) -> None:
    """By its magic, or by a public function that reads the record, under any name that was imported."""
    views = RecordViews()
    views.learn(Execution(place=1, source="import ithtel\nimport ithtel as it\nfrom ithtel import timeline"))
    assert expected is views.draws(Execution(place=2, source=source))


def test_what_was_read_from_the_record_displays_it_too() -> None:
    """Until the name is bound again."""
    views = RecordViews()
    views.learn(Execution(place=1, source="import ithtel\nled = ithtel.ledger()", writes=["ithtel", "led"]))
    assert views.draws(Execution(place=2, source="led", reads=["led"]))
    views.learn(Execution(place=3, source="led = 1", writes=["led"]))
    assert not views.draws(Execution(place=4, source="led", reads=["led"]))


def test_a_display_after_a_departure_follows_from_it() -> None:
    """It is not an independent departure of unknown cause."""

    def session(held: float) -> Session:
        drawn = (state("python", f"{held}"), state("python", f"{held}'"))
        draws = Session().cell("x = random.random()", *drawn, value("x", held), writes="x")
        return draws.cell("n = 1\ntext = %ithtel audit", value("text", f"{held}"), writes="text n")

    root = only(diff(session(1.0).log(), session(2.0).log()))
    assert ("[1]", "unseeded_rng", ["[2]"]) == (root.label, root.cause, root.follows)
