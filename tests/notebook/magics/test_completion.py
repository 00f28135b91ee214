"""Completion of the magics' arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.completer import provisionalcompleter

from sessions import run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def completions(shell: InteractiveShell, text: str) -> set[str]:
    """Return the completions that Jupyter gets."""
    with provisionalcompleter():
        return {completion.text for completion in shell.Completer.completions(text, len(text))}


def test_completion_knows_verbs_settings_and_variables(shell: InteractiveShell) -> None:
    """After `%ithtel`, `%ithtel set`, `%provenance --inputs`."""
    run(shell, "navigator = 1")
    assert {"start", "status", "stop"} <= completions(shell, "%ithtel st")
    assert "level=" in completions(shell, "%ithtel set lev")
    assert "navigator" in completions(shell, "%provenance --inputs navi")
    assert "navigator" in completions(shell, "%%provenance --inputs navi")
    assert "navigator" in completions(shell, "%seed navi")
    assert "epoch_detected" in completions(shell, "%ithtel events --type epo")
    assert "--git" in completions(shell, "%ithtel doctor --g")
    assert "stop" not in completions(shell, "%ithtel diff st")


def test_unloading_removes_the_completers(shell: InteractiveShell) -> None:
    """Nothing of ours is offered afterwards."""
    run(shell, "%unload_ext ithtel")
    assert "status" not in completions(shell, "%ithtel st")
