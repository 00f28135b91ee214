"""The results of checks in the formats that CI systems read."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import pytest
from nbformat import v4

from ithtel.commands.replay.check import Checked
from ithtel.commands.replay.report_checks import report_checks
from ithtel.reading.diff.diff import diff
from ithtel.reading.history.values import Execution, History, Value


@pytest.fixture
def departing() -> Checked:
    """A notebook whose second cell departs, with hostile text in it."""
    path = Path("notebooks/a b.ipynb")
    path.parent.mkdir()
    cells = [v4.new_markdown_cell("title"), v4.new_code_cell("a = 1"), v4.new_code_cell("x = a")]
    nbformat.write(v4.new_notebook(cells=cells), path)
    runs = []
    for digest in ("fp1:a", "fp1:b"):
        values = {"x": Value(kind="object", type="int", fingerprint=digest)}
        second = Execution(place=2, source="x = a  # 100%\n\x1b[31m]]>", values=values)
        runs.append(History(name="demo", executions=[Execution(place=1, source="a = 1"), second]))
    return Checked(path=path, outcome="departs", difference=diff(*runs))


GOOD = Checked(path=Path("good.ipynb"), outcome="same")
BAD = Checked(path=Path("bad.ipynb"), outcome="cannot", failure="not a notebook: line 1, column 2")


def test_github_shows_a_departure_at_its_cell(departing: Checked) -> None:
    """At the line of the file where the cell's source begins; newlines, colons and commas are escaped."""
    lines = report_checks([GOOD, departing, BAD], "github").splitlines()
    notes = [line for line in lines if line.startswith("::error")]
    assert 2 == len(notes)
    source = departing.path.read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(source, start=1) if '"source"' in text and "x = a" in text + source[n])
    assert notes[0].startswith(f"::error file=notebooks/a b.ipynb,line={line},title=[2] departs%3A ")
    assert (
        "::error file=bad.ipynb,line=1,title=ithtel cannot check this notebook::not a notebook: line 1, column 2"
        == notes[1]
    )
    assert all("\x1b" not in note for note in notes)


def test_junit_counts_failures_and_errors(departing: Checked) -> None:
    """It is XML whatever the texts hold; each test names its notebook and holds the verdict."""
    root = ET.fromstring(report_checks([GOOD, departing, BAD], "junit"))  # noqa: S314 - our own
    assert {"tests": "3", "failures": "1", "errors": "1"} == root.attrib
    cases = root.findall("testsuite/testcase")
    assert ["good.ipynb", "a b.ipynb", "bad.ipynb"] == [case.get("name") for case in cases]
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "departs at cell [2]" in failure.text
    assert cases[2].find("error") is not None
    assert not list(cases[0])


def test_json_holds_everything(departing: Checked) -> None:
    """One object for each notebook, with its path and the whole difference."""
    good, bad = json.loads(report_checks([GOOD, departing], "json"))
    assert ("good.ipynb", True, "same") == (good["path"], good["is_good"], good["outcome"])
    assert "[2]" == bad["difference"]["verdict"]["first"]["label"]
