"""The verbs of `%ithtel`: their arguments and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ithtel.notebook.magics.verb_table import DEFAULT, HELP, TABLE, WORDS
from sessions import run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("bogus", "no verb 'bogus'; %ithtel? lists them"),
        ("statu", "no verb 'statu' (did you mean 'status'?)"),
        ("stop now", "%ithtel stop: unexpected argument 'now'"),
        ("diff a b c", "%ithtel diff a b: unexpected argument 'c'"),
        ("doctor nowhere.jsonl", "no file or folder 'nowhere.jsonl'"),
        ("events --type epoch_detecte", "no event type 'epoch_detecte' (did you mean 'epoch_detected'?)"),
        ("start other", "already recording to logs/ndjson/notebook.jsonl; %ithtel stop ends that"),
        ("set levle=INFO", "no setting 'levle' (did you mean 'level'?)"),
        ("set level=LOUD", "'level' does not take 'LOUD' (choose from CRITICAL, DEBUG,"),
        ("set profile_rate=0", "'profile_rate' does not take '0': Expected `int` >= 1"),
        ("set level", "expected name=value, got 'level'"),
    ],
)
def test_a_mistake_is_one_line(shell: InteractiveShell, capsys: Captured, line: str, said: str) -> None:
    """The line says what is allowed."""
    run(shell, f"%ithtel {line}")
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
    assert 1 == len((captured.out + captured.err).strip().splitlines())


def test_every_verb_has_a_line_of_help() -> None:
    """One line per verb, which starts with its name."""
    assert list(TABLE) == [line.partition(": ")[0] for line in HELP.splitlines()]
    assert all(line.endswith(".") for line in HELP.splitlines())


def test_the_table_is_consistent() -> None:
    """The default and the counts of arguments refer to existing verbs."""
    assert {DEFAULT, *WORDS} <= TABLE.keys()
