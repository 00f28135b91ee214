"""Strings in a cell that may name a file."""

from __future__ import annotations

import ast

import pytest

from ithtel.provenance.cell_text.literals import Literals


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("folder / 'a.csv'", "data/a.csv"),
        ("Path(folder, 'a.csv')", "data/a.csv"),
        ("os.path.join(folder, 'a.csv')", "data/a.csv"),
        ("f'{folder}/a.csv'", "data/a.csv"),
        ("folder + '.csv'", "data.csv"),
        ("unknown / 'a.csv'", None),
        ("folder - 'x'", None),
    ],
)
def test_a_path_is_composed_of_known_strings(expression: str, expected: str | None) -> None:
    """None if a part is unknown."""
    literals = Literals()
    literals.assign("folder", ast.Constant("data"))
    assert expected == literals.text_of(ast.parse(expression, mode="eval").body)


def test_a_name_that_is_assigned_anew_is_forgotten() -> None:
    """It no longer holds a string."""
    literals = Literals()
    literals.assign("folder", ast.Constant("data"))
    literals.assign("folder", ast.Constant(7))
    assert literals.text_of(ast.Name("folder")) is None


def test_quoted_text_and_words_of_commands_count() -> None:
    """As in SQL and after `!`; options do not."""
    literals = Literals()
    literals.add("SELECT * FROM 'a.parquet'")
    literals.add_words("cat -n b.txt")
    assert ["SELECT * FROM 'a.parquet'", "a.parquet", "b.txt", "cat"] == literals.paths()


def test_text_that_cannot_be_a_name_is_left_out() -> None:
    """Empty, too long, or with control characters."""
    literals = Literals()
    for text in ("", "x" * 1_001, "a\nb", "ok.csv"):
        literals.add(text)
    assert ["ok.csv"] == literals.paths()
