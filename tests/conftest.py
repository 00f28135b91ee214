"""What every test gets: a working directory of its own, no session of another test."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

os.environ.setdefault("MPLBACKEND", "agg")

FORGED = {"reading", "viewer"}
"""Folders of tests that write lines by hand, wrong ones too."""


@pytest.fixture(autouse=True)
def _own_folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run each test in a folder of its own, without settings from outside, and end what it began to record.

    Every kind of line that it wrote must be one that the published contract allows.
    """
    from ithtel.recording.process import sessions

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in list(os.environ):
        if name.startswith("ITHTEL_"):
            monkeypatch.delenv(name)
    yield
    sessions.close_all()
    if FORGED.isdisjoint(request.path.parts):
        for log in tmp_path.rglob("ndjson/*.jsonl"):
            contract.validate(log)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell that knows nothing of ithtel."""
    for name in ("JPY_SESSION_NAME", "PAPERMILL_OUTPUT_PATH"):
        monkeypatch.delenv(name, raising=False)
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell(config=config, ipython_dir=str(tmp_path / "ipython"))
    yield shell
    import ithtel

    ithtel.unload_ipython_extension(shell)
    shell.history_manager.end_session()
    shell.restore_sys_module_state()
    atexit.unregister(shell.atexit_operations)  # else each of hundreds collects all garbage again when pytest ends
    InteractiveShell.clear_instance()


@pytest.fixture
def shell(bare: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> InteractiveShell:
    """A shell with ithtel loaded, by a cell as a user does."""
    bare.run_cell("%load_ext ithtel", store_history=True)
    capsys.readouterr()
    return bare
