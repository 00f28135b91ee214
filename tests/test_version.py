"""The version of the package is the same everywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path

import ithtel
from ithtel.version import __version__


def test_the_version_is_that_of_the_project() -> None:
    """Of the package, the public name and pyproject.toml."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__ == ithtel.__version__
