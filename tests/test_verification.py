"""The older system's checks, in today's form: what it promised can be seen in files, from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import hot
import ithtel
from ithtel.commands.ith.recorded_run import epochs_digest

pytestmark = pytest.mark.kernel
ANALYSIS = ("analyze", "--synthetic", "3000", "--side", "both", "--hurdle", "0.05", "--seed", "3", "--verbose")
SIDES = ("bull_ith", "bear_ith")
RESULTS = {"data.load", "algorithm.init", "epoch_detected", "algorithm.result"}


def ithtel_(*arguments: str) -> str:
    """Call the command line, and return what it prints."""
    done = subprocess.run([sys.executable, "-m", "ithtel", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def contexts(name: str) -> list[dict[str, Any]]:
    """Return the events of a log, read without ithtel."""
    lines = Path(f"logs/ndjson/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["context"] for line in lines]


def results(name: str) -> list[dict[str, Any]]:
    """Return the results in a log, one a run."""
    return [context for context in contexts(name) if context["event_type"] == "algorithm.result"]


def test_what_the_older_system_promised_can_be_seen_from_outside() -> None:
    """One after the other, as its checks were run: analysis, the same again, epochs, examination, flamegraph."""
    printed = the_analysis_is_in_the_logs_of_both_sides()
    the_same_seed_gives_the_same(printed)
    the_epochs_are_rebuilt_from_the_log_alone()
    every_decision_of_an_examination_is_in_the_log()
    a_flamegraph_exists()
    for log in sorted(Path("logs/ndjson").glob("*.jsonl")):
        assert "intact" in ithtel_("verify", str(log))


def the_analysis_is_in_the_logs_of_both_sides() -> str:
    """From the data to the result; what was printed."""
    printed = ithtel_(*ANALYSIS)
    for name in SIDES:
        assert RESULTS <= {context["event_type"] for context in contexts(name)}
    return printed


def the_same_seed_gives_the_same(printed: str) -> None:
    """On the screen and in the log."""
    assert printed == ithtel_(*ANALYSIS)
    for name in SIDES:
        first, second = results(name)
        assert first["output_hash"] == second["output_hash"]


def the_epochs_are_rebuilt_from_the_log_alone() -> None:
    """To the bit, of either run; there are some."""
    for name in SIDES:
        for session, result in zip(("@-2", "@-1"), results(name), strict=True):
            rebuilt = ithtel.read(f"logs/ndjson/{name}.jsonl{session}").epochs()
            assert result["final_metrics"]["n_epochs"] == len(rebuilt)
            assert result["output_hash"] == epochs_digest(rebuilt)
    assert any(result["final_metrics"]["n_epochs"] for name in SIDES for result in results(name))


def every_decision_of_an_examination_is_in_the_log() -> None:
    """As many as the ledger has."""
    ithtel.datasets.google().rename("NAV").rename_axis("Date").head(300).to_csv("nav.csv")
    printed = ithtel_("examine", "nav.csv", "--lookbacks", "20", "--regime-lookback", "100", "--out", "report")
    (log,) = {path.stem for path in Path("logs/ndjson").glob("*.jsonl")} - set(SIDES)
    assert f"logs/ndjson/{log}.jsonl" in printed
    decided = [context for context in contexts(log) if "hypothesis_id" in context]
    assert len(decided) > 10
    assert all(context["decision"] for context in decided)
    assert len(decided) == len(ithtel.ledger(f"logs/ndjson/{log}.jsonl").frame())


def a_flamegraph_exists() -> None:
    """Of a program, in the folder, in the index and in the log."""
    ithtel_("profile", "--", sys.executable, str(Path(hot.__file__)), "0.4", "0")
    (path,) = Path("artifacts/profiles").glob("*.svg")
    assert path.read_text(encoding="utf-8").startswith("<svg")
    assert [path.name] == [entry["file"] for entry in json.loads(ithtel_("profiles", "--format", "json"))]
    assert path.as_posix() in [context.get("path") for context in contexts("profile")]
