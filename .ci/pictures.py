"""Draw the README's picture, light and dark, by running the README's own cells: `mise run pictures`."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import ithtel
from ithtel.commands.log.timeline import timeline

ROOT = Path(__file__).parents[1]


def draw(folder: Path) -> list[Path]:
    """Run the cells in an empty folder, and draw their log into `folder`."""
    cells = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as empty, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(empty)
        try:
            _run(cells, Path(empty))
            pictures = {theme: timeline("logs", theme=theme) for theme in ("light", "dark")}
        finally:
            os.chdir(here)
    paths = [folder / f"timeline-{theme}.svg" for theme in pictures]
    for path, picture in zip(paths, pictures.values(), strict=True):
        picture.save(path)
    return paths


def _run(cells: list[str], folder: Path) -> None:
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell(config=config, ipython_dir=str(folder / "ipython"))
    for cell in cells:
        shell.run_cell(cell, store_history=True).raise_error()
    ithtel.unload_ipython_extension(shell)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    for drawn in draw(target):
        print(f"drew {drawn.name}")  # noqa: T201 - it is a command
