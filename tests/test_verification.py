"""The older system's checks, in today's form: what it promised can be seen in files, from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import hot
import ithtel
from ithtel.commands.record import epochs_digest

pytestmark = pytest.mark.kernel
RESULTS = {"data.load", "algorithm.init", "epoch_detected", "algorithm.result"}


def ithtel_(*arguments: str) -> str:
    """Call the command line, and return what it prints."""
    done = subprocess.run([sys.executable, "-m", "ithtel", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def contexts(name: str) -> list[dict[str, Any]]:
    """Return the events of a log, read without ithtel."""
    lines = Path(f"logs/ndjson/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["context"] for line in lines]


@pytest.fixture
def nav() -> str:
    """Real daily closes as a file."""
    ithtel.datasets.google().rename("NAV").rename_axis("Date").to_csv("nav.csv")
    return "nav.csv"


def test_an_analysis_is_in_the_logs_of_both_sides() -> None:
    """From the data to the result; the epochs are rebuilt from the log alone, to the bit; the same seed: the same."""
    arguments = ("analyze", "--synthetic", "3000", "--side", "both", "--hurdle", "0.05", "--seed", "3", "--verbose")
    assert ithtel_(*arguments) == ithtel_(*arguments)
    for name in ("bull_ith", "bear_ith"):
        kinds = Counter(context["event_type"] for context in contexts(name))
        assert RESULTS <= set(kinds)
        results = [context for context in contexts(name) if context["event_type"] == "algorithm.result"]
        for session, result in zip(("@-2", "@-1"), results, strict=True):
            rebuilt = ithtel.read(f"logs/ndjson/{name}.jsonl{session}").epochs()
            assert result["final_metrics"]["n_epochs"] == len(rebuilt)
            assert result["output_hash"] == epochs_digest(rebuilt)
        assert 1 == len({result["output_hash"] for result in results})
        assert ithtel_("verify", f"logs/ndjson/{name}.jsonl")


def test_every_decision_of_an_examination_is_in_the_log(nav: str) -> None:
    """As many as the ledger has, each with its decision; and it is intact."""
    head = Path(nav).read_text(encoding="utf-8").splitlines(keepends=True)[:300]
    Path(nav).write_text("".join(head), encoding="utf-8")
    printed = ithtel_("examine", nav, "--lookbacks", "20", "--regime-lookback", "100", "--out", "report")
    log = next(path.stem for path in Path("logs/ndjson").glob("*.jsonl"))
    assert f"logs/ndjson/{log}.jsonl" in printed
    decided = [context for context in contexts(log) if "hypothesis_id" in context]
    assert len(decided) > 10
    assert all(context["decision"] for context in decided)
    assert len(decided) == len(ithtel.ledger(f"logs/ndjson/{log}.jsonl").frame())
    assert ithtel_("verify", f"logs/ndjson/{log}.jsonl")


def test_a_flamegraph_exists() -> None:
    """Of a program, in the folder, in the index and in the log."""
    ithtel_("profile", "--", sys.executable, str(Path(hot.__file__)), "0.4", "0")
    (path,) = Path("artifacts/profiles").glob("*.svg")
    assert path.read_text(encoding="utf-8").startswith("<svg")
    assert [path.name] == [entry["file"] for entry in json.loads(ithtel_("profiles", "--format", "json"))]
    assert path.as_posix() in [context.get("path") for context in contexts("profile")]
