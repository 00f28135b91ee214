"""`require`: import a package of the extra `stats` when a test first needs it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ithtel.errors import MissingPackageError

if TYPE_CHECKING:
    from types import ModuleType


def require(module: str) -> ModuleType:
    """Import `module` and return it.

    Raises:
        MissingPackageError: Its package is not installed.

    >>> require("math").sqrt(4.0)
    2.0
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise MissingPackageError(
            f"this test needs {package}, which is not installed: pip install 'ithtel[stats]'"
        ) from error
