"""docs/LOGGING.md: its examples are lines of a real log, its queries run, lnav understands what it says."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import contract
import ithtel
from ithtel.commands.analyze_files import analyze_files
from ithtel.commands.log.lnav import lnav_format
from ithtel.events import EVENTS, LEVELS, Envelope, UnknownEvent, decode_envelope, decode_event, event_type

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/LOGGING.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)\n```", PAGE, re.DOTALL | re.MULTILINE)


def kind_of(line: str) -> str:
    """Return the type of a line's event, empty for a plain message."""
    return str(json.loads(line)["context"].get("event_type", ""))


def recorded_lines() -> list[str]:
    """Return the lines of all logs."""
    return [line for path in Path("logs/ndjson").iterdir() for line in path.read_text("utf-8").splitlines()]


EXAMPLES = {kind_of(line): line for line in blocks("json")}
needs = pytest.mark.skipif


@pytest.fixture
def analysed() -> None:
    """What the page says to run first, and a test and a warning besides."""
    ithtel.datasets.google().rename("NAV").rename_axis("Date").to_csv("nav.csv")
    analyze_files([Path("nav.csv")], hurdle="mdd")
    with ithtel.start("study") as session:
        ithtel.log_hypothesis_result("h1", "mine", 1.5, 0.03, "different", context={"subject": "x"})
        session.count_loss("a test")


def test_there_is_an_example_of_every_event() -> None:
    """And of a plain message."""
    assert {"", *map(event_type, EVENTS)} == set(EXAMPLES)


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_an_example_is_what_the_schemas_say(kind: str) -> None:
    """Envelope and event; nothing in it is unknown, nothing that must be there is missing."""
    line = json.loads(EXAMPLES[kind])
    contract.validators()[contract.ENVELOPE].validate(line)
    assert set(line) <= set(Envelope.__struct_fields__)
    if kind:
        event = next(event for event in EVENTS if event_type(event) == kind)
        contract.validators()[kind].validate(line["context"])
        assert set(line["context"]) <= {"event_type", *event.__struct_fields__}
        decoded = decode_event(decode_envelope(EXAMPLES[kind].encode()).context)
        assert not isinstance(decoded, UnknownEvent)


@pytest.mark.kernel
def test_the_examples_are_of_today(tmp_path: Path) -> None:
    """`python .ci/examples.py` would write lines with the same fields."""
    script = f"import sys; sys.path.insert(0, {str(ROOT / '.ci')!r}); import examples, json, pathlib\n"
    script += "print(json.dumps(examples.example_lines(pathlib.Path(sys.argv[1]))))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    made = json.loads(done.stdout.splitlines()[-1])

    def fields(line: str) -> tuple[list[str], list[str]]:
        parsed = json.loads(line)
        return sorted(parsed.keys() - {"span_id"}), sorted(parsed["context"])

    assert {kind: fields(line) for kind, line in made.items()} == {
        kind: fields(line) for kind, line in EXAMPLES.items()
    }


def test_the_page_names_the_envelope_and_the_levels() -> None:
    """All of it."""
    for name in (*Envelope.__struct_fields__, *LEVELS):
        assert f"`{name}`" in PAGE


