"""Errors of ithtel are also errors of the kind that Python has for them."""

from __future__ import annotations

import pytest

from ithtel import errors
from ithtel.errors import IthtelError, MissingNameError, did_you_mean


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        ("InputError", ValueError),
        ("DataError", ValueError),
        ("MissingFileError", FileNotFoundError),
        ("LogError", ValueError),
        ("NoSessionError", LookupError),
        ("MissingNameError", KeyError),
        ("SettingError", ValueError),
        ("RecordingError", RuntimeError),
        ("MissingPackageError", ImportError),
    ],
)
def test_an_error_is_of_both_kinds(kind: str, builtin: type[Exception]) -> None:
    """`except IthtelError` catches it, and so does the kind that a caller would expect."""
    found = getattr(errors, kind)
    assert issubclass(found, IthtelError)
    assert issubclass(found, builtin)


def test_a_missing_name_is_not_quoted() -> None:
    """KeyError would show the message in quotes."""
    assert "no series 'a'" == str(MissingNameError("no series 'a'"))


@pytest.mark.parametrize(
    ("given", "allowed", "expected"),
    [
        ("bul", ["bull", "bear"], " (did you mean 'bull'?)"),
        ("BULL", ["bull", "bear"], " (did you mean 'bull'?)"),
        ("xyz", ["bull", "bear"], " (choose from bear, bull)"),
        ("xyz", [f"name{n}" for n in range(13)], ""),
        ("xyz", [], ""),
    ],
)
def test_a_near_miss_is_named(given: str, allowed: list[str], expected: str) -> None:
    """Otherwise the choices, if they fit into a line."""
    assert expected == did_you_mean(given, allowed)
