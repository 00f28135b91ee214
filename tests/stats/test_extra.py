"""Packages of the extra `stats`."""

from __future__ import annotations

import math
import sys

import pytest

from ithtel.errors import MissingPackageError
from ithtel.stats.extra import require


def test_a_module_is_imported() -> None:
    """And returned."""
    assert math is require("math")


def test_a_missing_package_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command."""
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    with pytest.raises(MissingPackageError, match=r"needs statsmodels, .* pip install 'ithtel\[stats\]'"):
        require("statsmodels")
