"""The command line: what is printed, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

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


def test_the_demo_prints_records_and_draws(call: Call) -> None:
    """A table of the epochs and the fitness, the log, the picture, and where they are."""
    done = call("demo")
    assert 0 == done.code
    for said in ("GOOG", "2004-10-22", "0.718457", "qualified", "logs/ndjson/demo.jsonl", "artifacts/demo.png"):
        assert said in done.out
    log_file = "logs/ndjson/demo.jsonl"
    assert f"recorded in {log_file} (try: ithtel events {log_file})\n" in done.out
    assert b"\x89PNG" == Path("artifacts/demo.png").read_bytes()[:4]
    assert "*\n" == Path("artifacts/.gitignore").read_text()
    log = ithtel.read("logs/ndjson/demo.jsonl")
    assert [] == log.problems
    assert 4 == len(log.epochs())


def test_the_same_seed_prints_the_same(call: Call) -> None:
    """Run twice: identical standard output."""
    arguments = ("analyze", "--synthetic", "3000", "--seed", "42", "--verbose", "--hurdle", "0.05")
    first, second = call(*arguments), call(*arguments)
    assert first.out == second.out
    assert first.out != call(*arguments[:3], "--seed", "43", *arguments[5:]).out


def test_each_side_has_a_log_of_its_own(call: Call, nav: Path) -> None:
    """Seed, data, algorithm, epochs, result in each; one experiment."""
    assert 0 == call("analyze", str(nav), "--side", "both", "--hurdle", "0.05").code
    traces = set()
    for side in ("bull", "bear"):
        log = ithtel.read(f"logs/ndjson/{side}_ith.jsonl")
        kinds = [record.event_type for record in log]
        for kind in ("session.start", "seed.set", "data.load", "algorithm.init", "algorithm.result", "session.end"):
            assert 1 == kinds.count(kind), (side, kind)
        traces |= {record.envelope.trace_id for record in log}
    assert 1 == len(traces)


def test_json_and_csv_have_full_precision(call: Call, nav: Path) -> None:
    """Numbers come back to the bit."""
    found = ithtel.analyze(ithtel.load_nav(nav), side="bull", hurdle=0.05).bull
    rows = json.loads(call("analyze", str(nav), "--side", "bull", "--hurdle", "0.05", "--format", "json").out)
    assert found.intervals_cv == rows[0]["intervals_cv"]
    epochs = json.loads(call("epochs", "logs/ndjson/bull_ith.jsonl", "--format", "json").out)
    assert found.epochs["excess_gain"].tolist() == [row["excess_gain"] for row in epochs]
    table = list(csv.DictReader(io.StringIO(call("epochs", "logs", "--format", "csv").out)))
    assert found.epochs["excess_gain"].tolist() == [float(row["excess_gain"]) for row in table]


def test_one_bad_file_does_not_stop_the_rest(call: Call, nav: Path) -> None:
    """The others are analysed, the bad one is named, the exit code says so."""
    Path("bad.csv").write_text("Date,NAV\n2024-01-02,0\n", encoding="utf-8")
    done = call("analyze", "bad.csv", str(nav), "missing.csv")
    assert 2 == done.code
    assert "fund" in done.out
    assert 2 == len(done.err.strip().splitlines())
    assert "ithtel: bad.csv, line 2: the NAV is 0.0" in done.err
    assert "ithtel: no file 'missing.csv'" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyze", "fund.csv", "--hurdle", "mmd"], "no hurdle 'mmd' (did you mean 'mdd'?)"),
        (["analyze"], "give either files or --synthetic N"),
        (["analyze", "fund.csv", "--synthetic", "5"], "give either files or --synthetic N"),
        (["analyze", "--synthetic", "1"], "at least 2 bars"),
        (["analyze", "fund.csv", "--side", "up"], "'up' is not one of"),
        (["analyze", "fund.csv", "--seed", "-1"], "-1"),
        (["events", "nothing.jsonl"], "nothing.jsonl"),
        (["epochs", "fund.csv"], "fund.csv"),
        (["timeline", "logs/ndjson/bull_ith.jsonl", "-o", "a.gif"], "expected a .png or .svg file"),
        (["timeline", "logs/ndjson/bull_ith.jsonl", "--theme", "pink"], "pink"),
        (["bogus"], "No such command 'bogus'"),
    ],
)
def test_a_mistake_is_exit_code_2(call: Call, nav: Path, arguments: list[str], said: str) -> None:
    """On standard error, with what is allowed; no traceback."""
    call("analyze", str(nav), "--hurdle", "0.05")
    done = call(*arguments)
    assert 2 == done.code
    assert said in done.err
    assert "Traceback" not in done.err


def test_events_are_listed_filtered_and_counted(call: Call, nav: Path) -> None:
    """By type, or counted."""
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
    """One that the log has, or that this version knows, may be asked for."""
    assert 0 == call("analyze", str(nav), "--hurdle", "0.05").code
    log = "logs/ndjson/bull_ith.jsonl"
    assert 0 == call("events", log, "--type", "cell.start").code
    done = call("events", log, "--type", "epoch_detectd")
    assert (2, "ithtel: no event type 'epoch_detectd' (did you mean 'epoch_detected'?)\n") == (done.code, done.err)


def test_a_torn_line_is_reported_and_the_rest_is_read(call: Call, nav: Path) -> None:
    """On standard error, with file and line."""
    call("analyze", str(nav), "--side", "bull", "--hurdle", "0.05")
    log = Path("logs/ndjson/bull_ith.jsonl")
    log.write_bytes(log.read_bytes() + b'{"ts": "2026')
    done = call("epochs", str(log))
    assert "bull_ith.jsonl" in done.err
    assert "2024-01-03" in done.out


@pytest.mark.slow
@pytest.mark.parametrize("name", ["picture.png", "picture.svg"])
def test_a_timeline_is_drawn_the_same_twice(call: Call, nav: Path, name: str) -> None:
    """The same bytes, and text without -o."""
    call("analyze", str(nav), "--side", "bull", "--hurdle", "0.05")
    assert f"drawn in {name}" in call("timeline", "logs", "-o", name).out
    first = Path(name).read_bytes()
    call("timeline", "logs", "-o", name)
    assert first == Path(name).read_bytes()
    assert "fund" in call("timeline", "logs").out


@pytest.mark.slow
def test_schemas_are_printed_written_and_checked(call: Call) -> None:
    """Exit code 1 where they differ."""
    assert "ith-epoch-event" in json.loads(call("schemas").out)
    assert 0 == call("schemas", "--write").code
    assert 0 == call("schemas", "--check").code
    Path("schemas/note.json").unlink()
    done = call("schemas", "--check")
    assert (1, "schemas/note.json differs: run ithtel schemas --write\n") == (done.code, done.out)


def test_a_folder_that_cannot_be_written_is_said(call: Call, nav: Path) -> None:
    """The analysis is done all the same."""
    Path("logs").write_text("in the way")
    done = call("analyze", str(nav), "--hurdle", "0.05")
    assert 0 == done.code
    assert 1 == done.err.count("cannot write to logs")


@pytest.mark.kernel
def test_a_shell_completes_verbs_and_options() -> None:
    """What bash asks for is answered."""

    def completed(words: str, at: int) -> list[str]:
        asked = {"_ITHTEL_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(at)}
        command = [str(Path(sys.executable).with_name("ithtel"))]
        return subprocess.run(
            command, env={**os.environ, **asked}, capture_output=True, text=True, check=True
        ).stdout.split()

    assert ["verify"] == completed("ithtel ver", 1)
    assert ["--summary"] == completed("ithtel events --su", 2)


@pytest.mark.kernel
def test_the_module_is_the_command() -> None:
    """`python -m ithtel --version`."""
    done = subprocess.run([sys.executable, "-m", "ithtel", "--version"], capture_output=True, text=True, check=True)
    assert f"ithtel {ithtel.__version__}\n" == done.stdout


def run(*arguments: str, stdout: int | IO[bytes] = subprocess.PIPE, **environment: str) -> tuple[int, bytes, str]:
    """Run `ithtel` as a process; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "ithtel", *arguments],
        stdout=stdout, stderr=subprocess.PIPE, env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout or b"", done.stderr.decode()


