"""Notebooks against their baselines, and against themselves, in real kernels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import v4
from typer.testing import CliRunner

from ithtel.cli import app
from ithtel.commands.replay.check import Checked, check

pytestmark = pytest.mark.kernel

GOOD = [
    "import numpy as np",
    "rng = np.random.default_rng(42)",
    "x = rng.normal(size=50).cumsum()\nx[-1].round(3)",
    "print('made', object)",
    "object()",
    "import warnings\nwarnings.warn('careful')\nnp.array([1.0]) / 0",
]


def notebook(*cells: str, path: Path = Path("notebooks/demo.ipynb")) -> Path:
    """Write a notebook."""
    path.parent.mkdir(exist_ok=True)
    written = v4.new_notebook(
        cells=[v4.new_code_cell(cell, id=f"c{n}") for n, cell in enumerate(cells)],
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
    )
    path.write_text(nbformat.writes(written) + "\n", encoding="utf-8")
    return path


def only(*targets: Path, **options: object) -> Checked:
    """Check one notebook."""
    (checked,) = check(targets, **options)
    return checked


def test_a_notebook_is_as_its_baseline_says() -> None:
    """Written, small, without times, ids and texts; the same when written again; then compared."""
    path = notebook(*GOOD)
    assert "updated" == only(path, update=True).outcome
    baseline = Path("notebooks/demo.baseline.ndjson")
    written = baseline.read_bytes()
    assert "updated" == only(path, update=True).outcome
    assert written == baseline.read_bytes()
    assert len(written) < 4_000
    assert b"cumsum" not in written
    assert b"sess_" not in written
    checked = only(Path("notebooks"))
    assert "same" == checked.outcome, checked.text()
    assert not list(Path("notebooks").glob("logs*"))


def test_what_was_not_compared_is_named() -> None:
    """Below the line of a notebook that is as its baseline says."""
    path = notebook("import sqlite3\ncon = sqlite3.connect(':memory:')")
    assert "updated" == only(path, update=True).outcome
    checked = only(path)
    assert "same" == checked.outcome
    assert "not compared: con in [1] (sqlite3.Connection does not give its state)" in checked.text()


def test_what_departs_from_the_baseline_is_found() -> None:
    """At the cell, with its class; the exit code says so."""
    path = notebook(*GOOD)
    only(path, update=True)
    notebook(*GOOD[:2], GOOD[2].replace("50", "51"), *GOOD[3:])
    checked = only(path)
    assert "departs" == checked.outcome
    assert checked.difference is not None
    first = checked.difference.verdict.first
    assert first is not None
    assert ("[3]", "code_changed") == (first.label, first.cause)
    result = CliRunner().invoke(app, ["check", "notebooks"])
    assert 1 == result.exit_code
    assert "demo.ipynb: departs at cell [3]: code_changed" in result.output


def test_a_notebook_that_records_itself_is_checked() -> None:
    """`%load_ext ithtel` within it is as good."""
    path = notebook("%load_ext ithtel", "rng = %seed 42", "x = rng.normal(size=3)\nx")
    only(path, update=True)
    assert "same" == only(path).outcome


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["input('name? ')"], "cell `input('name? ')` asks for input"),
        (["import os; os._exit(1)"], "killed the kernel"),
        (["%load_ext ithtel\n%ithtel set private=True", "x = 1"], "it records in private mode"),
        (["x = 1"], "no baseline: run ithtel check --update to write it"),
    ],
)
def test_what_cannot_be_checked_is_said(cells: list[str], reason: str) -> None:
    """Without a traceback; exit code 2."""
    path = notebook(*cells)
    checked = only(path)
    assert "cannot" == checked.outcome
    assert reason in checked.text()
    assert 2 == CliRunner().invoke(app, ["check", str(path)]).exit_code


@pytest.mark.parametrize(("cell", "reason"), [
    ("open('prices.csv')", "raises FileNotFoundError: [Errno 2] No such file or directory: 'prices.csv' (is the file"),
    ("1 / 0", "raises ZeroDivisionError: division by zero (if the cell is meant to raise, tag it raises-exception)"),
])  # fmt: skip
def test_no_baseline_is_written_of_a_cell_that_raises_by_accident(cell: str, reason: str) -> None:
    """It would make the failure the expected result. The message names the cell, the exception and the fix."""
    checked = only(notebook("a = 1", cell), update=True)
    assert "cannot" == checked.outcome
    assert f"no baseline was written, because cell [2] {reason}" in checked.text()
    assert not list(Path("notebooks").glob("*.ndjson"))


def test_a_literal_seed_in_a_baseline_is_known_from_other_text() -> None:
    """Though the baseline holds no text: another seed is `seed_changed`, other text is `code_changed`."""
    cells = ["import numpy as np", "rng = np.random.default_rng(7)", "x = rng.normal(size=3)"]
    path = notebook(*cells)
    only(path, update=True)
    for edited, cause in (
        ("rng = np.random.default_rng(8)", "seed_changed"),
        ("rng = np.random.RandomState(7)", "code_changed"),
    ):
        notebook(cells[0], edited, cells[2])
        difference = only(path).difference
        assert difference is not None
        assert difference.verdict.first is not None
        assert ("[2]", cause) == (difference.verdict.first.label, difference.verdict.first.cause)


def test_a_baseline_of_cells_that_are_meant_to_raise_says_so() -> None:
    """By Jupyter's tag, or by their saved output."""
    path = notebook("a = 1", "1 / 0", "def broken(:")
    tagged = nbformat.read(path, as_version=4)
    tagged.cells[1].metadata["tags"] = ["raises-exception"]
    tagged.cells[2].outputs = [v4.new_output("error", ename="SyntaxError", evalue="", traceback=[])]
    nbformat.write(tagged, path)
    written = only(path, update=True)
    assert "notebooks/demo.ipynb: baseline written; cell [2] raises ZeroDivisionError; cell [3] raises SyntaxError" == (
        written.text()
    )
    assert "same" == only(path).outcome


