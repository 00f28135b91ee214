"""Files that cells wrote are products: they are compared, or named as not compared."""

from __future__ import annotations

from typing import Any

import pytest

from ithtel import events as ev
from ithtel.reading.diff.compared.written import compare_written
from ithtel.reading.diff.diff import diff
from ithtel.reading.diff.verdict import Difference, NotCompared
from ithtel.reading.history.values import Execution, WrittenFile
from research import Session, read, sha


def written(of: str | None, path: str = "/home/u/out.csv", **more: Any) -> ev.FileWrite:
    digest = None if of is None else sha(of)
    return ev.FileWrite(path=path, sha256=digest, size_bytes=3, mtime_ns=1, existed=False, **more)


def compared(
    one: ev.Event | None, other: ev.Event | None, *later: list[ev.Event], rtol: float | None = None
) -> Difference:
    """Compare two sessions whose first cell wrote a file, and that went on with other cells."""
    sessions = []
    for n, first in enumerate((one, other)):
        session = Session(cwd="/home/u").cell("write()", *([] if first is None else [first]))
        for pair in later:
            session.cell("read()", pair[n])
        sessions.append(session.log())
    return diff(sessions[0], sessions[1], rtol)


def test_another_content_is_a_departure_of_the_cell_that_wrote_it() -> None:
    """It is named with its path."""
    found = compared(written("1"), written("2"))
    assert ["out.csv"] == [name for root in found.verdict.roots for name in root.names]
    assert "departs at cell [1]" in found.text()
    assert "written out.csv: the file differs" in found.text()


def test_the_same_bytes_are_the_same() -> None:
    """Whatever the format."""
    assert compared(written("1", reason="r"), written("1", reason="r")).is_empty


def test_other_bytes_with_the_same_content_are_the_same() -> None:
    """Nothing is reported."""
    found = compared(written("1", content="png:sha256:ab"), written("2", content="png:sha256:ab"))
    assert (True, []) == (found.is_empty, found.verdict.not_compared)


def test_other_content_is_a_departure() -> None:
    """Of a format that holds dates."""
    assert not compared(written("1", content="png:sha256:ab"), written("2", content="png:sha256:cd")).is_identical


def test_a_text_that_holds_the_time_is_named() -> None:
    """So that nothing is hidden."""
    found = compared(written("1", content="text:sha256:ab"), written("2", content="text:sha256:ab"))
    assert found.is_identical
    assert "not compared: file out.csv in [1] (the time of day and ids in it)" in found.text()


@pytest.mark.parametrize(("one", "other"), [("1", "2"), (None, "2"), (None, None)])
def test_what_cannot_be_compared_is_named(one: str | None, other: str | None) -> None:
    """With its cell and the reason."""
    found = compared(written(one, reason="a pickle"), written(other, reason="a pickle"))
    assert found.is_identical
    listed = [(each.kind, each.cell, each.what) for each in found.verdict.not_compared]
    assert [("file", "[1]", "file out.csv")] == listed


def test_a_file_that_only_one_session_wrote_is_a_departure() -> None:
    """The record holds all of them."""
    assert "written out.csv: written in only one of the sessions" in compared(written("1"), None).text()


@pytest.mark.parametrize("names", [("run_6f1c2d3e.txt", "run_0a1b2c3d.txt"), ("2026-01-01.csv", "2026-01-02.csv")])
def test_a_name_that_differs_in_every_run_is_named(names: tuple[str, str]) -> None:
    """It cannot be expected again."""
    found = compared(*(written("1", f"/home/u/{name}") for name in names))
    expected = NotCompared(kind="file", cell="[1]", what=f"file {names[0]}", reason="its name differs in every run")
    assert (True, [expected]) == (found.is_identical, found.verdict.not_compared)


def test_files_elsewhere_need_not_be_in_both() -> None:
    """Names of temporary files are random."""
    assert compared(written("1", "/tmp/tmpab12cd34"), None).is_identical  # noqa: S108


def test_a_later_cell_that_reads_a_changed_file_follows_from_the_cell_that_wrote_it() -> None:
    """There is one root."""
    found = compared(written("1"), written("2"), [read("/home/u/out.csv", "1"), read("/home/u/out.csv", "2")])
    assert [("[1]", ["[2]"])] == [(root.label, root.follows) for root in found.verdict.roots]


def test_a_later_cell_may_read_what_was_not_compared() -> None:
    """Its bytes are not an input that changed."""
    one, other = written("1", reason="a pickle"), written("2", reason="a pickle")
    assert compared(one, other, [read("/home/u/out.csv", "1"), read("/home/u/out.csv", "2")]).is_identical


def test_presence_is_not_compared_if_not_all_files_were_recorded() -> None:
    """A cell may write more files than the record holds."""
    many = Execution(place=1, written={"a.csv": WrittenFile(sha256="ab")}, skipped={"files": "9 more than 200"})
    assert [] == compare_written(many, Execution(place=1), with_presence=True).departures


def test_within_a_tolerance_a_file_with_other_bytes_is_named() -> None:
    """Its numbers may differ in the last digits only, as on another processor; without a tolerance it departs."""
    one, other = written("1"), written("2")
    assert not compared(one, other).is_identical
    found = compared(one, other, rtol=1e-6)
    assert found.is_identical
    assert "file out.csv in [1] (its bytes differ" in found.text()