@pytest.mark.kernel
@pytest.mark.parametrize("verb", ["schemas", "profiles"])
def test_a_reader_that_has_enough_is_no_error(verb: str) -> None:
    """`ithtel … | true`: no traceback; it ends as SIGPIPE ends others, since 1 would be a verdict."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as pipe:  # noqa: PTH123 - a descriptor
        code, _, err = run(verb, stdout=pipe)
    assert (141, "") == (code, err)


@pytest.mark.kernel
def test_what_an_encoding_lacks_is_escaped(call: Call, nav: Path) -> None:
    """On a terminal that is not of UTF-8; no traceback."""
    assert 0 == call("analyze", str(nav), "--hurdle", "0.05").code
    session = ithtel.start("arrows", git=False, loguru=False)
    session.emit(Note(text="a → b"))
    session.close()
    code, out, err = run("tail", "logs/ndjson/arrows.jsonl", PYTHONIOENCODING="latin-1")
    assert (0, "") == (code, err)
    assert rb"a \u2192 b" in out


@pytest.mark.kernel
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_output_that_cannot_be_written_is_one_line() -> None:
    """A full disk is an error, exit code 2."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        code, _, err = run("schemas", stdout=full)
    assert (2, "ithtel: No space left on device\n") == (code, err)


@pytest.mark.parametrize(
    "arguments", [("timeline", "{}", "-o", "no/such/folder.svg"), ("audit", "{}", "-o", "no/x.svg")]
)
def test_a_file_that_cannot_be_written_is_one_line(call: Call, nav: Path, arguments: tuple[str, ...]) -> None:
    """With its name, exit code 2."""
    assert 0 == call("analyze", str(nav), "--hurdle", "0.05").code
    done = call(*(each.format("logs/ndjson/bull_ith.jsonl") for each in arguments))
    assert 2 == done.code
    assert f"ithtel: '{arguments[-1]}': No such file or directory\n" == done.err
