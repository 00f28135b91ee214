"""mise.toml: each task is one line that says what it is for, and does it; without mise, as `.ci/run` does."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import ithtel

ROOT = Path(__file__).parents[1]
MISE: dict[str, Any] = tomllib.loads((ROOT / "mise.toml").read_text(encoding="utf-8"))
TASKS: dict[str, dict[str, Any]] = MISE["tasks"]
WANTED = {
    "demo", "analyze", "examine", "test", "check", "fmt", "lint", "types", "layers", "schemas", "notebooks", "lab",
    "bench", "profile:ith", "profile:examination", "profile:index", "forensic:audit", "forensic:summary",
    "forensic:logs", "forensic:verify", "soak",
}  # fmt: skip
RUN = {
    "demo": ("", "GOOG"),
    "analyze": ("nav.csv", "Fitness"),
    "examine": ("nav.csv --lookbacks 20 --regime-lookback 100", "statistical_examination"),
    "profile:ith": ("", "synthetic"),
    "profile:index": ("", "session_id"),
    "forensic:audit": ("", "mine"),
    "forensic:summary": ("", "session.start"),
    "forensic:logs": ("", "session ended"),
    "forensic:verify": ("", "intact"),
}
"""Tasks that are run here: what is typed after them, and what they print."""
HAS_HELP = {"test", "notebooks", "fmt", "lint", "types", "layers", "schemas", "soak"}
"""Tools that say what they take; CI runs them, and they would look at the whole tree here."""


def environment() -> dict[str, str]:
    """Return what mise would set."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "ITHTEL_LOG_DIR": "logs"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a NAV and a log with a test in it."""
    folder = tmp_path_factory.mktemp("study")
    nav = ithtel.datasets.google().rename("NAV").rename_axis("Date").head(300)
    nav.to_csv(folder / "nav.csv")
    with ithtel.start("earlier", log_dir=folder / "logs"):
        ithtel.log_hypothesis_result("h1", "mine", 1.5, 0.03, "different")
    return folder


def test_the_tasks_are_there() -> None:
    """All that were promised, each with a description."""
    assert set(TASKS) >= WANTED
    assert all(task["description"] for task in TASKS.values())


@pytest.mark.parametrize("name", [name for name in TASKS if "run" in TASKS[name]])
def test_a_task_is_one_line(name: str) -> None:
    """What it calls exists: a program of this environment or a file of this repository."""
    line = TASKS[name]["run"]
    assert "\n" not in line
    first = shlex.split(line.replace("for each in", "true #"))[0]
    assert (
        (ROOT / first).is_file() or shutil.which(first, path=environment()["PATH"]) or first in {"uv", "lint-imports"}
    )
    for path in re.findall(r"(?<=\s)(?:tests|\.ci)/[\w./]+", line):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", [name for name in TASKS if "depends" in TASKS[name]])
def test_what_a_task_depends_on_is_a_task(name: str) -> None:
    """Also without mise."""
    assert set(TASKS[name]["depends"]) <= set(TASKS)


@pytest.mark.kernel
@pytest.mark.parametrize("name", list(RUN))
def test_a_task_does_what_it_says(name: str, study: Path) -> None:
    """With the command of mise.toml, and what is typed after it."""
    typed, expected = RUN[name]
    line = TASKS[name]["run"].replace("1000000", "100000")
    done = subprocess.run(
        ["bash", "-euc", f"{line} {typed}"], cwd=study, env=environment(), capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    assert expected in done.stdout + done.stderr


@pytest.mark.kernel
@pytest.mark.parametrize("name", sorted(HAS_HELP))
def test_a_tool_takes_its_arguments(name: str) -> None:
    """As it says itself."""
    for command in TASKS[name]["run"].split("&&"):
        words = shlex.split(command)
        if shutil.which(words[0], path=environment()["PATH"]) is None:
            pytest.skip(f"{words[0]} is not installed here")
        arguments = ["--help"] if words[:3] == ["python", "-m", "pytest"] else [*words[1:], "--help"]
        program = words[:3] if words[:3] == ["python", "-m", "pytest"] else words[:1]
        done = subprocess.run([*program, *arguments], cwd=ROOT, env=environment(), capture_output=True, check=False)
        assert 0 == done.returncode, done.stderr


def test_mise_gets_its_tools_and_settings() -> None:
    """py-spy from PyPI; settings that exist, which the outer environment overrides."""
    assert {"python", "uv", "pipx:py-spy"} == set(MISE["tools"])
    for name, value in MISE["env"].items():
        if name != "_":
            assert name.removeprefix("ITHTEL_").lower() in ithtel.Settings.__struct_fields__
            assert f"get_env(name='{name}'" in value
            assert f"default='{getattr(ithtel.Settings(), name.removeprefix('ITHTEL_').lower())}'" in value


@pytest.mark.kernel
@pytest.mark.skipif(shutil.which("mise") is None, reason="mise is not installed (npm i -g @jdxcode/mise)")
def test_mise_lists_and_runs_them(study: Path) -> None:
    """Where python and uv come from elsewhere, and nothing is downloaded."""
    given = {"MISE_TRUSTED_CONFIG_PATHS": str(ROOT), "MISE_OFFLINE": "1", "MISE_TASK_RUN_AUTO_INSTALL": "0"}
    mise = {**environment(), **given, "HOME": str(study), "ITHTEL_LOG_DIR": str(study / "logs")}

    def call(*arguments: str) -> str:
        done = subprocess.run(["mise", *arguments], cwd=ROOT, env=mise, capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stderr
        return done.stdout

    listed = call("tasks", "ls", "--no-header")
    assert set(TASKS) <= {line.split()[0] for line in listed.splitlines()}
    assert "intact" in call("run", "--quiet", "forensic:verify")
    assert "mine" in call("run", "--quiet", "forensic:audit", str(study / "logs/ndjson/earlier.jsonl"))
