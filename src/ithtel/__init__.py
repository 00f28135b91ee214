"""ithtel records a notebook session as NDJSON, draws it, and can run it again.

In a notebook: `%load_ext ithtel`. In a script: `ithtel.start("name")`. Start with `ithtel.analyze`.
The public names are listed in `__init__.pyi`; each is imported when it is first used, so `import ithtel` loads little.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from ithtel.lazy_names import attach_names
from ithtel.version import __version__ as __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__getattr__, __dir__, __all__ = attach_names(__name__, __file__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Start recording the cells of `shell`: `%load_ext ithtel`."""
    collects = gc.isenabled()
    gc.disable()  # with pandas loaded, collecting all garbage in the midst of the import doubles its 43 ms
    try:
        from ithtel.notebook import extension
    finally:
        if collects:
            gc.enable()

    extension.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Stop recording, and remove from `shell` everything that was added: `%unload_ext ithtel`."""
    from ithtel.notebook import extension

    extension.unload(shell)
