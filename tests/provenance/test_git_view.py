"""Git sees the files and objects of a repository without its configuration."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ithtel.provenance.git_view import find_repository, git_program, git_view, read_text


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return an empty repository with some settings."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True, capture_output=True)
    (tmp_path / ".git/config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tautocrlf = input\n\tfsmonitor = /bin/evil\n"
        '[filter "x"]\n\tclean = evil\n'
        "[alias]\n\tautocrlf = evil\n"
    )
    return tmp_path


def test_only_harmless_settings_are_passed_on(repository: Path) -> None:
    """What decides about line ends, not what names a program."""
    with git_view(find_repository(repository), repository, "ref: refs/heads/main", os.environ) as env:
        listed = subprocess.run(["git", "config", "--list"], env=env, capture_output=True, text=True, check=True).stdout
    assert "core.autocrlf=input" in listed
    assert "evil" not in listed


def test_a_repository_of_another_format_is_read(tmp_path: Path) -> None:
    """Its digests are of SHA-256."""
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(tmp_path)], check=True, capture_output=True)
    with git_view(find_repository(tmp_path), tmp_path, "ref: refs/heads/main", os.environ) as env:
        done = subprocess.run(["git", "rev-parse", "--show-object-format"], env=env, capture_output=True, check=True)
    assert b"sha256\n" == done.stdout


def test_a_program_is_not_searched_in_the_present_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative entries of PATH are left out."""
    (tmp_path / "git").write_text("#!/bin/sh\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert git_program({"PATH": f".{os.pathsep}"}) is None
    assert str(tmp_path / "git") == git_program({"PATH": str(tmp_path)})


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """No pipe, no device, no folder."""
    os.mkfifo(tmp_path / "pipe")
    assert [None] * 3 == [read_text(path) for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path)]
