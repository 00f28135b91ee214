"""Run tasks of mise.toml without mise, and those that they depend on: `python .ci/task.py lint types`."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(name: str) -> None:
    """Run one task with .venv in front of the path; end with its exit code where it fails."""
    task = tomllib.loads((ROOT / "mise.toml").read_text(encoding="utf-8"))["tasks"][name]
    for other in task.get("depends", []):
        run(other)
    if "run" not in task:
        return
    sys.stdout.write(f"+ {task['run']}\n")
    sys.stdout.flush()
    environment = {**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-euc", task["run"]], cwd=ROOT, env=environment, check=False)  # noqa: S603, S607
    if done.returncode != 0:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    for given in sys.argv[1:]:
        run(given)
