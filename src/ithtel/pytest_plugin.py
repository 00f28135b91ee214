"""`pytest --ithtel notebooks/`: compares each notebook with its committed baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class NotebookDepartsError(Exception):
    """A notebook departs from its baseline. The message is the verdict."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ithtel."""
    group = parser.getgroup("ithtel")
    group.addoption("--ithtel", action="store_true", help="check notebooks against their baselines")
    group.addoption("--ithtel-update", action="store_true", help="write the baselines of the notebooks")
    group.addoption("--ithtel-rtol", type=float, default=None, help="relative tolerance of numbers")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect notebooks if `--ithtel` or `--ithtel-update` is given."""
    options = parent.config.option
    if file_path.suffix != ".ipynb" or not (options.ithtel or options.ithtel_update):
        return None
    if ".ipynb_checkpoints" in file_path.parts:
        return None
    collector: pytest.Collector = NotebookFile.from_parent(parent, path=file_path)
    return collector


class NotebookFile(pytest.File):
    """A notebook, which is one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the test."""
        yield NotebookItem.from_parent(self, name="ithtel")


class NotebookItem(pytest.Item):
    """Runs a notebook in a copy of its folder, and compares the results with the baseline."""

    def runtest(self) -> None:
        """Fail if the notebook departs from its baseline.

        Raises:
            NotebookDepartsError: It departs, or it could not be run.
        """
        from ithtel.commands.replay.check import check_notebook
        from ithtel.replay.options import RunOptions

        options = self.config.option
        checked = check_notebook(self.path, update=options.ithtel_update, options=RunOptions(rtol=options.ithtel_rtol))
        if not checked.is_good:
            raise NotebookDepartsError(checked.text())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Return the verdict, without a traceback."""
        if isinstance(excinfo.value, NotebookDepartsError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return what failed."""
        return self.path, None, f"ithtel: {self.path.name}"
