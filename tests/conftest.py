"""What every test gets: a working directory of its own, no session of another test."""

from __future__ import annotations

import atexit
import functools
import gc
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import contract
from commandline import Result
from ithtel.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commandline import Call

os.environ.setdefault("MPLBACKEND", "agg")

hypothesis.settings.register_profile("unhurried", deadline=None)  # the first example may compile, and cores are shared
hypothesis.settings.register_profile("brief", deadline=None, max_examples=20)
hypothesis.settings.load_profile("unhurried")

HERE = f"{Path(__file__).parent}{os.sep}"
FORGED = {"reading", "security", "viewer"}
"""Folders of tests that write lines by hand, wrong ones too."""


def _settle() -> None:
    """Let no later collection of garbage walk through what is there now: imports, caches; a third of all the time."""
    gc.collect()
    gc.freeze()


def pytest_collection_finish() -> None:
    """All test modules are imported."""
    _settle()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """What outlives the tests of a module will outlive others."""
    if nextitem is None or item.path != nextitem.path:
        _settle()


def pytest_unconfigure() -> None:
    """What ends, ends in order."""
    gc.unfreeze()


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
    entropy = sys.modules.get("ithtel.provenance.randomness.entropy")
    if entropy is not None:
        entropy.watch._forget()
    if FORGED.isdisjoint(request.path.parts):
        for log in tmp_path.rglob("ndjson/*.jsonl"):
            contract.validate(log)


@pytest.fixture(scope="session", autouse=True)
def _packages() -> Iterator[None]:
    """Read each package's version once: what is installed stays as it is, and hundreds of sessions ask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metadata, "version", functools.cache(metadata.version))
        yield


@pytest.fixture(scope="session")
def modules_of_tests() -> list[str]:
    """The names of the modules of these tests, which no user's process has."""
    return [name for name, module in sys.modules.items() if (getattr(module, "__file__", "") or "").startswith(HERE)]


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of IPython's settings, of which there are none."""
    return tmp_path_factory.mktemp("ipython")


@pytest.fixture
def bare(profile: Path, modules_of_tests: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell that knows nothing of ithtel, nor of these tests."""
    for name in modules_of_tests:
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in ("JPY_SESSION_NAME", "PAPERMILL_OUTPUT_PATH"):
        monkeypatch.delenv(name, raising=False)
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell(config=config, ipython_dir=str(profile))
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


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command line in this process."""

    def calling(*arguments: str) -> Result:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["ithtel", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Result(int(ended.value.code or 0), captured.out, captured.err)

    return calling
