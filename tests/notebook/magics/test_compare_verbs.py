"""`%ithtel changed`, `diff`, `replay` in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from sessions import run

if TYPE_CHECKING:
    import pytest
    from IPython.core.interactiveshell import InteractiveShell


def again(shell: InteractiveShell, *cells: str) -> None:
    """End the session, and run these cells in a new one."""
    run(shell, "%ithtel stop")
    run(shell, "%ithtel start")
    for cell in cells:
        run(shell, cell)


def test_a_first_session_has_nothing_to_differ_from(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message says so."""
    run(shell, "%ithtel changed")
    assert "no earlier session" in capsys.readouterr().out


def test_what_is_the_same_so_far_is_identical(shell: InteractiveShell) -> None:
    """The previous session may have more cells."""
    for cell in ("import numpy as np", "x = np.arange(3)", "y = x + 1"):
        run(shell, cell)
    again(shell, "import numpy as np", "x = np.arange(3)")
    shown = run(shell, "%ithtel changed").result
    assert repr(shown).startswith("identical")


def test_what_has_changed_is_shown(shell: InteractiveShell) -> None:
    """The verdict is shown as text and as HTML."""
    for cell in ("import numpy as np", "x = np.arange(3)", "y = x + 1"):
        run(shell, cell)
    again(shell, "import numpy as np", "x = np.arange(4)", "y = x + 1")
    shown = run(shell, "%ithtel diff").result
    assert "code_changed" in repr(shown)
    assert "code_changed" in shown._repr_html_()


def test_replay_shows_its_plan_first(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing runs without `--yes`."""
    run(shell, "x = 1")
    shown = run(shell, "%ithtel replay").result
    assert "replay of notebook" in repr(shown)
    assert "--yes" in capsys.readouterr().out


def test_within_a_replay_nothing_is_replayed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message is shown; there is no recursion and no error."""
    monkeypatch.setenv("ITHTEL_REPLAY", "1")
    assert run(shell, "%ithtel replay --yes").success
    assert run(shell, "%ithtel check").success
    assert 2 == capsys.readouterr().out.count("cannot replay inside a replay")


def test_a_missing_log_is_a_usage_error(shell: InteractiveShell) -> None:
    """The message is one line."""
    assert isinstance(run(shell, "%ithtel diff missing.jsonl").error_in_exec, UsageError)
