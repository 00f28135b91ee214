"""`ithtel lineage` and `ithtel doctor` for someone who has only the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import ithtel
from factories import SHA, Writer, seed_set
from ithtel import events as ev
from sessions import LOG, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from commandline import Call

COMMIT = "c0ffee" + "0" * 34


@pytest.fixture
def log() -> str:
    """A session from another machine, whose folder is not here."""
    writer = Writer().start(cwd="/nowhere/study")
    writer.emit(ev.GitState(sha=COMMIT, branch="main", is_dirty=True, diff_sha256=SHA))
    writer.cell("rng = %seed 42", seed_set(), writes=["rng"])
    read = ev.FileRead(path="/nowhere/study/nav.csv", sha256=SHA, size_bytes=1, mtime_ns=1)
    module = ev.ModuleLoaded(name="signals", path="/nowhere/study/signals.py", sha256=SHA)
    writer.cell("import signals\nnav = signals.load('nav.csv')", read, module, writes=["nav", "signals"])
    found = ev.ObjectFingerprint(name="result", fingerprint=f"fp1:sha256:{SHA}", type="float")
    writer.cell("result = nav.mean() + rng.normal()", found, reads=["nav", "rng"], writes=["result"])
    clock = ev.Hazard(kind="clock", detail="datetime.now(): another run …", names=["day"], execution_count=4)
    writer.cell("day = datetime.now()", clock, writes=["day"])
    return str(writer.end().write(Path("logs/ndjson/notebook.jsonl")))


def test_which_data_which_seed_which_code(log: str, call: Call) -> None:
    """All three are shown with full digests, without the session's process or files."""
    done = call("lineage", log, "result")
    assert 0 == done.code
    assert (
        "result float · made by [3]\n"
        "  [1] rng = %seed 42                                        → rng\n"
        "      seed 42\n"
        "  [2] nav = signals.load('nav.csv')                         → nav\n"
        "      reads nav.csv\n"
        "  [3] result = nav.mean() + rng.normal()                    nav, rng → result\n"
        f"fingerprint fp1:sha256:{SHA}\n"
        f"data    nav.csv {SHA}\n"
        "seed    42\n"
        f"module  signals.py {SHA}\n"
        f"commit  {COMMIT} with uncommitted changes {SHA}\n"
    ) == done.out


def test_the_lineage_as_json(log: str, call: Call) -> None:
    """JSON lists the steps and what they depend on."""
    found = json.loads(call("lineage", log, "result", "--format", "json").out)
    assert ["[1]", "[2]", "[3]"] == [step["label"] for step in found["steps"]]
    assert {"nav.csv": SHA} == found["basis"]["data"]
    assert [42] == found["basis"]["seeds"]


def test_the_graph_in_a_file(log: str, call: Call) -> None:
    """The file is the same each time; another suffix is an error."""
    assert "drawn in a.svg" in call("lineage", log, "result", "--graph", "a.svg").out
    call("lineage", log, "result", "--graph", "b.svg")
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()
    assert "svg" in ET.parse("a.svg").getroot().tag  # noqa: S314 - our own
    done = call("lineage", log, "result", "--graph", "a.png")
    assert (2, True) == (done.code, "expected a .svg file" in done.err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["result2"], "no recorded cell made 'result2' (did you mean 'result'?)"),
        (["result", "--theme", "dim"], "dim"),
    ],
)
def test_what_cannot_be_answered_is_one_line(log: str, call: Call, arguments: list[str], said: str) -> None:
    """The exit code is 2."""
    done = call("lineage", log, *arguments)
    assert (2, 1) == (done.code, len(done.err.splitlines()))
    assert said in done.err


def test_a_value_that_nobody_made_is_a_negative_answer(call: Call) -> None:
    """The exit code is 1."""
    writer = Writer().start().cell("y = given", reads=["given"], writes=["y"])
    done = call("lineage", str(writer.write(Path("a.jsonl"))), "given")
    assert (1, True) == (done.code, done.out.startswith("given · made by no recorded cell\n"))


def test_no_such_log(call: Call) -> None:
    """A missing log is one line with exit code 2."""
    for verb in (["lineage", "logs/no.jsonl", "x"], ["doctor", "logs/no.jsonl"]):
        done = call(*verb)
        assert (2, 1) == (done.code, len(done.err.splitlines()))


def test_the_doctor_of_a_log(log: str, call: Call) -> None:
    """It reports what was recorded then; missing files are not hazards, and nothing is written."""
    before = Path(log).read_bytes()
    done = call("doctor", log)
    assert 1 == done.code
    assert (
        "1 threat to reproduction found in 4 cells (their files are not here and were not checked):\n"
        "  clock [4]: datetime.now(): another run …\n"
    ) == done.out.partition("      →")[0]
    assert before == Path(log).read_bytes()


def test_git_is_told_on_request(log: str, call: Call) -> None:
    """`--git` reports the state of git that the log recorded."""
    assert "uncommitted" not in call("doctor", log).out
    assert "uncommitted: there were uncommitted changes" in call("doctor", log, "--git").out
    found = json.loads(call("doctor", log, "--git", "--format", "json").out)
    assert ["clock", "uncommitted"] == [finding["kind"] for finding in found["findings"]]


def test_a_sound_log(call: Call) -> None:
    """The exit code is 0."""
    writer = Writer().start().cell("x = 1", writes=["x"]).end()
    done = call("doctor", str(writer.write(Path("a.jsonl"))))
    assert (0, True) == (done.code, "no threat to reproduction" in done.out)


def test_files_that_are_here_are_looked_at(shell: InteractiveShell, call: Call) -> None:
    """Files in the session's folder are compared with the log."""
    Path("d.csv").write_text("1")
    run(shell, "import pathlib\ntext = pathlib.Path('d.csv').read_text()")
    ithtel.stop()
    assert 0 == call("doctor", str(LOG)).code
    Path("d.csv").write_text("2")
    done = call("doctor", str(LOG))
    assert (1, True) == (done.code, "changed_file: d.csv has changed since the cells used it" in done.out)


def test_an_earlier_session(log: str, call: Call) -> None:
    """`LOG@-2`."""
    later = Writer(session_id="sess_20260125_150000_000000").start().cell("x = 1", writes=["x"]).end()
    with Path(log).open("ab") as file:
        file.write(b"".join(line + b"\n" for line in later.lines))
    assert 2 == call("lineage", log, "result").code
    assert 0 == call("lineage", f"{log}@-2", "result").code
