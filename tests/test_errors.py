"""`IthtelError` and its kinds: what they are caught as, and suggestions."""

from __future__ import annotations

import pytest

from ithtel import errors
from ithtel.errors import IthtelError, MissingNameError, did_you_mean

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, IthtelError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_caught_as_ours(kind: type[IthtelError]) -> None:
    """All but the base are also of a built-in kind."""
    builtin = [
        base for base in kind.__mro__ if base.__module__ == "builtins" and base not in (Exception, BaseException)
    ]
    assert issubclass(kind, IthtelError)
    assert kind is IthtelError or builtin != [object]


def test_a_missing_name_is_not_quoted() -> None:
    """KeyError would put its message in quotes."""
    assert "no column 'a'" == str(MissingNameError("no column 'a'"))


def test_a_near_miss_is_suggested() -> None:
    """Without regard to upper case."""
    assert " (did you mean 'bull'?)" == did_you_mean("Bul", ["bear", "bull"])


def test_a_few_choices_are_listed() -> None:
    """In alphabetical order."""
    assert " (choose from bear, bull)" == did_you_mean("sideways", ["bull", "bear"])


def test_many_choices_are_not_listed() -> None:
    """They would not fit into a line."""
    assert "" == did_you_mean("x", map(str, range(13)))
    assert "" == did_you_mean("x", [])
