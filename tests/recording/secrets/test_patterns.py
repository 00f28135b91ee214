"""The forms of secrets: each expression has its mark, and names are recognised."""

from __future__ import annotations

import pytest

from ithtel.recording.secrets.patterns import SHAPES, assignments, says_secret, shape


@pytest.mark.parametrize(("kind", "mark", "expression"), SHAPES)
def test_an_expression_compiles_and_needs_its_mark(kind: str, mark: str, expression: str) -> None:
    """It is compiled once, and matches nothing that lacks the mark."""
    assert shape(expression) is shape(expression)
    assert kind
    assert shape(expression).search("plain text, 12345678") is None
    assert mark


@pytest.mark.parametrize(
    ("text", "is_source", "values"),
    [
        ("api_key = 'abcdefgh'", True, ["abcdefgh"]),
        ("os.environ.setdefault('API_KEY', 'abcdefgh')", True, ["abcdefgh"]),
        ("%env API_TOKEN=abcdefgh", True, ["abcdefgh"]),
        ("GET /x?token=abcdefgh1&a=1", False, ["abcdefgh1"]),
        ("password=abcdefgh1", True, []),
        ("n_tokens = 12", True, []),
    ],
)
def test_values_of_secret_names_are_found(text: str, is_source: bool, values: list[str]) -> None:
    """Quoted, as a call, as a magic, in an address; an expression in source is not a value."""
    assert values == [text[start:end] for start, end in assignments(text, is_source=is_source)]


@pytest.mark.parametrize(
    ("name", "expected"), [("AWS_SECRET", True), ("GH_PAT", True), ("PATH", False), ("PWD", False)]
)
def test_a_variable_that_holds_a_secret_is_known_by_its_name(name: str, expected: bool) -> None:
    """By whole words, so that PATH is not a PAT."""
    assert expected is says_secret(name)
