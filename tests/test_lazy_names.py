"""Public names are imported when they are first used, not by what merely walks `dir()`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from IPython.core.completer import provisionalcompleter

import ithtel
from sessions import run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def after(code: str) -> str:
    """Run code in a process of its own, and return what it prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def completions(shell: InteractiveShell, text: str) -> set[str]:
    """Return what Tab would offer at the end of `text`."""
    with provisionalcompleter():
        return {each.text for each in shell.Completer.completions(text, len(text))}


def test_what_walks_dir_loads_nothing() -> None:
    """As freezegun does with every module while it replaces `datetime`."""
    walk = "import sys, ithtel\nfor name in dir(ithtel): getattr(ithtel, name)\n"
    code = (
        "print(sorted({m for m in ('numpy', 'pandas', 'numba', 'matplotlib', 'scipy', 'IPython') if m in sys.modules}))"
    )
    assert "[]\n" == after(walk + code)


def test_a_name_that_was_used_is_listed() -> None:
    """Then reading it costs nothing."""
    assert "False True\n" == after(
        "import ithtel\nbefore = 'Log' in dir(ithtel)\nithtel.Log\nprint(before, 'Log' in dir(ithtel))"
    )


@pytest.mark.parametrize("use_jedi", [True, False])
def test_ipython_completes_all_names(shell: InteractiveShell, use_jedi: bool) -> None:
    """Loaded or not."""
    run(shell, "import ithtel")
    shell.Completer.use_jedi = use_jedi
    for text, names in (("ithtel.", ithtel.__all__), ("ithtel.stats.", ithtel.stats.__all__)):
        offered = {each.rpartition(".")[2] for each in completions(shell, text)}
        assert {name for name in names if name[0] != "_"} <= offered, text
