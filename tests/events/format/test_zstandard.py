"""Zstandard is found where a package has it."""

from __future__ import annotations

import sys

import pytest

from ithtel.events.format.zstandard import zstandard


def test_what_is_compressed_comes_back() -> None:
    """By the module that was found."""
    module = zstandard()
    if module is None:
        pytest.skip("no package has it here")
    assert b"abc" == module.decompress(module.compress(b"abc"))


def test_without_any_package_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not an error."""
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    assert zstandard() is None
