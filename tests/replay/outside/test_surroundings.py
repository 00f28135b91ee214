"""What a replay gives to its cells from outside: times and answers, in real kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from ithtel.cli import app
from ithtel.commands.replay.replay import replay
from ithtel.provenance.wall_clock import wall_clock
from ithtel.reading.history.values import Answer, Execution
from ithtel.reading.lines.log import Log
from ithtel.replay.outside.surroundings import answers_of, questions, starts_of
from kernels import LOG, PATIENCE, Kernel, record
from sessions import recorded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ithtel.replay.outside.surroundings import Question

ANSWERS = {"name? ": "Ada", "Password: ": "correct-horse", "token: ": "battery-staple"}


def asking(cells: Sequence[str]) -> Path:
    """Record cells whose questions a person answers, and return the log."""
    kernel = Kernel()

    def answer(message: dict[str, Any]) -> None:
        kernel.client.input(ANSWERS[message["content"]["prompt"]])

    try:
        for cell in cells:
            kernel.client.execute_interactive(
                cell, allow_stdin=True, stdin_hook=answer, timeout=PATIENCE, output_hook=lambda _: None
            )
    finally:
        kernel.stop()
    return LOG


@pytest.mark.kernel
def test_answers_are_recorded_and_given_back() -> None:
    """A replay without a terminal asks nobody."""
    log = asking(["name = input('name? ')", "length = len(name)"])
    assert [("name? ", "Ada")] == [(each["prompt"], each["answer"]) for each in recorded("input.answer")]
    assert [] == recorded("hazard")
    found = replay(log)
    assert ("identical", None) == (found.outcome, found.failure)
    assert "will ask 'name?', answered from the record" in found.plan.text()
    assert found.log is not None
    assert ["Ada"] == [each.event.answer for each in found.log if type(each.event).__name__ == "InputAnswer"]


@pytest.mark.kernel
def test_secrets_are_not_kept_and_asked_for_before_anything_runs() -> None:
    """A password and an answer to a prompt for a token; without a terminal the replay cannot be done."""
    cells = [
        "import getpass\nword = getpass.getpass('Password: ')",
        "other = input('token: ')",
        "n = len(word) + len(other)",
    ]
    log = asking(cells)
    assert "correct-horse" not in log.read_text(encoding="utf-8")
    assert "battery-staple" not in log.read_text(encoding="utf-8")
    result = CliRunner().invoke(app, ["replay", str(log), "--yes"])
    assert 2 == result.exit_code
    assert "asked 'Password: ', and the answer was not kept: replay in a terminal" in result.output
    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        return ANSWERS[question.prompt]

    found = replay(log, ask=ask)
    assert ["Password: ", "token: "] == [each.prompt for each in asked]
    assert found.failure is None
    assert found.log is not None


@pytest.mark.kernel
def test_the_clock_begins_at_the_recorded_time(tmp_path: Path) -> None:
    """In the standard library, pandas and NumPy; the lines of the replay bear the time at which they were written."""
    cells = [
        "%load_ext ithtel", "import datetime as dt, numpy as np, pandas as pd, time",
        "print(time.time(), dt.datetime.now(dt.UTC).timestamp(), pd.Timestamp.now('UTC').timestamp())",
        "print(np.datetime64('now').astype('int64'))",
    ]  # fmt: skip
    log = record(cells, tmp_path)
    began = wall_clock.time_ns() / 1e9
    moved = tmp_path / "moved.jsonl"
    moved.write_text(log.read_text(encoding="utf-8").replace('"ts":"20', '"ts":"19'), encoding="utf-8")
    found = replay(moved, clock=True, unverified=True, folder=tmp_path)
    assert found.failure is None
    shown = " ".join(cell.outputs[0].text for cell in found.notebook.cells[-2:]).split()
    assert [True] * 4 == [float(each) < 1e9 for each in shown]
    assert found.log is not None
    first = next(iter(found.log)).envelope.ts
    assert not first.startswith("19")
    assert began > 1e9


def test_an_answer_that_was_not_kept_is_a_question() -> None:
    """Also one in which a secret was replaced."""
    answers = [Answer(prompt="a"), Answer(prompt="b", text="x [redacted:env:00ff] y"), Answer(prompt="c", text="z")]
    cells = [Execution(place=1, count=3, answers=answers)]
    assert ["a", "b"] == [each.prompt for each in questions(cells)]
    assert "cell [3] asked 'a', and the answer was not kept" in questions(cells)[0].obstacle()
    assert [[("a", "A"), ("b", "B"), ("c", "z")]] == answers_of(cells, lambda question: question.prompt.upper())
    assert [[("c", "z")]] == answers_of(cells, None)


def test_a_log_without_cells_has_no_starts() -> None:
    """A cell that has no line has no start."""
    assert [None] == starts_of(Log.from_lines([]), [Execution(place=1)])
