"""`zstandard`: the Zstandard module, Python's own from 3.14 on, `backports.zstd` before."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_MODULES = ("compression.zstd", "backports.zstd")


def zstandard() -> ModuleType | None:
    """Return the module with `ZstdFile` and `ZstdError`, None if none is installed."""
    for name in _MODULES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None
