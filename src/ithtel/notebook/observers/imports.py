"""What a cell imported: packages, and the user's own modules, whose files may change under them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.provenance.environment import ModuleWatch, PackageWatch

if TYPE_CHECKING:
    from ithtel.events import ModuleLoaded
    from ithtel.notebook.cells.run import CellRun


class Imports:
    """Observes what is loaded."""

    def __init__(self) -> None:
        self._packages = PackageWatch()
        self._modules = ModuleWatch()
        self._loaded: dict[str, object] = {}

    def before(self, run: CellRun) -> None:
        """Do nothing: the cell has not run yet."""

    def after(self, run: CellRun) -> None:
        """Record what is new or has changed on disk."""
        packages = self._packages.changes()
        if packages is not None:
            run.say(packages)
        for module in self._modules.changes():
            run.say(module)
            self._warn_if_stale(run, module)

    def _warn_if_stale(self, run: CellRun, module: ModuleLoaded) -> None:
        """Warn where the file has changed, and what runs is still what it was: a reload makes a new spec."""
        spec = getattr(sys.modules.get(module.name), "__spec__", None)
        if module.name in self._loaded and self._loaded[module.name] is spec:
            file = Path(module.path).name
            run.warn("changed_module", f"{file} changed after it was imported; what runs is the older", [module.name])
        self._loaded[module.name] = spec