@pytest.mark.kernel
@needs(shutil.which("jq") is None, reason="jq is not installed (apt-get install jq)")
@pytest.mark.usefixtures("analysed")
class TestJq:
    def ask(self, number: int) -> str:
        """Run a query of the page as it is written there."""
        command = ["bash", "-euo", "pipefail", "-c", blocks("jq")[number]]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def test_the_epochs(self) -> None:
        """To the bit."""
        found = [json.loads(line) for line in self.ask(0).splitlines()]
        epochs = ithtel.read("logs/ndjson/bull_ith.jsonl").epochs()
        assert len(epochs) > 3
        assert epochs[["bar_index", "excess_gain", "excess_loss"]].to_numpy().tolist() == found

    def test_the_counts(self) -> None:
        """Of all logs."""
        counts = {kind: int(n) for n, kind in map(str.split, self.ask(1).splitlines())}
        lines = recorded_lines()
        assert len(lines) == sum(counts.values())
        assert 3 == counts["session.start"]

    def test_the_failures(self) -> None:
        """Here a loss."""
        assert "a test" in self.ask(2)

    def test_the_gaps(self) -> None:
        """There are none, until a line is taken out."""
        assert not self.ask(3)
        path = Path("logs/ndjson/bull_ith.jsonl")
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:2] + lines[3:]), "utf-8")
        assert self.ask(3).startswith("[0,1,3,")

    def test_the_results(self) -> None:
        """Of either side, with the seed."""
        found = [json.loads(line) for line in self.ask(4).splitlines()]
        assert [("bear_ith", 42), ("bull_ith", 42)] == [(row[0], row[3]) for row in found]
        assert len(ithtel.read("logs/ndjson/bull_ith.jsonl").epochs()) == found[1][1]


@pytest.mark.usefixtures("analysed")
class TestDuckDB:
    def ask(self, number: int) -> list[tuple[Any, ...]]:
        """Run a query of the page as it is written there."""
        duckdb = pytest.importorskip("duckdb")
        with duckdb.connect() as connection:
            rows: list[tuple[Any, ...]] = connection.execute(blocks("sql")[number]).fetchall()
        return rows

    def test_the_epochs(self) -> None:
        """To the bit, also while the last line is being written."""
        path = Path("logs/ndjson/bull_ith.jsonl")
        epochs = ithtel.read(path).epochs()
        with path.open("a", encoding="utf-8") as file:
            file.write('{"ts":"2026-01-')
        bull = [row[1:] for row in self.ask(0) if row[0] == "bull"]
        assert list(zip(epochs["bar_index"], epochs["excess_gain"], strict=True)) == bull

    def test_the_sessions(self) -> None:
        """With every type that they hold."""
        rows = self.ask(1)
        assert 3 == len({row[0] for row in rows})
        assert {"session.start", "epoch_detected", "hypothesis_result"} <= {row[1] for row in rows}

    def test_the_decisions(self) -> None:
        """Of every test."""
        assert [("mine", 0.03, "different")] == [(test, p, decision) for test, _, p, decision in self.ask(2)]


@pytest.mark.kernel
@needs(shutil.which("lnav") is None, reason="lnav is not installed (apt-get install lnav)")
class TestLnav:
    def lnav(self, *arguments: str) -> str:
        """Run lnav with a configuration of its own."""
        home = str(Path.cwd())
        environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": f"{home}/.config", "TERM": "xterm"}
        done = subprocess.run(["lnav", *arguments], capture_output=True, text=True, check=True, env=environment)
        return done.stdout

    @pytest.fixture(autouse=True)
    def _installed(self, analysed: None) -> None:  # noqa: ARG002
        Path("ithtel.json").write_text(lnav_format(), encoding="utf-8")
        self.lnav("-i", "ithtel.json")

    def test_the_format_is_valid(self) -> None:
        """Lnav itself says so."""
        self.lnav("-C")

    def test_every_line_is_understood(self) -> None:
        """With its level and component; the query is the page's."""
        rows = list(csv.DictReader(io.StringIO(
            self.lnav("-n", "-c", blocks("lnav")[0], "-c", ":write-csv-to -", "logs/ndjson")
        )))  # fmt: skip
        lines = [json.loads(line) for line in recorded_lines()]
        assert len(lines) == sum(int(row["n"]) for row in rows)
        n_debug = sum(line["level"] == "DEBUG" for line in lines)
        assert n_debug == sum(int(row["n"]) for row in rows if row["log_level"] == "debug")

    def test_a_line_is_short_on_the_screen(self) -> None:
        """Time, level, component, sentence."""
        first = self.lnav("-n", "logs/ndjson/study.jsonl").splitlines()[0]
        assert re.fullmatch(r"\S+ info +study +session study started \(ithtel [\d.]+\)", first)
