"""`ithtel examine` and `ithtel audit`: what is printed, written and recorded."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import ithtel
from ithtel.stats.numerics import bootstrap

if TYPE_CHECKING:
    from commandline import Call

LOG = "logs/ndjson/statistical_examination.jsonl"


@pytest.fixture(autouse=True)
def _short_bootstraps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a bootstrap take 19 samples instead of 999: these tests do not depend on the number."""
    monkeypatch.setattr(bootstrap, "SECOND", 19)


@pytest.fixture
def nav() -> str:
    """A NAV file of 90 days."""
    values = 100 * np.exp(np.random.default_rng(4).normal(0, 0.01, 90).cumsum())
    index = pd.date_range("2024-01-01", periods=90, name="Date")
    pd.Series(values, index=index, name="NAV").to_csv("fund.csv")
    return "fund.csv"


@pytest.mark.slow
def test_an_examination_is_printed_written_and_recorded(call: Call, nav: str) -> None:
    """It prints sentences, writes three files, and records every test between data and result."""
    code, out, err = call("examine", nav, "--lookbacks", "10,20", "--alpha", "0.01", "--seed", "3", "--out", "report")
    assert (0, "") == (code, err)
    assert out.startswith("Examination of fund: 16 columns, ")
    assert "wrote report/report.html" in out
    value = json.loads(Path("report/summary.json").read_text())
    assert ([10, 20], 0.01, 3) == (value["lookbacks"], value["alpha"], value["seed"])
    assert 90 == len(pd.read_parquet("report/features.parquet"))
    log = ithtel.read(LOG)
    assert [] == log.problems
    kinds = [record.event_type for record in log]
    for kind in ("seed.set", "data.load", "algorithm.init", "pca_result", "algorithm.result"):
        assert 1 == kinds.count(kind)
    assert 16 == kinds.count("describe_result")
    assert {"statistical_examination"} == {record.envelope.component for record in log}


@pytest.mark.slow
def test_the_same_seed_writes_the_same_bytes(call: Call, nav: str) -> None:
    """Also with features from a file and their NAV; without --out the report goes to the artifacts."""
    call("examine", nav, "--lookbacks", "20", "--out", "one")
    call("examine", nav, "--lookbacks", "20")
    call("examine", nav, "--parquet", "one/features.parquet", "--out", "three")
    for name in ("features.parquet", "summary.json", "report.html"):
        expected = Path("one", name).read_bytes()
        assert expected == Path("artifacts/examination/fund", name).read_bytes()
        assert expected == Path("three", name).read_bytes()
    assert "*\n" == Path("artifacts/.gitignore").read_text()


def test_features_alone(call: Call) -> None:
    """Without a NAV there are no regimes."""
    pd.DataFrame({"a": np.linspace(0, 1, 40) ** 2, "b": np.linspace(-1, 1, 40)}).to_parquet("features.parquet")
    code, out, _ = call("examine", "--parquet", "features.parquet", "--out", "two")
    assert 0 == code
    assert out.startswith("Examination of features: 2 columns")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["examine"], "pass a NAV file, --parquet FEATURES, or both"),
        (["examine", "nothing.csv"], "no file 'nothing.csv'"),
        (["examine", "fund.csv", "--lookbacks", "20,x"], "expected numbers of bars"),
        (["examine", "fund.csv", "--lookbacks", "90"], "lookback is 90, but must be less than the 90 bars"),
        (["examine", "fund.csv", "--lookbacks", "20", "--alpha", "2"], "alpha must be above 0 and below 1, got 2.0"),
        (["examine", "fund.csv", "--lookbacks", "20", "--seed", "-1"], "-1"),
        (["audit", "nothing.jsonl"], "nothing.jsonl"),
        (["audit", LOG, "-o", "a.gif"], "expected a .png or .svg file"),
    ],
)
@pytest.mark.usefixtures("nav")
def test_a_mistake_is_exit_code_2(call: Call, arguments: list[str], said: str) -> None:
    """The message on standard error names what is allowed; there is no traceback."""
    ithtel.start("statistical_examination", git=False).close()
    code, _, err = call(*arguments)
    assert 2 == code
    assert said in err
    assert "Traceback" not in err


class TestAudit:
    """`ithtel audit`."""

    @pytest.fixture
    def log(self) -> str:
        """A log with tests that need adjusting."""
        with ithtel.start("study", git=False):
            for i, p in enumerate((0.001, 0.04, 0.03, 0.9)):
                ithtel.log_hypothesis_result(test_name="t", p_value=p, decision="?", subject=f"s{i}")
        return "logs/ndjson/study.jsonl"

    def test_it_says_first_what_it_covers(self, call: Call, log: str) -> None:
        """The findings follow, and then every test."""
        code, out, _ = call("audit", log)
        assert 0 == code
        assert out.splitlines()[1].strip().startswith("Covers 0 tests made through ithtel.stats, 4 logged by hand")
        assert "Does not survive: #2 t of s1: ? (p 0.04, Benjamini-Hochberg 0.0533, level 0.05)." in out
        assert "not significant after Bonferroni, Holm, BH" in out

    def test_as_json_and_csv_it_has_full_precision(self, call: Call, log: str) -> None:
        """The numbers equal those of the ledger."""
        expected = ithtel.ledger(log).frame()["benjamini_hochberg"].tolist()
        value = json.loads(call("audit", log, "--format", "json")[1])
        assert expected == [entry["benjamini_hochberg"] for entry in value["entries"]]
        rows = list(csv.DictReader(io.StringIO(call("audit", log, "--format", "csv")[1])))
        assert expected == [float(row["benjamini_hochberg"]) for row in rows]

    def test_it_is_drawn(self, call: Call, log: str) -> None:
        """Standard output is still valid JSON."""
        _, out, err = call("audit", log, "--format", "json", "-o", "p.svg", "--theme", "dark")
        assert json.loads(out)
        assert "drawn in p.svg\n" == err
        assert Path("p.svg").read_text().startswith("<?xml")

    def test_all_sessions_together(self, call: Call, log: str) -> None:
        """In `LOG@all` the same hypothesis counts once."""
        with ithtel.start("study", git=False):
            ithtel.log_hypothesis_result(test_name="t", p_value=0.04, decision="?", subject="s1")
        assert "1 test on 1 subject" in call("audit", log)[1]
        assert "5 tests (1 repeated on the same data, counted once)" in call("audit", f"{log}@all")[1]