def test_what_is_no_notebook_is_said() -> None:
    """Each in a line."""
    Path("bad.ipynb").write_text("nonsense", encoding="utf-8")
    assert "not a notebook" in only(Path("bad.ipynb")).text()
    path = notebook("x = 1")
    Path("notebooks/demo.baseline.ndjson").write_text("nonsense\n", encoding="utf-8")
    assert "is not a baseline" in only(path).text()


def test_flaky_cells_are_found_with_their_fixes() -> None:
    """Seed, clock, order of a set; the fixes are written, and then the seeded cell is not flaky."""
    path = notebook(
        "import random, time\nimport numpy as np",
        "x = random.random()",
        "print('took', time.perf_counter(), 's')",
        "order = list({'crest', 'nadir', 'hurdle', 'epoch', 'nav', 'side'})",
        "y = 7",
    )
    before = json.loads(path.read_text(encoding="utf-8"))
    checked = only(path, runs=2, write=True)
    found = {each.label: each for each in checked.flaky}
    assert {"[2]": "unseeded_rng", "[3]": "clock_or_hash_order", "[4]": "clock_or_hash_order"} == {
        label: each.cause for label, each in found.items()
    }
    assert ["seed_cell"] == [fix.kind for fix in found["[2]"].fixes]
    assert ["sanitize"] == [fix.kind for fix in found["[3]"].fixes]
    assert "regex: took" in found["[3]"].fixes[0].text
    assert "sorted" in found["[4]"].fixes[0].text
    after = json.loads(path.read_text(encoding="utf-8"))
    assert "import random\nrandom.seed(42)" == "".join(after["cells"].pop(1)["source"])
    assert before == after
    assert [path, path.with_name("nbval.cfg").resolve()] == checked.fixed
    assert "fixes written to demo.ipynb, nbval.cfg" in checked.text()
    assert {"[5]"} == {each.label for each in only(path, runs=2).flaky}


def test_no_circumstance_is_blamed_for_a_cell_that_differs_by_itself() -> None:
    """Though the runs differ in hash seed and time zone, and the cell holds a set; nor is anything written."""
    path = notebook(
        "import secrets", "x = secrets.randbits(64)", "names = {'a'}\ny = secrets.randbits(64)",
        "import random\nrandom.seed(1)\nz = secrets.randbits(64)",
    )  # fmt: skip
    before = path.read_bytes()
    checked = only(path, runs=2, write=True)
    assert [(label, "unseeded_rng", ["the cell"]) for label in ("[2]", "[3]", "[4]")] == [
        (each.label, each.cause, each.names) for each in checked.flaky
    ]
    assert not any(word in checked.text() for word in ("timezone", "time zone", "PYTHONHASHSEED", "seed(42)"))
    assert before == path.read_bytes()


