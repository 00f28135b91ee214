"""A real InteractiveShell, without the user's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import ithtel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell that knows nothing of ithtel."""
    for name in ("JPY_SESSION_NAME", "PAPERMILL_OUTPUT_PATH"):
        monkeypatch.delenv(name, raising=False)
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell(config=config, ipython_dir=str(tmp_path / "ipython"))
    yield shell
    ithtel.unload_ipython_extension(shell)
    shell.history_manager.end_session()
    shell.restore_sys_module_state()
    InteractiveShell.clear_instance()


@pytest.fixture
def shell(bare: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> InteractiveShell:
    """A shell with ithtel loaded, by a cell as a user does."""
    bare.run_cell("%load_ext ithtel", store_history=True)
    capsys.readouterr()
    return bare
