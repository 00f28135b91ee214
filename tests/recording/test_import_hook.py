"""The bridge is built when loguru is imported, and not before."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import warnings
import zipfile
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ithtel.recording.import_hook import when_imported

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

pytestmark = pytest.mark.kernel


def texts(code: str, name: str = "a") -> list[str]:
    """Run code in a fresh interpreter, and return the messages of its log."""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    lines = Path(f"logs/ndjson/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [line["msg"] for line in map(json.loads, lines) if "event_type" not in line["context"]]


def test_a_session_before_loguru_records_what_is_logged() -> None:
    """From the first message, without loading loguru before."""
    code = (
        "import sys, ithtel; ithtel.start('a', git=False); assert 'loguru' not in sys.modules\n"
        "from loguru import logger; logger.info('first'); ithtel.stop(); logger.info('after')"
    )
    assert ["first"] == texts(code)


def test_a_session_that_ended_before_leaves_nothing_behind() -> None:
    """Neither a finder nor a handler."""
    code = (
        "import sys, ithtel; before = list(sys.meta_path); ithtel.start('a', git=False); ithtel.stop()\n"
        "assert sys.meta_path == before\nfrom loguru import logger; assert len(logger._core.handlers) == 1"
    )
    assert [] == texts(code)


def test_two_sessions_wait_side_by_side() -> None:
    """Each gets the message."""
    code = (
        "import ithtel; ithtel.start('a', git=False); ithtel.start('b', git=False)\n"
        "from loguru import logger; logger.info('both')"
    )
    assert ["both"] == texts(code)
    assert ["both"] == texts("", "b")


def test_what_is_loaded_already_is_not_waited_for() -> None:
    """The action is called at once; a package that does not exist triggers nothing."""
    called: list[int] = []
    when_imported("json", lambda: called.append(1))
    assert [1] == called
    call_off = when_imported("no_such_package", lambda: called.append(2))
    with pytest.raises(ModuleNotFoundError):
        __import__("no_such_package")
    call_off()
    assert [1] == called


def test_an_import_that_failed_may_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The action is called once, after the import that succeeds."""
    (tmp_path / "moody.py").write_text("import builtins; assert hasattr(builtins, 'cheerful')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    called: list[int] = []
    before = list(sys.meta_path)
    when_imported("moody", lambda: called.append(1))
    with pytest.raises(AssertionError):
        __import__("moody")
    assert [] == called
    monkeypatch.setattr("builtins.cheerful", True, raising=False)
    __import__("moody")
    monkeypatch.delitem(sys.modules, "moody")
    assert [1] == called
    assert before == sys.meta_path


PACKAGE = "awaited_package"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a module that can be imported once it is written; the test leaves nothing behind."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    monkeypatch.delitem(sys.modules, PACKAGE)
    return tmp_path / f"{PACKAGE}.py"


def loaded() -> ModuleType:
    """Import the module as if it were new."""
    importlib.invalidate_caches()
    return importlib.import_module(PACKAGE)


def test_who_only_looks_does_not_end_the_waiting(source: Path) -> None:
    """The action is called once, when the package is loaded, and the loader is restored."""
    source.write_text("x = 1", encoding="utf-8")
    before = list(sys.meta_path)
    called: list[int] = []
    when_imported(PACKAGE, lambda: called.append(1))
    looked_at = [importlib.util.find_spec(PACKAGE) for _ in range(3)]
    assert [] == called
    module = loaded()
    assert ([1], before) == (called, sys.meta_path)
    assert module.__spec__ is not None
    assert "exec_module" not in vars(module.__spec__.loader)
    for spec in looked_at:
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        assert "exec_module" not in vars(spec.loader)
    assert [1] == called


def test_who_only_looks_for_loguru_is_recorded() -> None:
    """Code often looks for an optional package before importing it."""
    code = (
        "import ithtel, importlib.util; ithtel.start('a', git=False); assert importlib.util.find_spec('loguru')\n"
        "from loguru import logger; logger.info('seen')"
    )
    assert ["seen"] == texts(code)


def test_a_package_installed_later_is_noticed(source: Path) -> None:
    """A failed search does not end the wait."""
    called: list[int] = []
    when_imported(PACKAGE, lambda: called.append(1))
    with pytest.raises(ModuleNotFoundError):
        loaded()
    source.write_text("x = 1", encoding="utf-8")
    loaded()
    assert [1] == called


def test_a_module_made_on_the_side_is_not_the_import(source: Path) -> None:
    """Only a module that is registered under the package's name counts."""
    source.write_text("x = 1", encoding="utf-8")
    called: list[int] = []
    when_imported(PACKAGE, lambda: called.append(1))
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert [] == called
    loaded()
    assert [1] == called


def test_all_who_wait_are_called_in_order_except_who_called_it_off(source: Path) -> None:
    """An action that fails stops neither the import nor the other actions."""
    source.write_text("x = 1", encoding="utf-8")
    before = list(sys.meta_path)
    called: list[str] = []

    def fail() -> None:
        raise OSError("no space left")

    when_imported(PACKAGE, lambda: called.append("first"))
    call_off = when_imported(PACKAGE, lambda: called.append("called off"))
    when_imported(PACKAGE, fail)
    when_imported(PACKAGE, lambda: called.append("last"))
    importlib.util.find_spec(PACKAGE)
    call_off()
    call_off()
    with pytest.warns(RuntimeWarning, match="import of awaited_package: OSError: no space left"):
        assert 1 == loaded().x
    assert (["first", "last"], before) == (called, sys.meta_path)


def test_a_failure_reaches_no_import_even_where_warnings_are_errors(source: Path) -> None:
    """The package is imported."""
    source.write_text("x = 1", encoding="utf-8")
    when_imported(PACKAGE, lambda: 1 / 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 1 == loaded().x


def test_a_loader_of_many_modules_is_awaited_for_one(tmp_path: Path, source: Path) -> None:
    """A zip file has one loader for all its modules, and a cancelled action does not get in the way."""
    archive = tmp_path / "both.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(source.name, "x = 1")
        file.writestr("beside_awaited.py", "x = 2")
    sys.path.insert(0, str(archive))
    called: list[int] = []
    call_off = when_imported(PACKAGE, lambda: called.append(0))
    importlib.util.find_spec(PACKAGE)
    call_off()
    when_imported(PACKAGE, lambda: called.append(1))
    for _ in range(2):
        spec = importlib.util.find_spec(PACKAGE)
    try:
        assert 2 == importlib.import_module("beside_awaited").x
    finally:
        sys.modules.pop("beside_awaited", None)
    assert [] == called
    assert 1 == loaded().x
    assert [1] == called
    assert spec is not None
    assert "exec_module" not in vars(spec.loader)


def test_a_lazy_import_counts_when_it_loads(source: Path) -> None:
    """The action waits until a lazy module is executed."""
    source.write_text("x = 1", encoding="utf-8")
    called: list[int] = []
    when_imported(PACKAGE, lambda: called.append(1))
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.loader is not None
    loader = spec.loader = importlib.util.LazyLoader(spec.loader)
    module = sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    assert [] == called
    assert 1 == module.x
    assert [1] == called


class Bare:
    """A loader without a `__dict__`."""

    __slots__ = ()

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: Any) -> None:
        """Run it."""
        module.x = 1


class AsClass:
    """A loader that is a class, as those of Python's own modules are."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Leave it to Python."""

    @staticmethod
    def exec_module(module: Any) -> None:
        """Run it."""
        module.x = 1


class Finder:
    """Finds the package with a given loader."""

    def __init__(self, loader: Any) -> None:
        self.spec = ModuleSpec(PACKAGE, loader)

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return the spec."""
        return self.spec if name == PACKAGE else None


@pytest.mark.parametrize("loader", [Bare(), AsClass], ids=["without a dict", "a class"])
def test_a_loader_that_cannot_be_awaited_is_let_be(source: Path, loader: Any) -> None:
    """The package is imported as usual; no action is called, and the loader is unchanged."""
    finder, execute = Finder(loader), vars(AsClass)["exec_module"]
    sys.meta_path.insert(0, finder)
    called: list[int] = []
    call_off = when_imported(PACKAGE, lambda: called.append(1))
    assert finder.spec is importlib.util.find_spec(PACKAGE)
    assert 1 == loaded().x
    assert [] == called
    assert execute is vars(AsClass)["exec_module"]
    call_off()
    assert finder is sys.meta_path[0]
    assert not source.exists()


class Nosy(Finder):
    """A finder that asks all other finders, as hooks of other packages do."""

    def __init__(self) -> None:
        self._is_asking = False

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return what the others find."""
        if name != PACKAGE or self._is_asking:
            return None
        self._is_asking = True
        try:
            return importlib.util.find_spec(name)
        finally:
            self._is_asking = False


def _before() -> None:
    sys.meta_path.insert(0, Nosy())


def _nobody() -> None:
    """Do nothing."""


@pytest.mark.parametrize(("first", "then"), [(_before, _nobody), (_nobody, _before), (_before, _before)])
def test_others_that_ask_all_finders_are_no_endless_loop(
    source: Path, first: Callable[[], None], then: Callable[[], None]
) -> None:
    """They may come before or after ours; the action is called once."""
    source.write_text("x = 1", encoding="utf-8")
    called: list[int] = []
    first()
    when_imported(PACKAGE, lambda: called.append(1))
    then()
    module = loaded()
    assert ([1], 1) == (called, module.x)
    assert module.__spec__ is not None
    assert "exec_module" not in vars(module.__spec__.loader)


def test_a_loader_with_an_exec_module_of_its_own_keeps_it(source: Path) -> None:
    """The loader keeps the same function."""

    class Own:
        create_module = staticmethod(AsClass.create_module)

    def execute(module: Any) -> None:
        module.x = 3

    loader: Any = Own()
    loader.exec_module = execute
    sys.meta_path.insert(0, Finder(loader))
    called: list[int] = []
    when_imported(PACKAGE, lambda: called.append(1))
    assert 3 == loaded().x
    assert (execute, [1]) == (loader.exec_module, called)
    assert not source.exists()
