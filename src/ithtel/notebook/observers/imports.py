"""`Imports`: the packages that a cell imported, and the user's own modules, whose files may change afterwards."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.notebook.autoreload import Autoreload
from ithtel.provenance.environment import ModuleWatch, PackageWatch

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.events import ModuleLoaded
    from ithtel.notebook.cells.run import CellRun


class Imports:
    """Observes which packages and modules are loaded."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.autoreload = Autoreload(shell)
        self._packages = PackageWatch()
        self._modules = ModuleWatch()
        self._loaded: dict[str, object] = {}

    def before(self, run: CellRun) -> None:
        """Do nothing: the cell has not run yet."""

    def after(self, run: CellRun) -> None:
        """Record what is new or has changed on disk."""
        packages = self._packages.changes()
        if packages is not None:
            run.record(packages)
        for module in self._modules.changes():
            run.record(module)
            self._warn_if_stale(run, module)
        self.autoreload.note()

    def _warn_if_stale(self, run: CellRun, module: ModuleLoaded) -> None:
        """Warn if the file has changed but the old code still runs: a reload would have made a new spec."""
        spec = getattr(sys.modules.get(module.name), "__spec__", None)
        is_old = module.name in self._loaded and self._loaded[module.name] is spec
        if is_old and not self.autoreload.reloads(module.name, module.path):
            file = Path(module.path).name
            run.warn("changed_module", f"{file} changed after it was imported: the old code still runs", [module.name])
        self._loaded[module.name] = spec
