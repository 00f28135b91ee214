"""The verbs that compare and replay sessions: exit codes, confirmation, formats of a verdict."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from factories import Writer

if TYPE_CHECKING:
    from commandline import Call


def write(name: str, *cells: str) -> str:
    """Write a log of one session, and return its name."""
    writer = Writer().start()
    for source in cells:
        writer.cell(source, writes=["x"])
    writer.end().write(Path(name))
    return name


@pytest.fixture
def logs() -> tuple[str, str]:
    """Two logs that depart in their second cell."""
    return write("a.jsonl", "y = 0", "x = 1"), write("b.jsonl", "y = 0", "x = 2")


def test_the_exit_code_of_diff_is_the_verdict(call: Call, logs: tuple[str, str]) -> None:
    """0 identical, 1 departs, 2 cannot."""
    assert [0, 1, 2] == [call("diff", logs[0], other).code for other in (logs[0], logs[1], "missing.jsonl")]


def test_a_verdict_is_written_in_the_format_of_its_suffix(call: Call, logs: tuple[str, str]) -> None:
    """JSON, HTML, otherwise text."""
    for name in ("verdict.json", "verdict.html", "verdict.txt"):
        assert f"written to {name}\n" == call("diff", *logs, "-o", name).out
    assert "departs" == json.loads(Path("verdict.json").read_text(encoding="utf-8"))["verdict"]["outcome"]
    assert "<!DOCTYPE html>" in Path("verdict.html").read_text(encoding="utf-8")
    assert Path("verdict.txt").read_text(encoding="utf-8").startswith("departs at cell")


def test_a_replay_is_confirmed_first(call: Call, logs: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an answer, nothing runs."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    done = call("replay", logs[0], "--unverified")
    assert (2, "ithtel: not confirmed: pass --yes to run without asking") == (done.code, done.err.splitlines()[-1])


def test_a_notebook_is_rebuilt_without_running(call: Call, logs: tuple[str, str]) -> None:
    """`--no-run --to`."""
    assert 0 == call("replay", logs[0], "--unverified", "--no-run", "--to", "rebuilt.ipynb").code
    sources = ["".join(cell["source"]) for cell in json.loads(Path("rebuilt.ipynb").read_text())["cells"]]
    assert {"y = 0", "x = 1"} <= set(sources)


def test_an_unknown_file_was_not_recorded(call: Call) -> None:
    """A negative answer, not an error."""
    Path("logs/ndjson").mkdir(parents=True)
    write("logs/ndjson/a.jsonl", "x = 1")
    Path("foreign.csv").write_text("a\n")
    assert (1, "not recorded\n") == call("whence", "foreign.csv")[:2]


def test_a_seed_plan_says_when_nothing_is_left(call: Call, logs: tuple[str, str]) -> None:
    """A copy needs both the notebook and its name."""
    assert "seed plan of notebook: nothing is left to seed\n" == call("seed-plan", logs[0]).out
    assert 2 == call("seed-plan", logs[0], "--write", "n.ipynb").code
