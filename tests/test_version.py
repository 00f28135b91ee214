"""The version of this package."""

from __future__ import annotations

from importlib import metadata

import ithtel
from ithtel.version import __version__


def test_the_version_is_that_of_the_installed_package() -> None:
    """`ithtel.__version__` is the same."""
    assert (metadata.version("ithtel"), __version__) == (__version__, ithtel.__version__)
