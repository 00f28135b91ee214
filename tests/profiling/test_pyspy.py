"""py-spy as a child process: found beside this Python, checked, and never left behind."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from ithtel.profiling.pyspy import AttachError, Options, PySpy, check, executable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("_no_pyspy")
def test_a_missing_py_spy_is_an_error_with_its_installation() -> None:
    """For the check as for the search."""
    for call in (executable, check):
        with pytest.raises(AttachError, match=r"^py-spy is not installed \(pip install 'ithtel\[profile\]'\)$"):
            call()


def test_py_spy_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it is not beside this Python."""
    tool = tmp_path / "py-spy"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "elsewhere" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(tool) == executable()


@pytest.mark.kernel
def test_an_interrupt_while_it_attaches_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process and no folder, as after Ctrl-C at the start of a cell."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    spy = PySpy(os.getpid(), Options())
    monkeypatch.setattr(spy._is_ready, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        spy.start()
    assert not spy._folder.exists()
    done = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(spy._folder) not in done.stdout
