"""`Recorder`: starting and stopping the session of a notebook, and changing its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    Captured = pytest.CaptureFixture[str]


def test_loading_says_in_one_line_where_it_records(bare: InteractiveShell, capsys: Captured) -> None:
    """The line also says how to stop."""
    run(bare, "%load_ext ithtel")
    assert "ithtel: recording cells to logs/ndjson/notebook.jsonl (%ithtel stop)\n" == capsys.readouterr().out


def test_the_notebooks_name_names_the_file(bare: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host provides the name."""
    monkeypatch.setenv("JPY_SESSION_NAME", "research/my study.ipynb")
    run(bare, "%load_ext ithtel")
    start = recorded("session.start", Path("logs/ndjson/my_study.jsonl"))[0]
    assert "research/my study.ipynb" == start["notebook"]


@pytest.mark.parametrize("way", ["%ithtel set {}={}", "%config IthTel.{}={!r}"])
@pytest.mark.parametrize("name", ["rotation", "max_log_bytes", "keep"])
def test_a_refused_setting_stands_in_nobodys_way(
    shell: InteractiveShell, capsys: Captured, caplog: pytest.LogCaptureFixture, way: str, name: str
) -> None:
    """The value is not kept, and other settings can be changed."""
    run(shell, way.format(name, "abc"))
    captured = capsys.readouterr()
    assert f"setting '{name}' does not take 'abc'" in captured.out + captured.err + caplog.text
    run(shell, "%ithtel set env=prod")
    run(shell, "%ithtel status")
    assert "logs/ndjson/notebook.jsonl, env=prod" in capsys.readouterr().out


def test_stop_and_start(shell: InteractiveShell, capsys: Captured) -> None:
    """A new session may use the same file or another."""
    run(shell, "%ithtel stop")
    run(shell, "unrecorded = 1")
    run(shell, "%ithtel status")
    run(shell, "%ithtel start second")
    run(shell, "recorded = 1")
    assert "recording is off; %ithtel start turns it on" in capsys.readouterr().out
    assert "session.end" == recorded()[-1]["event_type"]
    assert "recorded = 1" == recorded("cell.start", Path("logs/ndjson/second.jsonl"))[-1]["source"]


def test_starting_what_runs_goes_on(shell: InteractiveShell) -> None:
    """This holds without a name, or with its own."""
    run(shell, "%ithtel start")
    run(shell, "%ithtel start notebook")
    assert 1 == len(recorded("session.start"))


def test_config_reaches_the_session(shell: InteractiveShell) -> None:
    """`%config IthTel.level` is the same setting."""
    run(shell, "%config IthTel.level = 'ERROR'")
    run(shell, "import ithtel\nlevel = ithtel.current().settings.level")
    assert "ERROR" == shell.user_ns["level"]
