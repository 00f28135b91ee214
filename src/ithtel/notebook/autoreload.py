"""`Autoreload`: which modules `%autoreload` reloads by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class Autoreload:
    """Reads the state of IPython's autoreload extension, which has no public way to ask; unknown means not reloaded."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._known: Any = None

    def note(self) -> None:
        """Remember, after a cell, which reloader there is: a new one takes files as they are, without loading them."""
        self._known = self._reloader()

    def reloads(self, name: str, path: str) -> bool:
        """Return whether the present text of a module's file has been loaded, or will be before the next cell."""
        reloader: Any = self._reloader()
        if reloader is None:
            return False
        try:
            modified = Path(path).stat().st_mtime
            if name in reloader.skip_modules or reloader.failed.get(path) == modified:
                return False
            is_automatic = reloader.enabled and (reloader.check_all or name in reloader.modules)
            was_seen = reloader is self._known and reloader.modules_mtimes.get(name) == modified
        except (AttributeError, OSError):
            return False
        return bool(is_automatic or was_seen)

    def _reloader(self) -> Any:  # noqa: ANN401 - a class of IPython without types
        magics = getattr(self._shell.magics_manager, "registry", {}).get("AutoreloadMagics")
        return getattr(magics, "_reloader", None)
