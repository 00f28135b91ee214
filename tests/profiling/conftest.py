"""Machines that the tests of profiles run on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def _no_pyspy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without py-spy."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
