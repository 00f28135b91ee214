"""The verbs that read logs: what is printed and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ithtel
from ithtel.events import Note

if TYPE_CHECKING:
    from commandline import Call

CSV = "Date,NAV\n2024-01-02,100\n2024-01-03,106\n2024-01-04,100\n2024-01-05,113\n"


@pytest.fixture
def nav() -> Path:
    """A small NAV file."""
    Path("fund.csv").write_text(CSV, encoding="utf-8")
    return Path("fund.csv")


def test_events_are_listed_filtered_and_counted(call: Call, nav: Path) -> None:
    """Events are filtered by type, or counted."""
    call("analyze", str(nav), "--side", "bull", "--hurdle", "0.05")
    log = "logs/ndjson/bull_ith.jsonl"
    assert "algorithm.init" in call("events", log).out
    assert {"epoch_detected"} == {
        row["event_type"] for row in json.loads(call("events", log, "--type", "epoch_detected", "--format", "json").out)
    }
    counted = json.loads(call("events", log, "--summary", "--format", "json").out)
    assert {"event_type": "data.load", "n_lines": 1}.items() <= next(
        row for row in counted if row["event_type"] == "data.load"
    ).items()


def test_a_type_of_events_that_is_none_is_a_mistake(call: Call, nav: Path) -> None:
    """Types that the log contains or that this version knows are accepted."""
    assert 0 == call("analyze", str(nav), "--hurdle", "0.05").code
    log = "logs/ndjson/bull_ith.jsonl"
    assert 0 == call("events", log, "--type", "cell.start").code
    done = call("events", log, "--type", "epoch_detectd")
    assert (2, "ithtel: no event type 'epoch_detectd' (did you mean 'epoch_detected'?)\n") == (done.code, done.err)


def test_a_torn_line_is_reported_and_the_rest_is_read(call: Call, nav: Path) -> None:
    """The problem goes to standard error, with file and line."""
    call("analyze", str(nav), "--side", "bull", "--hurdle", "0.05")
    log = Path("logs/ndjson/bull_ith.jsonl")
    log.write_bytes(log.read_bytes() + b'{"ts": "2026')
    done = call("epochs", str(log))
    assert "bull_ith.jsonl" in done.err
    assert "2024-01-03" in done.out


@pytest.mark.slow
@pytest.mark.parametrize("name", ["picture.png", "picture.svg"])
def test_a_timeline_is_drawn_the_same_twice(call: Call, nav: Path, name: str) -> None:
    """Both files have the same bytes; without -o the timeline is printed as text."""
    call("analyze", str(nav), "--side", "bull", "--hurdle", "0.05")
    assert f"drawn in {name}" in call("timeline", "logs", "-o", name).out
    first = Path(name).read_bytes()
    call("timeline", "logs", "-o", name)
    assert first == Path(name).read_bytes()
    assert "fund" in call("timeline", "logs").out


@pytest.mark.parametrize(
    "arguments", [("timeline", "{}", "-o", "no/such/folder.svg"), ("audit", "{}", "-o", "no/x.svg")]
)
def test_a_file_that_cannot_be_written_is_one_line(call: Call, nav: Path, arguments: tuple[str, ...]) -> None:
    """The line names the file, and the exit code is 2."""
    assert 0 == call("analyze", str(nav), "--hurdle", "0.05").code
    done = call(*(each.format("logs/ndjson/bull_ith.jsonl") for each in arguments))
    assert 2 == done.code
    assert f"ithtel: '{arguments[-1]}': No such file or directory\n" == done.err


@pytest.fixture
def log() -> str:
    """A log of one session with three notes."""
    with ithtel.start("study", git=False, loguru=False) as session:
        for text in ("one", "two", "three"):
            session.emit(Note(text=text))
    return "logs/ndjson/study.jsonl"


def test_a_log_is_verified(call: Call, log: str) -> None:
    """Exit code 0 if it is intact, 1 if a line was changed."""
    assert 0 == call("verify", log).code
    path = Path(log)
    path.write_text(path.read_text(encoding="utf-8").replace('"two"', '"twi"'), encoding="utf-8")
    assert 1 == call("verify", log).code


def test_a_log_is_validated(call: Call, log: str) -> None:
    """Exit code 1 if a line does not match the schemas; the line is named."""
    n_lines = len(Path(log).read_text(encoding="utf-8").splitlines())
    assert (0, f"{n_lines} lines, 0 problems\n") == call("validate", log)[:2]
    with Path(log).open("a", encoding="utf-8") as file:
        file.write("{}\n")
    done = call("validate", log)
    assert (1, True) == (done.code, done.out.endswith("1 problem\n"))
    assert "study.jsonl" in done.err


def test_the_tail_is_the_last_lines(call: Call, log: str) -> None:
    """One event per line."""
    lines = call("tail", log, "-n", "3").out.splitlines()
    assert 3 == len(lines)
    assert lines == call("tail", "logs", "-n", "9").out.splitlines()[-3:]


def test_the_format_of_lnav_is_json(call: Call) -> None:
    """Printed as it is to be written to a file."""
    assert json.loads(call("lnav-format").out)
