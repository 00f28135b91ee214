"""What the doctor finds, and the fix for each."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ithtel.commands.log.doctor import FIXES, UNFINISHED, doctor
from ithtel.events.notebook import HAZARDS
from sessions import hazards, recorded, run

if TYPE_CHECKING:
    import pytest
    from IPython.core.interactiveshell import InteractiveShell


def diagnosis(shell: InteractiveShell, options: str = "") -> Any:
    """Ask the doctor."""
    return run(shell, f"%ithtel doctor {options}").result


def test_every_hazard_has_a_mend() -> None:
    """One each."""
    assert {*HAZARDS, UNFINISHED} == set(FIXES)


def test_a_sound_notebook(shell: InteractiveShell) -> None:
    """Nothing to report."""
    run(shell, "x = 1")
    assert "no threat to reproduction found in 3 cells" == repr(diagnosis(shell))


def test_a_record_that_breaks_off_within_a_cell(shell: InteractiveShell) -> None:
    """As a kernel's death leaves it; a session that runs is within a cell when it is asked."""
    run(shell, "x = 1")
    log = next(Path("logs/ndjson").glob("*.jsonl")).read_text(encoding="utf-8")
    at = log.index("\n", log.rindex('"event_type":"cell.start"')) + 1
    Path("cut.jsonl").write_text(log[:at], encoding="utf-8")
    found = doctor("cut.jsonl")
    assert [("unfinished", "[2]")] == [(finding.kind, finding.where) for finding in found.findings]
    assert FIXES["unfinished"] in repr(found)


def test_what_was_seen_is_told_with_its_fix(shell: InteractiveShell) -> None:
    """And where."""
    run(shell, "import numpy as np\nv = np.zeros(3)")
    run(shell, "v += 1")
    assert (
        "1 threat to reproduction found in 4 cells:\n"
        "  mutated_input [3]: v changed in place: running this cell again gives another value\n"
        f"      → {FIXES['mutated_input']}"
    ) == repr(diagnosis(shell))


def test_a_file_that_changed_since(shell: InteractiveShell) -> None:
    """Or is gone; recorded once."""
    Path("d.csv").write_text("1")
    run(shell, "import pathlib\ntext = pathlib.Path('d.csv').read_text()")
    Path("d.csv").write_text("2")
    assert "changed_file: d.csv has changed since the cells used it" in repr(diagnosis(shell))
    assert "changed_file [3]: d.csv has changed since the cells used it" in repr(diagnosis(shell))
    assert 1 == len(recorded("hazard"))
    Path("d.csv").unlink()
    assert "changed_file: d.csv is missing" in repr(diagnosis(shell))


def test_a_file_that_the_notebook_wrote_and_removed_is_no_hazard(shell: InteractiveShell) -> None:
    """It will write it again; one that it read is."""
    run(shell, "import pathlib\n_ = pathlib.Path('out.csv').write_text('1')")
    run(shell, "pathlib.Path('out.csv').unlink()")
    assert () == diagnosis(shell).findings
    Path("in.csv").write_text("1")
    run(shell, "_ = pathlib.Path('in.csv').read_text()")
    run(shell, "pathlib.Path('in.csv').unlink()")
    assert ["in.csv is missing"] == [finding.detail for finding in diagnosis(shell).findings]


def test_a_module_that_changed_since(shell: InteractiveShell) -> None:
    """On disk."""
    Path("mine_too.py").write_text("x = 1")
    run(shell, "import sys; sys.path.insert(0, '')\nimport mine_too")
    Path("mine_too.py").write_text("x = 22")
    found = diagnosis(shell)
    assert ["changed_module"] == [finding.kind for finding in found.findings]


def test_a_cell_that_is_gone_from_the_notebook(bare: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where others use what it made; a cell of which nothing is used matters to nobody."""
    notebook = Path("nb.ipynb").absolute()
    notebook.write_text(json.dumps({"cells": [{"id": "kept"}, {"id": "load"}]}))
    monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))
    for cell_id, source in (("load", "%load_ext ithtel"), ("gone", "x = 1; z = 1"), ("kept", "y = x")):
        bare.run_cell(source, store_history=True, cell_id=cell_id)
    found = diagnosis(bare)
    assert [("deleted_cell", "x of [2], which is no longer in the notebook")] == [
        (finding.kind, finding.detail) for finding in found.findings
    ]
    assert ["deleted_cell"] == [hazard["kind"] for hazard in recorded("hazard", Path("logs/ndjson/nb.jsonl"))]


def test_git_is_asked_on_request(shell: InteractiveShell) -> None:
    """It differs from day to day, so it is not in a notebook's outputs otherwise."""
    subprocess.run(["git", "init", "-q", "."], check=True)
    Path("a.txt").write_text("1")
    subprocess.run(["git", "add", "a.txt"], check=True)
    subprocess.run(["git", "-c", "user.name=u", "-c", "user.email=e", "commit", "-qm", "x"], check=True)
    assert "no threat to reproduction found in 2 cells and git" in repr(diagnosis(shell, "--git"))
    Path("a.txt").write_text("2")
    assert () == diagnosis(shell).findings
    assert {} == hazards()
    assert "uncommitted: there are uncommitted changes" in repr(diagnosis(shell, "--git"))
    assert {"uncommitted": ["there are uncommitted changes"]} == hazards()
