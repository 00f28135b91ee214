"""The sentences of answers from outside."""

from __future__ import annotations

from ithtel.events import HttpAnswer, InputAnswer


def test_the_sentence_of_an_answer_names_the_question() -> None:
    """And never the answer."""
    assert "answered 'name? '" == InputAnswer(execution_count=1, prompt="name? ", answer="Ada").sentence()
    assert "answered a question" == InputAnswer(execution_count=1, prompt="", answer="Ada").sentence()


def test_the_sentence_of_an_exchange_names_the_request() -> None:
    """With the status."""
    event = HttpAnswer(execution_count=1, method="GET", url="http://a.org/x", status=200, size_bytes=3, sha256="0" * 64)
    assert "GET http://a.org/x answered 200" == event.sentence()
