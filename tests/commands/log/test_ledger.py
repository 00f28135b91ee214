"""The ledger of a log: a table, JSON and a picture, from a path or a running session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ithtel
from ithtel.commands.log.ledger import ledger

P_VALUES = (0.01, 0.04, 0.2)


@pytest.fixture
def log() -> Path:
    """A log of three tests, with a line that cannot be read."""
    with ithtel.start("demo") as session:
        for p in P_VALUES:
            ithtel.log_hypothesis_result(test_name="t", p_value=p, decision="?")
        assert [*P_VALUES] == list(ledger(session).frame()["p_value"])
    path = Path("logs/ndjson/demo.jsonl")
    path.write_bytes(path.read_bytes() + b"garbage\n")
    return path


def test_p_values_are_adjusted(log: Path) -> None:
    """By Bonferroni, three times each."""
    assert [0.03, 0.12, 0.6] == pytest.approx(list(ledger(log).frame()["bonferroni"]))


def test_every_form_holds_every_test(log: Path) -> None:
    """In full precision in JSON; `LOG@-1` is the same session."""
    found = ledger(f"{log}@-1")
    assert repr(ledger(log)) == repr(found)
    assert 3 == len(json.loads(found.json())["entries"]) == len(found.shown())
    assert "<table" in found._repr_html_()
    assert found.picture().figure().axes


def test_lines_that_cannot_be_read_are_reported(log: Path) -> None:
    """A test that they held is missing."""
    assert ["not JSON"] == [problem.message[:8] for problem in ledger(log).problems]
