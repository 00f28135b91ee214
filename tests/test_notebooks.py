"""The notebooks give what they show and match their baselines, wherever and whenever they run.

nbval compares every output; `ithtel check` their results: values, epochs, statistics, random states.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from commandline import Call

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

pytestmark = pytest.mark.kernel


def nbval(notebook: Path, cwd: Path, **environment: str) -> str:
    """Run a copy of a notebook under nbval and return what it printed; fail where a cell differs."""
    copy = cwd / notebook.name
    shutil.copy(notebook, copy)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:randomly"]
    command += ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(cwd), "-q", str(copy)]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout[-5_000:] + done.stderr[-2_000:]
    return done.stdout


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_gives_what_it_shows(notebook: Path, tmp_path: Path) -> None:
    """In an empty folder."""
    assert " passed" in nbval(notebook, tmp_path)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_comes_to_what_its_baseline_says(notebook: Path, call: Call) -> None:
    """`ithtel check`, to the six digits that are shown: another Python, SciPy or processor moves the last ones."""
    checked = call("check", str(notebook), "--rtol", "1e-6")
    assert 0 == checked.code, checked.out + checked.err
    assert f"{notebook.name}: identical" in checked.out


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_baseline_is_nobodys_own(notebook: Path) -> None:
    """No path, time or id of who wrote it."""
    text = notebook.with_suffix(".baseline.ndjson").read_text(encoding="utf-8")
    assert [] == re.findall(r"/(?:home|root|tmp|Users|work)\b|sess_|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d", text)
    assert len(text) < 100_000


def test_again_with_a_cold_cache_in_a_dirty_repository(tmp_path: Path) -> None:
    """Twice in one folder, in a git repository with changes, with numba's cache empty: nothing shown differs."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "uncommitted.txt").write_text("x", encoding="utf-8")
    for _ in range(2):
        nbval(FOLDER / "01-quickstart.ipynb", tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "numba"))
    assert any((tmp_path / "numba").rglob("*.nbi"))


def test_a_wrong_output_is_noticed(tmp_path: Path) -> None:
    """The check can fail."""
    text = (FOLDER / "01-quickstart.ipynb").read_text(encoding="utf-8")
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "01-quickstart.ipynb").write_text(text.replace("4 epochs, hurdle", "5 epochs, hurdle"), encoding="utf-8")
    with pytest.raises(AssertionError, match="failed"):
        nbval(changed / "01-quickstart.ipynb", tmp_path)
