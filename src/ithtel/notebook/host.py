"""`notebook_path`, `session_name`: which notebook this is, as far as the host of the kernel tells us."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from ithtel.events.format.files import safe_name

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_NAME = "notebook"


def notebook_path(namespace: Mapping[str, object], environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the notebook's file, None if the host does not provide it.

    VS Code puts it into the namespace, Jupyter's server and papermill into the environment; nbclient, nbconvert
    and nbval do not provide it.
    """
    for given in (
        namespace.get("__vsc_ipynb_file__"),
        environ.get("PAPERMILL_OUTPUT_PATH"),
        environ.get("JPY_SESSION_NAME"),
    ):
        if isinstance(given, str) and given.endswith(".ipynb"):
            return given
    return None


def session_name(path: str | None) -> str:
    """Return the name of the session for the notebook at `path`.

    >>> session_name("research/01 quickstart.ipynb")
    '01_quickstart'
    """
    return DEFAULT_NAME if path is None else safe_name(PurePath(path).stem)