def test_a_circumstance_that_alone_makes_a_difference_is_the_cause() -> None:
    """Shown by a run that differs in it alone; a cell that names the time zone needs none."""
    Path("notebooks").mkdir()
    Path("notebooks/hidden.py").write_text(
        "import time\n\n\ndef day():\n    return time.localtime(0).tm_mday + time.localtime(0).tm_hour\n"
        "\n\ndef order():\n    return list({'crest', 'nadir', 'hurdle', 'epoch', 'nav', 'side'})\n",
        encoding="utf-8",
    )
    path = notebook(
        "import hidden, datetime", "x = hidden.day()", "y = hidden.order()",
        "z = str(datetime.datetime.fromtimestamp(0))",
    )  # fmt: skip
    found = {each.label: each for each in only(path, runs=2).flaky}
    assert {"[2]": "environment_changed", "[3]": "clock_or_hash_order", "[4]": "environment_changed"} == {
        label: each.cause for label, each in found.items()
    }
    assert ["timezone"] == found["[2]"].names == found["[4]"].names
    assert "time zone" in found["[2]"].fixes[0].text


def test_a_seed_cell_is_for_a_stream_that_was_drawn_from() -> None:
    """Not for one that the cell seeds itself, from the system."""
    path = notebook("import random, secrets", "random.seed()\nx = secrets.randbits(64)", "y = random.random()")
    before = path.read_bytes()
    flaky = only(path, runs=2, write=True).flaky
    assert not [fix for each in flaky if each.label == "[2]" for fix in each.fixes if fix.kind == "seed_cell"]
    assert before == path.read_bytes()


def test_a_rule_that_is_written_holds_for_nbval_and_for_us() -> None:
    """In the file that pytest is configured to read, whose other bytes stay; the baseline is the same afterwards."""
    path = notebook(
        "import time", "print('lap', int(time.perf_counter() * 1e7) % 99_991)", "'at', int(time.time() * 1e7) % 99_991"
    )
    rules = Path("rules.cfg")
    rules.write_text("[ours]\nregex: xyz\nreplace: abc", encoding="utf-8")
    Path("pytest.ini").write_text("[pytest]\naddopts = --nbval-sanitize-with=rules.cfg\n", encoding="utf-8")
    before = path.read_bytes()
    assert [rules.resolve()] == only(path, runs=2, write=True).fixed
    assert before == path.read_bytes()
    assert rules.read_text(encoding="utf-8").startswith("[ours]\nregex: xyz\nreplace: abc\n\n[demo 2]\nregex: lap")
    assert [] == only(path, runs=2).flaky
    only(path, update=True)
    assert "same" == only(path).outcome
    client = NotebookClient(nbformat.read(path, as_version=4), kernel_name="python3")
    path.write_text(nbformat.writes(client.execute()), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-p", "no:randomly"]
    done = subprocess.run([*command, "-p", "no:cacheprovider", str(path)], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout


def test_pytest_checks_notebooks() -> None:
    """`pytest --ithtel`: a test a notebook; what departs is the message."""
    path = notebook(*GOOD)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-c", os.devnull]
    command += ["--rootdir", ".", "-p", "no:nbval"]
    plugin = [] if "ithtel" in plugins() else ["-p", "ithtel.pytest_plugin"]
    done = subprocess.run(
        [*command, *plugin, "--ithtel-update", str(path)], capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout
    notebook(*GOOD[:2], GOOD[2].replace("50", "51"), *GOOD[3:])
    done = subprocess.run([*command, *plugin, "--ithtel", str(path)], capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    assert "demo.ipynb: departs at cell [3]: code_changed" in done.stdout
    assert "Traceback" not in done.stdout


def plugins() -> set[str]:
    """Return the names of the plugins that pytest finds by itself."""
    from importlib.metadata import entry_points

    return {entry.name for entry in entry_points(group="pytest11")}
