"""The arguments that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.cli.arguments import recorded_in, report

if TYPE_CHECKING:
    import pytest

    from commandline import Call


def test_a_path_is_relative_to_the_working_directory() -> None:
    """And quoted, so that the command can be copied."""
    path = Path.cwd() / "my logs/a.jsonl"
    assert "recorded in my logs/a.jsonl (try: ithtel audit 'my logs/a.jsonl')" == recorded_in(path, "audit")


def test_a_path_elsewhere_is_absolute(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It does not lie in the working directory."""
    path = tmp_path_factory.mktemp("elsewhere") / "a.jsonl"
    assert recorded_in(path, "events").startswith(f"recorded in {path} ")


def test_problems_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """One per line."""
    report(["first", "second"])
    assert ("", "ithtel: first\nithtel: second\n") == tuple(capsys.readouterr())


def test_the_log_folder_comes_from_the_environment(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """ITHTEL_LOG_DIR; the option takes precedence."""
    monkeypatch.setenv("ITHTEL_LOG_DIR", "kept")
    arguments = ("analyze", "--synthetic", "50", "--side", "bull")
    assert 0 == call(*arguments).code
    assert Path("kept/ndjson/bull_ith.jsonl").exists()
    assert 0 == call(*arguments, "--log-dir", "other").code
    assert Path("other/ndjson/bull_ith.jsonl").exists()
