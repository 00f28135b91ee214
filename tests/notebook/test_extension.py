"""`load` and `unload`: what is added to a shell is removed again; both may be repeated."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import ithtel
from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def surface(shell: InteractiveShell) -> dict[str, object]:
    """Return what an extension can change of a shell."""
    return {
        "callbacks": {name: list(hooks) for name, hooks in shell.events.callbacks.items()},
        "line": sorted(shell.magics_manager.magics["line"]),
        "cell": sorted(shell.magics_manager.magics["cell"]),
        "transformers": list(shell.input_transformers_cleanup),
        "configurables": [type(each) for each in shell.configurables],
        "formatters": dict(shell.display_formatter.formatters["text/plain"].deferred_printers),
    }


def test_unloading_takes_everything_out(bare: InteractiveShell) -> None:
    """The shell is as before."""
    before = surface(bare)
    ithtel.load_ipython_extension(bare)
    assert before != surface(bare)
    ithtel.unload_ipython_extension(bare)
    assert before == surface(bare)


def test_loading_twice_changes_nothing(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """There is no second hook, session or message."""
    before = surface(shell)
    ithtel.load_ipython_extension(shell)
    assert before == surface(shell)
    assert 1 == len(recorded("session.start"))
    assert "" == capsys.readouterr().out


def test_reloading_begins_a_new_session(shell: InteractiveShell) -> None:
    """`%reload_ext` starts a new session, and cells stay balanced."""
    run(shell, "%reload_ext ithtel")
    run(shell, "x = 1")
    kinds = [c["event_type"] for c in recorded()]
    assert 2 == kinds.count("session.start")
    assert kinds.count("cell.start") == kinds.count("cell.end")


def test_unloading_ends_the_session(shell: InteractiveShell) -> None:
    """Nothing is recorded afterwards."""
    run(shell, "%unload_ext ithtel")
    run(shell, "x = 1")
    assert "session.end" == recorded()[-1]["event_type"]
    assert ithtel.current() is None


def test_a_magic_of_the_user_comes_back(bare: InteractiveShell) -> None:
    """A magic that ours replaced is restored."""
    bare.register_magic_function(lambda _line: "mine", magic_name="timeline")  # type: ignore[call-arg]
    run(bare, "%load_ext ithtel")
    run(bare, "%unload_ext ithtel")
    assert "mine" == run(bare, "%timeline").result


@pytest.mark.kernel
@pytest.mark.parametrize(
    "statement",
    ["import ithtel", "import ithtel, inspect; [inspect.getmembers(each) for each in (ithtel, ithtel.stats)]"],
)
def test_importing_loads_nothing_heavy(statement: str) -> None:
    """IPython, numba, pandas, matplotlib, scipy and loguru stay unloaded."""
    code = f"import sys; {statement}; print(sorted({{m.partition('.')[0] for m in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = ("IPython", "numba", "numpy", "pandas", "matplotlib", "scipy", "loguru", "anywidget", "duckdb", "typer")
    assert [] == [name for name in heavy if f"'{name}'" in loaded]


def loaded_by(*cells: str) -> str:
    """Return the packages that a fresh shell has loaded after `cells`."""
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\nfrom traitlets.config import Config\n"
        "c = Config(); c.HistoryManager.hist_file = ':memory:'\n"
        "shell = InteractiveShell(config=c, ipython_dir='ipython')\n"
        f"for cell in {cells!r}: shell.run_cell(cell, store_history=True).raise_error()\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.kernel
def test_loading_the_extension_loads_nothing_heavy() -> None:
    """Only IPython itself is loaded."""
    loaded = loaded_by("%load_ext ithtel", "x = 1")
    heavy = ("loguru", "numba", "numpy", "pandas", "matplotlib", "scipy", "anywidget", "duckdb", "typer", "rich")
    assert [] == [name for name in heavy if f"'{name}'" in loaded]


@pytest.mark.kernel
def test_what_is_text_draws_nothing() -> None:
    """Matplotlib and pandas, half a second each, are loaded only for pictures and tables."""
    loaded = loaded_by("%load_ext ithtel", "x = 1", "%lineage x", "%ithtel doctor", "%ithtel changed", "%ithtel")
    assert [] == [name for name in ("matplotlib", "pandas", "scipy", "numba") if f"'{name}'" in loaded]
