"""`show_table`: a table for a person, or in full precision for a program."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import ithtel
from ithtel.cli.table import Format, show_table

if TYPE_CHECKING:
    from commandline import Call

CSV = "Date,NAV\n2024-01-02,100\n2024-01-03,106\n2024-01-04,100\n2024-01-05,113\n"


@pytest.fixture
def nav() -> Path:
    """A small NAV file."""
    Path("fund.csv").write_text(CSV, encoding="utf-8")
    return Path("fund.csv")


def test_json_and_csv_have_full_precision(call: Call, nav: Path) -> None:
    """Numbers survive the round trip exactly."""
    found = ithtel.analyze(ithtel.load_nav(nav), side="bull", hurdle=0.05).bull
    rows = json.loads(call("analyze", str(nav), "--side", "bull", "--hurdle", "0.05", "--format", "json").out)
    assert found.intervals_cv == rows[0]["intervals_cv"]
    epochs = json.loads(call("epochs", "logs/ndjson/bull_ith.jsonl", "--format", "json").out)
    assert found.epochs["excess_gain"].tolist() == [row["excess_gain"] for row in epochs]
    table = list(csv.DictReader(io.StringIO(call("epochs", "logs", "--format", "csv").out)))
    assert found.epochs["excess_gain"].tolist() == [float(row["excess_gain"]) for row in table]


FRAME = pd.DataFrame({"name": ["a", "[red]b"], "value": [1 / 3, 2.0]})


def test_a_table_has_a_title_and_short_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """Text that looks like markup is printed as it is."""
    show_table(FRAME, Format.table, title="Values")
    title, heading, *rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip(" ─")]
    assert (["Values"], ["name", "value"]) == (title, heading)
    assert [["a", "0.333333"], ["[red]b", "2"]] == rows


def test_json_is_a_list_of_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """With every digit."""
    show_table(FRAME, Format.json)
    assert {"name": "a", "value": 1 / 3} == json.loads(capsys.readouterr().out)[0]


def test_csv_has_a_heading_and_no_index(capsys: pytest.CaptureFixture[str]) -> None:
    """And no title."""
    show_table(FRAME, Format.csv, title="Values")
    assert "name,value" == capsys.readouterr().out.splitlines()[0]
