"""Who asks: the innermost code that does not ask on behalf of somebody else."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ithtel.provenance.randomness.caller import Caller, caller_of

if TYPE_CHECKING:
    from pathlib import Path


ASK = """
import sys
from ithtel.provenance.randomness.caller import caller_of
def ask():
    return caller_of(sys._getframe())
at_import = ask()
"""


def module(name: str) -> ModuleType:
    made = ModuleType(name)
    exec(compile(ASK, f"{name}.py", "exec"), vars(made))  # noqa: S102 - the text above
    return made


def test_a_function_of_the_notebook_has_its_bare_name() -> None:
    """The cell itself is called so."""
    cell = module("__main__")
    assert "ask" == cell.ask().owner
    namespace = {"__name__": "__main__", "caller_of": caller_of, "sys": sys}
    exec("found = caller_of(sys._getframe())", namespace)  # noqa: S102 - a cell
    found = namespace["found"]
    assert isinstance(found, Caller)
    assert "the cell" == found.owner


def test_a_function_of_a_module_is_named_with_it() -> None:
    """Numpy and other packages that ask for somebody are passed over."""
    assert "some_library.ask" == module("some_library").ask().owner
    assert module("numpy.some_part").ask().owner.endswith("test_a_function_of_a_module_is_named_with_it")


def test_packages_that_name_connections_are_silent() -> None:
    """Their numbers are in no result."""
    assert module("zmq.some_part").ask().is_silent
    assert not module("some_library").ask().is_silent


@pytest.mark.parametrize("folder", ["site-packages", "project"])
def test_what_the_import_of_a_package_runs_is_an_import(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body of a module, and the functions that it calls; not what the user's own modules do."""
    (tmp_path / folder).mkdir()
    (tmp_path / folder / f"ithtest_{folder[:4]}.py").write_text(ASK, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / folder)
    asking = importlib.import_module(f"ithtest_{folder[:4]}")
    assert (folder == "site-packages") == asking.at_import.is_import
    assert not asking.ask().is_import
