"""Questions of replayed cells get the recorded answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.error import StdinNotImplementedError

from ithtel.replay.kernel.answers import Answers

RECORDED = [[("name? ", "Ada"), ("age? ", "36")], [("name? ", "Grace")]]


def test_answers_come_in_order_and_by_cell() -> None:
    """A question that is asked in another order gets the answer to its own prompt."""
    answers = Answers(RECORDED)
    answers.begin(0)
    assert ["36", "Ada"] == [answers.answer("age? "), answers.answer("name? ")]
    answers.begin(1)
    assert "Grace" == answers.answer("another prompt")


def test_a_question_without_an_answer_is_named() -> None:
    """The error holds the prompt."""
    answers = Answers(RECORDED)
    answers.begin(7)
    with pytest.raises(StdinNotImplementedError, match=r"no answer to 'name\? ' was recorded"):
        answers.answer("name? ")


def test_a_kernel_asks_the_record() -> None:
    """Both for `input()` and for `getpass()`."""
    kernel: Any = SimpleNamespace()
    shell: Any = SimpleNamespace(kernel=kernel)
    answers = Answers(RECORDED)
    answers.install(shell)
    answers.begin(0)
    assert ["Ada", "36"] == [kernel.raw_input("name? "), kernel.getpass("age? ")]
