"""mise.toml: each task is one line with its purpose, and does it; without mise, as `.ci/run` does."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from nbformat import v4

import ithtel

ROOT = Path(__file__).parents[1]
MISE: dict[str, Any] = tomllib.loads((ROOT / "mise.toml").read_text(encoding="utf-8"))
TASKS: dict[str, dict[str, Any]] = MISE["tasks"]
WANTED = {
    "demo", "analyze", "examine", "test", "check", "fmt", "lint", "types", "layers", "schemas", "notebooks", "lab",
    "bench", "profile:ith", "profile:examination", "profile:index", "forensic:audit", "forensic:summary",
    "forensic:logs", "forensic:verify", "soak", "unit",
}  # fmt: skip
MODULES = {"tidy": "X = 1\n", "untidy": "X   =   1\n"}


class TaskRun(NamedTuple):
    """How a task is run here: its own command line, and after it what is typed, as mise appends it."""

    typed: str
    """Arguments; those of a task that names them (`usage`) as mise gives them: variables."""
    expected: str
    """What it prints."""
    place: str = "."
    """A folder of the study; or the repository."""
    why: str = ""
    """Why not all of it is run."""


TASK_RUNS = {
    "demo": TaskRun("", "GOOG"),
    "analyze": TaskRun("nav.csv", "Fitness"),
    "examine": TaskRun("nav.csv --lookbacks 20 --regime-lookback 100", "statistical_examination"),
    "profile:ith": TaskRun("", "synthetic"),
    "profile:examination": TaskRun("", "ithtel/stats/"),
    "profile:index": TaskRun("", "session_id"),
    "forensic:audit": TaskRun("", "mine"),
    "forensic:summary": TaskRun("", "session.start"),
    "forensic:logs": TaskRun("", "session ended"),
    "forensic:verify": TaskRun("", "intact"),
    "fmt": TaskRun("", "1 file reformatted", "untidy", "it would change the files that are being tested"),
    "lint": TaskRun("", "All checks passed", "tidy", "CI lints the repository itself"),
    "types": TaskRun("", "no issues found in 1 source file", "tidy", "CI checks the types of the repository itself"),
    "layers": TaskRun("", "4 kept, 0 broken", "repository"),
    "schemas": TaskRun("", "", "repository"),
    "test": TaskRun("tests/test_docs_ith.py -q", " passed", "repository", "else this test would run itself"),
    "unit": TaskRun("tests/test_docs_ith.py -q", " passed", "repository", "the tests are all that it runs"),
    "coverage": TaskRun("tests/test_docs_ith.py -q", " passed", "repository", "the tests are all that it runs"),
    "notebooks": TaskRun("-q -k wrong_output", "1 passed", "repository", "the tests run all of it"),
    "soak": TaskRun("tests/profiling/test_pythons.py --collect-only -q", "[3.13]", "repository", "it takes minutes"),
    "bench": TaskRun(
        "fingerprint_pairs", "`fp1`", "repository", "they take minutes, and want the machine for themselves"
    ),
    "notebooks:refresh": TaskRun(
        "{study}/tiny.ipynb", "ran tiny.ipynb", "repository", "the notebooks are left as they are"
    ),
    "notebooks:baselines": TaskRun(
        "{study}/tiny.ipynb", "baseline written", "repository", "those of ours are left alone"
    ),
    "pictures": TaskRun("{study}", "timeline-dark.svg", "repository", "the README's are left as they are"),
    "examples": TaskRun("{study}/LOGGING.md", "examples", "repository", "the page is left as it is"),
    "lab": TaskRun("--collect-only -q", "test_quickstart", "repository", "CI runs all of it"),
}
"""Every task with a command, but those that make environments: they have a test of their own."""
MAKERS = {"setup", "constraints", "truths"}


def environment(*first: Path) -> dict[str, str]:
    """Return what mise would set; `first` takes precedence on the path."""
    path = os.pathsep.join([*map(str, first), str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "ITHTEL_LOG_DIR": "logs"}


def run(line: str, folder: Path, given: dict[str, str]) -> str:
    """Run a line as mise does, and return what it prints; fail where it fails."""
    done = subprocess.run(["bash", "-euc", line], cwd=folder, env=given, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout[-3_000:] + done.stderr[-3_000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a NAV and a log with a test in it."""
    folder = tmp_path_factory.mktemp("study")
    nav = ithtel.datasets.google().rename("NAV").rename_axis("Date").head(300)
    nav.to_csv(folder / "nav.csv")
    for name, text in MODULES.items():
        (folder / name).mkdir()
        (folder / name / "module.py").write_text(text, encoding="utf-8")
        (folder / name / "pyproject.toml").write_text('[tool.mypy]\nfiles = ["module.py"]\n', encoding="utf-8")
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("1 + 1")]), folder / "tiny.ipynb")
    shutil.copy(ROOT / "docs/LOGGING.md", folder)
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


def test_every_command_is_run_by_a_test() -> None:
    """By one of those below."""
    assert {name for name in TASKS if "run" in TASKS[name]} == set(TASK_RUNS) | MAKERS


@pytest.mark.kernel
@pytest.mark.parametrize("name", list(TASK_RUNS))
def test_a_task_does_what_it_says(name: str, study: Path) -> None:
    """With the command of mise.toml, and what is typed after it."""
    task_run = TASK_RUNS[name]
    if name == "lab" and not ((ROOT / ".venv-lab").is_dir() and shutil.which("chromium")):
        pytest.skip("it would install a browser: `mise run lab` once")
    typed, given = task_run.typed.format(study=study), environment()
    usage = TASKS[name].get("usage")
    if usage is not None and typed:
        given["usage_" + re.findall(r"\w+", usage)[-1]], typed = typed, ""
    assert task_run.expected in run(
        f"{TASKS[name]['run']} {typed}", ROOT if task_run.place == "repository" else study / task_run.place, given
    )


def test_setup_is_what_the_readme_says() -> None:
    """The command that CI runs first."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (made,) = re.findall(r"^python3 -m venv .* --group dev\b", readme, re.MULTILINE)
    assert set(made.replace(".venv/bin/pip", "pip").split()) <= set(TASKS["setup"]["run"].replace(",demo", "").split())


@pytest.mark.soak
def test_the_environment_is_made_from_the_constraints(tmp_path: Path) -> None:
    """In a copy: `setup` without what it would download (`--dry-run --no-deps`); `constraints` names no address."""
    for name in ("pyproject.toml", "constraints.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    given = environment(tmp_path / ".venv/bin")
    if subprocess.run(["bash", "-euc", "python3 -m venv .venv && pip download -q --no-deps uv"], cwd=tmp_path,
                      env=given, capture_output=True, check=False).returncode:  # fmt: skip
        pytest.skip("PyPI is not reached")
    run(TASKS["setup"]["run"] + " --dry-run --no-deps", tmp_path, given)
    run("pip install -q uv-*.whl", tmp_path, given)  # where mise.toml has it from its [tools]
    run(TASKS["constraints"]["run"], tmp_path, given)
    written = (tmp_path / "constraints.txt").read_text(encoding="utf-8")
    assert re.search(r"^numpy==[\d.]+", written, re.MULTILINE)
    assert "://" not in written


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
